import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { createMemoryHolder, type Holder } from '../../../emulator/control/holder.ts';
import { CLOSE } from '../../../emulator/control/sockets.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import {
  ask,
  isAnswer,
  isHello,
  listenTo,
  startTestControl,
  TEST_ACCESS,
  type TestControl,
} from '../../support/control-server.ts';
import { keptDevice } from '../../support/kept-device.ts';

const PRESS = `/${TEST_ACCESS}/v1/tokens/E6-00000001/press`;
/** As Java's HttpClient and `curl --http2` offer it (RFC 7540 section 3.2). */
const OFFER = [
  'Connection: Upgrade, HTTP2-Settings',
  'Upgrade: h2c',
  'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
];

describe('odd clients of the control interface', () => {
  let control: TestControl;
  let socket: Socket;

  beforeEach(async () => {
    control = await startTestControl([keptDevice('E6-00000001', 'e6')]);
    socket = connect(control.port, '127.0.0.1');
    await once(socket, 'connect');
  });
  afterEach(async () => {
    socket.destroy();
    await control.close();
  });

  const presses = async () => (await control.holder.list())[0]?.device.state.presses;
  const request = (line: string, headers: readonly string[], body = '') =>
    [line, `Host: 127.0.0.1:${control.port}`, ...headers, '', body].join('\r\n');
  /** Everything that comes until it matches. */
  const answered = async (pattern: RegExp): Promise<string> => {
    let text = '';
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      text += chunk;
      if (pattern.test(text)) break;
    }
    return text;
  };

  it('one that offers HTTP/2 is answered as any other', async () => {
    socket.write(request(`POST ${PRESS} HTTP/1.1`, [...OFFER, 'Content-Length: 0']));
    expect(await answered(/\}$/)).to.match(/^HTTP\/1\.1 200 OK\r\n[\s\S]*"code":"755224"/);
  });

  it('and so is its next request, and a body that comes in pieces', async () => {
    const json = '{"hold":"10ms"}';
    const headers = [...OFFER, 'Content-Type: application/json', `Content-Length: ${json.length}`];
    const waits = [...headers, 'Expect: 100-continue'];
    socket.write(request(`POST ${PRESS} HTTP/1.1`, waits, json.slice(0, 4)));
    await answered(/100 Continue\r\n\r\n$/);
    socket.write(json.slice(4));
    expect(await answered(/\}$/)).to.contain('"code":"755224"');
    socket.write(request(`POST ${PRESS} HTTP/1.1`, headers, json));
    expect(await answered(/\}$/)).to.contain('"code":"287082"');
    socket.write(request(`POST ${PRESS} HTTP/1.1`, ['Content-Length: 0']));
    expect(await answered(/\}$/)).to.contain('"code":"359152"');
    expect(await presses()).to.equal(3);
  });

  it('an offer opens no door: names, origins and the access token are looked at', async () => {
    const strange = request(`POST ${PRESS} HTTP/1.1`, [...OFFER, 'Origin: http://evil.example']);
    socket.write(strange.replace('\r\n\r\n', '\r\nContent-Length: 0\r\n\r\n'));
    expect(await answered(/Not found\n$/)).to.match(/^HTTP\/1\.1 404 /);
    socket.write(request('POST /v1/tokens/E6-00000001/press HTTP/1.1', OFFER));
    expect(await answered(/Not found\n$/)).to.match(/^HTTP\/1\.1 404 /);
    expect(await presses()).to.equal(0);
  });

  it('one that goes away in the middle of a body is no failure', async () => {
    const headers = [
      'Content-Type: application/json',
      'Content-Length: 20',
      'Expect: 100-continue',
    ];
    socket.write(request(`POST ${PRESS} HTTP/1.1`, headers, '{'));
    await answered(/100 Continue/);
    socket.resetAndDestroy();
    await once(socket, 'close');
    const line = await listenTo(control);
    line.send({ id: 1, command: 'list' });
    await line.until(isAnswer(1));
    line.close();
    expect(control.failures).to.deep.equal([]);
    expect(await presses()).to.equal(0);
  });
});

describe('a drawer that cannot be read for a while', () => {
  it('ends the connection that could not be greeted; the next one is', async () => {
    const memory = createMemoryHolder([keptDevice('E6-00000001', 'e6')]);
    let broken = true;
    const holder: Holder = {
      ...memory,
      async list() {
        if (broken) throw new FobtwinError('drawerDamaged', 'The drawer is damaged');
        return memory.list();
      },
    };
    const control = await startTestControl([], { holder });
    try {
      expect((await ask(control, 'GET', 'v1/tokens')).status).to.equal(503);
      const socket = new WebSocket(new URL('v1/events', control.address.replace('http', 'ws')));
      const said = once(socket, 'message');
      expect((await once(socket, 'close'))[0]).to.equal(CLOSE.failed);
      expect(JSON.parse(String((await said)[0]))).to.have.nested.property('error.status', 503);
      broken = false;
      const line = await listenTo(control);
      await line.until(isHello);
      line.close();
    } finally {
      await control.close();
    }
  });
});

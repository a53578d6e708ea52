import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { DISCARDED_BYTES_MAX } from '../../../server/http/request-body.ts';
import { type Served, serve, timeEntry } from './served.ts';

/** What an HTTP library would not send: each test speaks through a socket of its own. */
describe('connections', () => {
  let served: Served;
  let socket: Socket;

  beforeEach(async () => {
    served = await serve();
    socket = connect(Number(new URL(served.url).port), '127.0.0.1');
    socket.setEncoding('latin1');
    await once(socket, 'connect');
  });
  afterEach(async () => {
    socket.destroy();
    await served.close();
  });

  const head = (line: string, ...headers: string[]): string =>
    `${[line, 'Host: fobd', ...headers].join('\r\n')}\r\n\r\n`;

  /** Reads until `pattern` stands in what was received. */
  async function received(pattern: RegExp): Promise<string> {
    let text = '';
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      text += chunk;
      if (pattern.test(text)) return text;
    }
    throw new Error(`the connection ended after: ${text}`);
  }

  it('are kept after a body that was too large, and the next request is answered', async () => {
    const key = await served.key();
    const authorization = `Authorization: Bearer ${key}`;
    const body = 'x'.repeat(1024 * 1024);
    const type = 'Content-Type: application/json';
    socket.write(
      head('POST /v1/verify HTTP/1.1', authorization, type, `Content-Length: ${body.length}`),
    );
    expect(await received(/requestId.*\}/s)).to.match(/^HTTP\/1\.1 413 /);
    socket.write(body);
    socket.write(head('GET /healthz HTTP/1.1'));
    expect(await received(/"ok"/)).to.match(/^HTTP\/1\.1 200 /);
  });

  it('are answered before a seed file that is declared too large is sent', async () => {
    const key = await served.key();
    socket.write(
      head(
        'POST /v1/seed-files HTTP/1.1',
        `Authorization: Bearer ${key}`,
        'Content-Type: text/csv',
        `Content-Length: ${256 * 1024 * 1024 + 1}`,
      ),
    );
    const reply = await received(/requestId.*\}/s);
    expect(reply)
      .to.match(/^HTTP\/1\.1 413 /)
      .and.include('bodyTooLarge');
  });

  it('of strangers who send without end are answered, then ended', async () => {
    socket.on('error', () => {});
    socket.write(head('POST /v1/seed-files HTTP/1.1', 'Transfer-Encoding: chunked'));
    expect(await received(/requestId.*\}/s)).to.match(/^HTTP\/1\.1 401 /);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    let sent = 0;
    socket.resume();
    while (!socket.destroyed && sent < 20 * DISCARDED_BYTES_MAX) {
      sent += 0x10000;
      const isFlushed = new Promise((resolve) => socket.write(chunk, 'latin1', resolve));
      await Promise.race([isFlushed, closed]);
    }
    await closed;
    // What the sockets of both sides hold comes on top.
    expect(sent).to.be.within(DISCARDED_BYTES_MAX, 3 * DISCARDED_BYTES_MAX);
  });

  it('that break off inside a seed file leave nothing behind', async () => {
    const key = await served.key();
    socket.write(
      head(
        'POST /v1/seed-files HTTP/1.1',
        `Authorization: Bearer ${key}`,
        'Content-Type: text/csv',
        'Content-Length: 5000',
      ),
    );
    socket.write(
      `serial,seed,algorithm,digits,period,counter\nFT01,${'31'.repeat(20)},SHA1,6,30,\n`,
    );
    socket.end();
    await once(socket.resume(), 'close');
    const { json } = await served.send({ method: 'GET', path: '/v1/tokens', key });
    expect(json['items']).to.deep.equal([]);
    expect(served.logged).to.deep.equal([]);
  });

  it('of a bad seed file are answered while it is still being sent', async () => {
    const key = await served.key();
    await served.stock(timeEntry('FT01'));
    socket.write(
      head(
        'POST /v1/seed-files HTTP/1.1',
        `Authorization: Bearer ${key}`,
        'Content-Type: text/csv',
        'Content-Length: 5000000',
      ),
    );
    socket.write('serial,seed,algorithm,digits,period,counter\nFT02,zz,SHA1,6,30,\n');
    const reply = await received(/requestId.*\}/s);
    expect(reply)
      .to.match(/^HTTP\/1\.1 422 /)
      .and.include('line 2');
  });

  it('end with the reply once fobd is stopping', async () => {
    served.status = 'stopping';
    socket.write(head('GET /healthz HTTP/1.1'));
    const [text] = await once(socket, 'data');
    expect(text).to.match(/\r\nConnection: close\r\n/i);
    await once(socket.resume(), 'close');
  });
});

import { once } from 'node:events';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { press } from '../../../emulator/device/device.ts';
import { createOtp } from '../../../shared/otp.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import {
  isAnswer,
  isChange,
  isHello,
  listenTo,
  startTestControl,
  type TestControl,
  type TestSocket,
} from '../../support/control-server.ts';
import { TEST_NOW } from '../../support/fob-env.ts';
import { keptDevice, serialOf } from '../../support/kept-device.ts';
import { nodeCrypto } from '../../support/node-crypto.ts';

describe('the control interface over a WebSocket', () => {
  let control: TestControl;
  let line: TestSocket;

  beforeEach(async () => {
    const devices = [keptDevice('C30-00000001', 'c30'), keptDevice('E6-00000001', 'e6')];
    control = await startTestControl(devices, { qa: true });
    line = await listenTo(control);
    await line.until(isHello);
  });
  afterEach(async () => {
    line.close();
    await control.close();
    expect(control.failures).to.deep.equal([]);
  });

  it('greets with what there is', async () => {
    const [hello] = line.heard;
    if (hello === undefined || !('event' in hello) || hello.event !== 'hello') {
      throw new Error('the first message is the greeting');
    }
    expect([hello.protocolVersion, hello.qa]).to.deep.equal([1, true]);
    expect(hello.tokens.map(({ serial }) => serial)).to.deep.equal(['C30-00000001', 'E6-00000001']);
  });

  it('answers a command, and pushes the change to everybody', async () => {
    const other = await listenTo(control);
    await other.until(isHello);
    line.send({ id: 7, command: 'press', serial: 'E6-00000001' });
    const answer = await line.until(isAnswer(7));
    expect(answer).to.have.nested.property('result.code', '755224');
    await line.until(isChange(({ display }) => display === '755224'));
    await other.until(isChange(({ display }) => display === '755224'));
    other.close();
  });

  it('pushes what time changes: the next code, and the dark', async () => {
    line.send({ id: 1, command: 'press', serial: 'C30-00000001' });
    const answer = await line.until(isAnswer(1));
    const first = 'result' in answer ? (answer.result as { display: string }).display : '';
    control.set((TEST_NOW + 31_000) as UnixMillis);
    control.tick();
    await line.until(isChange(({ display, state }) => display === '' && state === 'asleep'));
    expect(first).to.match(/^\d{6}$/);
  });

  it('pushes presses made elsewhere', async () => {
    const env = { otp: createOtp(nodeCrypto) };
    await control.holder.change(serialOf('E6-00000001'), (device) => press(device, TEST_NOW, env));
    control.tick();
    await line.until(isChange(({ display }) => display === '755224'));
  });

  it('says nothing while nothing changes', async () => {
    control.set((TEST_NOW + 500) as UnixMillis);
    control.tick();
    control.tick();
    line.send({ id: 1, command: 'list' });
    await line.until(isAnswer(1));
    expect(line.heard.filter((message) => 'event' in message)).to.have.length(1);
  });

  it('answers pictures as text', async () => {
    const serial = 'E6-00000001';
    line.send({ id: 1, command: 'screenshot', serial, format: 'svg' });
    expect(await line.until(isAnswer(1)))
      .to.have.nested.property('result.utf8')
      .match(/^<svg/);
    line.send({ id: 2, command: 'screenshot', serial, part: 'display', scale: 1 });
    const answer = await line.until(isAnswer(2));
    expect(answer)
      .to.have.nested.property('result.base64')
      .match(/^iVBOR/);
  });

  const REFUSED: readonly (readonly [string, object, string, string | undefined])[] = [
    ['an unknown command', { id: 1, command: 'explode' }, 'invalidInput', '/command'],
    ['a command of Object', { id: 1, command: 'toString' }, 'invalidInput', '/command'],
    ['no command', { id: 1 }, 'invalidInput', '/command'],
    ['an unknown token', { id: 1, command: 'press', serial: 'X' }, 'deviceNotFound', undefined],
    ['no token', { id: 1, command: 'press' }, 'invalidInput', '/serial'],
  ];
  for (const [what, message, code, field] of REFUSED) {
    it(`refuses ${what}, and goes on`, async () => {
      line.send(message);
      const answer = await line.until(isAnswer(1));
      expect(answer).to.have.nested.property('error.code', code);
      if (field !== undefined)
        expect(answer).to.have.nested.property('error.errors[0].field', field);
      line.send({ id: 2, command: 'list' });
      expect(await line.until(isAnswer(2))).to.have.property('result');
    });
  }

  it('refuses what is no JSON, no object, has no id, or is not text', async () => {
    for (const message of ['{', '[]', '{"command":"list"}', Buffer.from('{}')]) {
      const before = line.heard.length;
      line.socket.send(message);
      while (line.heard.length === before) await once(line.socket, 'heard');
      expect(line.heard.at(-1)).to.have.property('id', null);
      expect(line.heard.at(-1)).to.have.property('error');
    }
  });

  it('closes on a message that is too long', async () => {
    const closed = once(line.socket, 'close');
    line.socket.send('x'.repeat(20_000));
    expect((await closed)[0]).to.equal(1009);
  });

  it('tells a client that floods it, then closes; the token counted what was done', async () => {
    const closed = once(line.socket, 'close');
    for (let id = 1; id <= 1500; id += 1) {
      line.send({ id, command: 'press', serial: 'E6-00000001' });
    }
    expect((await closed)[0]).to.equal(4429);
    const results = line.heard.filter((message) => 'result' in message);
    const refusals = line.heard.filter((message) => 'error' in message);
    expect(refusals[0]).to.have.nested.property('error.status', 429);
    const { device } = await control.holder.read(serialOf('E6-00000001'));
    expect(device.state.presses).to.be.at.least(results.length).and.at.most(100);
    expect(device.state.counter).to.equal(device.state.presses);
    line = await listenTo(control);
    await line.until(isHello);
  });

  it('lets nobody in without access token, from another origin, or by another path', async () => {
    const { port, address } = control;
    const good = new URL('v1/events', address.replace('http', 'ws'));
    for (const [url, headers] of [
      [new URL(`ws://127.0.0.1:${port}/v1/events`), {}],
      [new URL(good.href.replace('v1/events', 'v1/tokens')), {}],
      [good, { Origin: 'http://evil.example' }],
      [good, { Host: 'evil.example' }],
    ] as const) {
      const socket = new WebSocket(url, { headers });
      const [error] = (await once(socket, 'error')) as [Error];
      expect(error.message).to.contain('404');
    }
  });
});

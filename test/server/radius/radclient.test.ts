import { expect } from 'chai';
import { OUTCOME_TEXTS, SIGN_IN_TEXTS } from '../../../shared/wire/texts.ts';
import { type Peer, peerOrSkip } from '../../support/debian.ts';
import { makeRequest, readReply } from '../../support/radius-packets.ts';
import { openClient } from './listening.ts';
import { ask, stateIn } from './radclient.ts';
import { PASSWORD, type RadiusServed, SECRET, serveRadius, USER } from './serving.ts';

/** FreeRADIUS's client against a serving fobd, with codes pressed on an emulated token. */
describe('radclient signs in', () => {
  let radclient: Peer;
  let served: RadiusServed;

  before(async function () {
    radclient = await peerOrSkip(this, 'radclient');
    const replies = [
      { attribute: 'Class', value: '{account} {strength}' },
      { attribute: 'Session-Timeout', value: 3600 },
      { attribute: 'Tunnel-Type', value: 'VLAN', tag: 1 },
      { attribute: 'Tunnel-Private-Group-ID', value: '42', tag: 1 },
      { attribute: 'Vendor-Specific', value: { vendor: 9, type: 1, value: 'shell:priv-lvl=15' } },
    ];
    served = await serveRadius([
      { name: 'alone', addresses: ['127.0.0.2'], mode: 'code', codeAlone: true, replies },
      { name: 'asks', addresses: ['127.0.0.3'], mode: 'challenge' },
      { name: 'joined', addresses: ['127.0.0.4'], mode: 'appended' },
    ]);
  });
  after(() => served?.stop());

  /** @param from the address that tells which client it is */
  const askFrom = (from: string, attributes: Readonly<Record<string, string>>) => {
    const where = { port: served.port, secret: SECRET };
    const request = { 'User-Name': USER, ...attributes, 'Packet-Src-IP-Address': from };
    return ask(radclient, where, request);
  };

  it('with a code alone, and is refused when it comes again', async () => {
    const code = served.press();
    const good = await askFrom('127.0.0.2', { 'User-Password': code });
    expect(good).to.include('Received Access-Accept');
    expect(good).to.match(/Class = 0x6a656e6e69666572206d6f62696c654964/);
    expect(good).to.match(/Session-Timeout = 3600/);
    expect(good).to.match(/Tunnel-Type:1 = VLAN/);
    expect(good).to.match(/Tunnel-Private-Group-Id:1 = "42"/);
    expect(good).to.match(/Cisco-AVPair = "shell:priv-lvl=15"/);
    const again = await askFrom('127.0.0.2', { 'User-Password': code });
    expect(again).to.include('Received Access-Reject');
    expect(again).to.include(`Reply-Message = "${OUTCOME_TEXTS.wrongCode}"`);
    const entries = (await served.audit('verify')).slice(-2);
    expect(entries.map(({ actor, outcome }) => [actor, outcome])).to.deep.equal([
      ['radius:alone', 'accepted'],
      ['radius:alone', 'replayed'],
    ]);
  });

  it('with the password, and with the code that the challenge asks for', async () => {
    const asked = await askFrom('127.0.0.3', { 'User-Password': PASSWORD });
    expect(asked).to.include(`Reply-Message = "${SIGN_IN_TEXTS.enterCode}"`);
    const answer = { 'User-Password': served.press(), State: stateIn(asked) };
    expect(await askFrom('127.0.0.3', answer)).to.include('Received Access-Accept');
    const again = await askFrom('127.0.0.3', answer);
    expect(again).to.include('Received Access-Reject');
    expect(again).to.include(SIGN_IN_TEXTS.beginAgain);
  });

  it('is refused with a wrong password, and with a State of another client', async () => {
    const wrong = await askFrom('127.0.0.3', { 'User-Password': `${PASSWORD}!` });
    expect(wrong).to.include(`Reply-Message = "${SIGN_IN_TEXTS.wrongPassword}"`);
    const asked = await askFrom('127.0.0.3', { 'User-Password': PASSWORD });
    const State = stateIn(asked);
    const foreign = await askFrom('127.0.0.4', { 'User-Password': served.press(), State });
    expect(foreign).to.include('Received Access-Reject');
    expect(foreign).to.include(SIGN_IN_TEXTS.beginAgain);
  });

  it('with the code behind the password', async () => {
    const code = served.press();
    const wrong = await askFrom('127.0.0.4', { 'User-Password': `nonsense${code}` });
    expect(wrong).to.include(SIGN_IN_TEXTS.wrongPasswordOrCode.slice(0, 100));
    const good = await askFrom('127.0.0.4', { 'User-Password': `${PASSWORD}${code}` });
    expect(good).to.include('Received Access-Accept');
  });

  it('hears nothing without the Message-Authenticator that it has to send', async () => {
    const where = { port: served.port, secret: SECRET, flags: ['-r', '1', '-t', '1'] };
    const said = await ask(radclient, where, {
      'User-Name': USER,
      'User-Password': '123456',
      'Message-Authenticator': '',
      'Packet-Src-IP-Address': '127.0.0.2',
    });
    expect(said).to.include('No reply from server');
  });

  it('is answered a second time with the very same reply, which counts nothing', async () => {
    const secret = new TextEncoder().encode(SECRET);
    const socket = await openClient('127.0.0.2');
    const before = (await served.audit()).length;
    const request = makeRequest({ secret, userName: USER, password: served.press() });
    await socket.send(request, served.port, '127.0.0.1');
    const first = await socket.next();
    await socket.send(request, served.port, '127.0.0.1');
    const second = await socket.next();
    socket.close();
    expect(readReply(first, request, secret).code).to.equal(2);
    expect(Buffer.from(second).equals(first)).to.equal(true);
    const entries = (await served.audit()).slice(before);
    expect(entries.map(({ action, outcome }) => [action, outcome])).to.deep.equal([
      ['verify', 'accepted'],
    ]);
  });

  it('leaves no password, code or secret in the log', async () => {
    const code = served.press();
    await askFrom('127.0.0.4', { 'User-Password': `${PASSWORD}${code}` });
    for (const text of [PASSWORD, code, SECRET]) {
      expect(served.fobd.log()).not.to.include(text);
      expect(JSON.stringify(await served.audit())).not.to.include(text);
    }
  });
});

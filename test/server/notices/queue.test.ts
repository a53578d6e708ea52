import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import sinon from 'sinon';
import { startSmtpPeer } from '../../support/smtp-peer.ts';
import { JENNIFER, type Mailing, mailTo, openMailing, registered, START } from './mailing.ts';

const MINUTE = 60_000;

describe('many mails, and mails that hold up', function () {
  this.timeout(30_000);
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  });
  const startPeer = async () => {
    const peer = await startSmtpPeer();
    opened.push(peer);
    return peer;
  };
  const open = async (port: number, more: object): Promise<Mailing> => {
    const mailing = await openMailing({ mail: mailTo(port, more) });
    opened.push(mailing);
    return mailing;
  };

  it('sends a thousand that waited, each once, a few at a time', async () => {
    const peer = await startPeer();
    const mailing = await open(peer.port, { connections: 4 });
    for (let count = 0; count < 1_000; count += 1) await mailing.write(registered(`a-${count}`));
    await mailing.sending.listen();
    const queued = async () =>
      (await mailing.service.list({ state: 'queued', limit: 1 })).items.length;
    while ((await queued()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(peer.mails).to.have.length(1_000);
    expect(new Set(peer.mails.map(({ parsed }) => parsed.messageId))).to.have.length(1_000);
  });

  it('sends the others while some are refused, fail, or cannot be opened', async () => {
    const peer = await startPeer();
    const mailing = await open(peer.port, { connections: 1 });
    await mailing.write(registered('a-0', { to: ['"a,b"@example.com'] }));
    await mailing.write(registered('a-1'));
    peer.faults.push({ at: 'rcpt', with: 450 });
    for (let count = 2; count < 20; count += 1) await mailing.write(registered(`a-${count}`));
    await mailing.sending.listen();
    await mailing.until('a-0', ({ state }) => state === 'failed');
    await mailing.until('a-1', ({ attempts }) => attempts === 1);
    for (let count = 2; count < 20; count += 1) {
      await mailing.until(`a-${count}`, ({ state }) => state === 'sent');
    }
    expect((await mailing.notice('a-1'))?.state).to.equal('queued');
    mailing.clock.at = (START + MINUTE) as typeof START;
    await mailing.until('a-1', ({ state }) => state === 'sent');
  });

  it('stops in the midst of them: what was taken is recorded, the rest goes later', async () => {
    const peer = await startPeer();
    const mailing = await open(peer.port, { connections: 2 });
    for (let count = 0; count < 200; count += 1) await mailing.write(registered(`a-${count}`));
    await mailing.sending.listen();
    await mailing.until('a-1', ({ state }) => state === 'sent');
    await mailing.sending.close();
    const taken = peer.mails.length;
    expect(taken).to.be.within(1, 199);
    const { items } = await mailing.service.list({ state: 'sent', limit: 500 });
    expect(items).to.have.length(taken);
    const again = await openMailing({ mail: mailTo(peer.port), store: mailing.store });
    opened.push(again.sending);
    await again.sending.listen();
    while ((await again.service.list({ state: 'queued', limit: 1 })).items.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(peer.mails).to.have.length(200);
  });

  it('cuts off a server that keeps talking and never comes to an end', async () => {
    const talking = await startTalkingPeer();
    opened.push(talking);
    const mailing = await open(talking.port, { silenceSeconds: 600, attemptSeconds: 1 });
    await mailing.sending.listen();
    await mailing.write(registered('a-1'));
    const notice = await mailing.until('a-1', ({ attempts }) => attempts === 1);
    expect(notice).to.deep.include({ state: 'queued' });
    expect(notice.failure).to.match(/^E[A-Z]+$/);
    await talking.left;
  });

  it('reads nothing of the log where there is neither mail server nor webhook', async () => {
    const mailing = await openMailing();
    opened.push(mailing);
    const page = sinon.spy(mailing.store, 'auditPage');
    await mailing.sending.listen();
    const transact = sinon.spy(mailing.store, 'transact');
    for (let count = 0; count < 300; count += 1) {
      await mailing.record({ at: START, actor: 'test', action: 'lock', account: JENNIFER });
    }
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(page.callCount).to.equal(0);
    // Those of the entries themselves, and one that asks for the places of no webhooks.
    expect(transact.callCount).to.be.at.most(301);
  });
});

/** Begins a reply to EHLO that never ends. */
async function startTalkingPeer() {
  const server = createServer();
  const left = once(server, 'connection').then(async ([socket]: Socket[]) => {
    socket?.on('error', () => undefined).resume();
    socket?.write('220 good day\r\n');
    const talking = setInterval(() => socket?.write('250-and another thing\r\n'), 100);
    await once(socket ?? server, 'close');
    clearInterval(talking);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, left, close: async () => void server.close() };
}

import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { isReachable } from '../../../server/notices/webhooks/address.ts';
import { createWebhookSender } from '../../../server/notices/webhooks/sender.ts';
import { CALLER, openMailing } from './mailing.ts';

const CHUNK = Buffer.alloc(16 * 1024, 0x20);

/** Talks to each caller as the test says, below HTTP. */
async function startPeer(talk: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => talk(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    server,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe('endpoints that mean no good', () => {
  let peer: Awaited<ReturnType<typeof startPeer>>;
  const sender = () => createWebhookSender({ attemptMillis: 1_000 });
  afterEach(() => peer.close());
  const post = async () => {
    const sending = sender();
    const call = { url: peer.url, allowsPrivate: false, headers: {}, body: '{}' };
    const answer = await sending.post(call);
    await sending.close();
    return answer;
  };

  it('is sent nothing once the sender is closed, whatever was on its way there', async () => {
    let connections = 0;
    peer = await startPeer((socket) => {
      connections += 1;
      socket.end('HTTP/1.1 204 taken\r\n\r\n');
    });
    const sending = sender();
    const posted = sending.post({ url: peer.url, allowsPrivate: false, headers: {}, body: '{}' });
    await sending.close();
    expect(await posted).to.deep.equal({ result: 'failed', failure: 'ECANCELED' });
    expect(connections).to.equal(0);
  });

  it('has an endless reply read to a limit', async () => {
    let written = 0;
    peer = await startPeer((socket) => {
      socket.write('HTTP/1.1 500 no\r\ntransfer-encoding: chunked\r\n\r\n');
      const more = (): void => {
        while (!socket.destroyed) {
          written += CHUNK.length;
          const goes = socket.write(`${CHUNK.length.toString(16)}\r\n${CHUNK}\r\n`);
          if (!goes) break;
        }
      };
      socket.on('drain', more);
      more();
    });
    expect(await post()).to.deep.equal({ result: 'failed', failure: 'status 500' });
    // What the two sockets hold on the way, and no more.
    expect(written).to.be.below(64 * 1024 * 1024);
  });

  it('gives up one that sends its head a byte at a time', async () => {
    peer = await startPeer((socket) => {
      socket.write('HTTP/1.1 200 fine\r\n');
      const talking = setInterval(() => socket.write('x'), 50);
      socket.on('close', () => clearInterval(talking));
    });
    expect(await post()).to.deep.equal({ result: 'failed', failure: 'ETIMEDOUT' });
  });

  it('takes the word of one that sends its body a byte at a time, and soon leaves', async () => {
    peer = await startPeer((socket) => {
      socket.write('HTTP/1.1 200 fine\r\ncontent-length: 9999\r\n\r\n');
      const talking = setInterval(() => socket.write('x'), 50);
      socket.on('close', () => clearInterval(talking));
    });
    const began = performance.now();
    expect(await post()).to.deep.equal({ result: 'taken' });
    expect(performance.now() - began).to.be.below(5_000);
  });

  it('says of a head beyond all limits that it failed', async () => {
    peer = await startPeer((socket) => {
      socket.write(`HTTP/1.1 200 fine\r\nx: ${'y'.repeat(1_000_000)}\r\n\r\n`);
    });
    expect(await post()).to.deep.include({ result: 'failed' });
  });

  it('is removed while a call to it is under way: nothing is left, nothing fails', async () => {
    peer = await startPeer(() => undefined);
    const called = once(peer.server, 'connection') as Promise<Socket[]>;
    const mailing = await openMailing();
    await mailing.sending.listen();
    const { webhook } = await mailing.webhooks.add({ url: peer.url }, CALLER);
    const [socket] = await called;
    await mailing.webhooks.remove(webhook.id, CALLER);
    socket?.end('HTTP/1.1 200 fine\r\ncontent-length: 0\r\n\r\n');
    await mailing.sending.close();
    expect(await mailing.webhooks.list()).to.deep.equal([]);
    expect(mailing.logged).to.deep.equal([]);
    await mailing.close();
  });
});

describe('where a connection may go', () => {
  const special = [
    ...['0.0.0.0', '10.0.0.1', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.16.0.1'],
    ...['192.168.0.1', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
    ...['::', '::1', '::ffff:10.0.0.1', '::ffff:a00:1', '::10.0.0.1', '64:ff9b::a00:1'],
    ...['64:ff9b:1::a00:1', '2002:a00:1::', '2001::1', 'fe80::1', 'fec0::1', 'fc00::1'],
    ...['fd00:ec2::254', 'ff02::1', '100::1', '2001:db8::1'],
  ];
  for (const address of special) {
    it(`not to ${address}`, () => {
      expect(isReachable(address, 'public')).to.equal(false);
    });
  }

  it('to public addresses', () => {
    for (const address of ['93.184.216.34', '2606:4700::1111']) {
      expect(isReachable(address, 'public')).to.equal(true);
    }
  });

  it('to none that is not an address', () => {
    expect(isReachable('example.com', 'any')).to.equal(false);
  });
});

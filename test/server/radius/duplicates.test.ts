import { expect } from 'chai';
import type { AccessReply, AccessRequest } from '../../../server/radius/port.ts';
import { attribute, makeRequest, readReply } from '../../support/radius-packets.ts';
import {
  type ClientSocket,
  clientAt,
  type Listening,
  openClient,
  reply,
  SECRET,
  startListening,
} from './listening.ts';

describe('radius: retransmissions', () => {
  let listening: Listening;
  let client: ClientSocket;
  let now: number;
  let asked: AccessRequest[];
  let decide: ((reply: AccessReply) => void)[];
  let holds: boolean;

  beforeEach(async () => {
    now = 1_000_000;
    asked = [];
    decide = [];
    holds = false;
    listening = await startListening({
      clients: [clientAt('127.0.0.1', { requireMessageAuthenticator: false })],
      elapsedMillis: () => now,
      options: { limits: { replySeconds: 30, repliesPerClient: 256, underWayPerClient: 4 } },
      answer: (request) => {
        asked.push(request);
        if (!holds) return Promise.resolve(reply('accessAccept', attribute(18, `${asked.length}`)));
        return new Promise((resolve) => decide.push(resolve));
      },
    });
    client = await openClient();
  });
  afterEach(async () => {
    for (const one of decide) one(reply('accessReject'));
    client.close();
    await listening.close();
  });

  const send = (bytes: Uint8Array, from = client) => from.send(bytes, listening.port);
  async function ask(bytes: Uint8Array, from = client) {
    await send(bytes, from);
    return from.next();
  }

  it('get the reply of the first, byte for byte, and are decided no second time', async () => {
    const request = makeRequest({ secret: SECRET, attributes: [attribute(33, 'p')] });
    const first = await ask(request);
    readReply(first, request, SECRET);
    for (let again = 0; again < 5; again += 1) {
      now += 5_999;
      expect([...(await ask(request))]).to.deep.equal([...first]);
    }
    expect(asked).to.have.length(1);
    expect([...listening.counts]).to.deep.equal([
      ['accessAccept', 1],
      ['repeated', 5],
    ]);
  });

  it('are new requests once the reply is older than is kept', async () => {
    const request = makeRequest({ secret: SECRET });
    await ask(request);
    now += 29_999;
    await ask(request);
    expect(asked).to.have.length(1);
    now += 1;
    await ask(request);
    expect(asked).to.have.length(2);
  });

  it('wait for the decision that is under way, and all get its reply', async () => {
    holds = true;
    const request = makeRequest({ secret: SECRET });
    await Promise.all([send(request), send(request), send(request)]);
    await listening.counted(2);
    expect(asked).to.have.length(1);
    expect(client.unread).to.equal(0);
    decide[0]?.(reply('accessReject', attribute(18, 'No')));
    const replies = [await client.next(), await client.next(), await client.next()];
    for (const one of replies) expect([...one]).to.deep.equal([...(replies[0] ?? [])]);
    expect(asked).to.have.length(1);
    await send(request);
    expect([...(await client.next())]).to.deep.equal([...(replies[0] ?? [])]);
  });

  it('are told apart by source port, identifier and authenticator', async () => {
    const authenticator = new Uint8Array(16).fill(7);
    const one = makeRequest({ secret: SECRET, identifier: 1, authenticator });
    const two = makeRequest({ secret: SECRET, identifier: 2, authenticator });
    const reused = makeRequest({ secret: SECRET, identifier: 1 });
    const other = await openClient();
    try {
      for (const [bytes, from] of [
        [one, client],
        [two, client],
        [one, other],
        [reused, client],
      ] as const) {
        await ask(bytes, from);
      }
      expect(asked).to.have.length(4);
      expect(listening.count('repeated')).to.equal(0);
      // The identifier's newest request is remembered, and the other port's.
      await ask(reused);
      await ask(one, other);
      expect(listening.count('repeated')).to.equal(2);
    } finally {
      other.close();
    }
  });

  it('are still told while an identifier is used again before its reply', async () => {
    holds = true;
    const one = makeRequest({ secret: SECRET });
    const two = makeRequest({ secret: SECRET });
    for (const bytes of [one, two, one, two]) await send(bytes);
    await listening.counted(2);
    expect(asked).to.have.length(2);
    decide[1]?.(reply('accessAccept', attribute(18, 'two')));
    const newest = await client.next();
    readReply(newest, two, SECRET);
    await client.next();
    decide[0]?.(reply('accessReject'));
    readReply(await client.next(), one, SECRET);
    await client.next();
    // The older decision does not take the newer one's place.
    expect([...(await ask(two))]).to.deep.equal([...newest]);
    expect(asked).to.have.length(2);
  });

  it('with other content are nobody’s: the reply is not theirs', async () => {
    const authenticator = new Uint8Array(16).fill(9);
    const wishes = { secret: SECRET, authenticator };
    await ask(makeRequest(wishes));
    for (const forged of [
      makeRequest({ ...wishes, userName: 'mallory' }),
      makeRequest({ ...wishes, userName: 'mallory', signed: false }),
    ]) {
      await send(forged);
    }
    await listening.counted(3);
    expect(listening.count('conflicting')).to.equal(2);
    expect(client.unread).to.equal(0);
    expect(asked).to.have.length(1);
  });

  it('are remembered within bounds: beyond them new ones are dropped', async () => {
    const first = makeRequest({ secret: SECRET, identifier: 0 });
    const firstReply = await ask(first);
    for (let identifier = 1; identifier < 256; identifier += 1) {
      await ask(makeRequest({ secret: SECRET, identifier }));
    }
    const other = await openClient();
    try {
      const late = makeRequest({ secret: SECRET });
      await send(late, other);
      await listening.counted(257);
      expect(listening.count('repliesFull')).to.equal(1);
      expect([...(await ask(first))]).to.deep.equal([...firstReply]);
      // An identifier that is used again needs no more room, and time makes some.
      await ask(makeRequest({ secret: SECRET, identifier: 3 }));
      now += 30_000;
      readReply(await ask(late, other), late, SECRET);
    } finally {
      other.close();
    }
  });

  it('find room for so many under way, and the next one dropped', async () => {
    holds = true;
    for (let identifier = 0; identifier < 6; identifier += 1) {
      await send(makeRequest({ secret: SECRET, identifier }));
    }
    await listening.counted(2);
    expect(listening.count('clientBusy')).to.equal(2);
    expect(asked).to.have.length(4);
    expect(listening.server.underWay()).to.equal(4);
    for (const one of decide.splice(0)) one(reply('accessAccept'));
    await listening.counted(6);
    expect(listening.server.underWay()).to.equal(0);
    holds = false;
    await send(makeRequest({ secret: SECRET, identifier: 5 }));
    await listening.counted(7);
    expect(listening.count('accessAccept')).to.equal(5);
  });
});

import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { createClient, type FetchReply } from '../../../shared/client/client.ts';
import { eventCode, eventEntry, type Served, serve } from './served.ts';

const SERIAL = 'E1';
const KEY = 'attempt-0123456789';

describe('POST /v1/verify with an idempotency key', () => {
  let served: Served;
  let key: string;
  before(async () => {
    served = await serve();
    await served.stock(eventEntry(SERIAL));
    key = await served.key();
    await served.send({ path: '/v1/accounts', key, body: { id: 'jennifer' } });
    const body = { account: 'jennifer', code1: eventCode(SERIAL, 0), code2: eventCode(SERIAL, 1) };
    await served.send({ path: `/v1/tokens/${SERIAL}/registration`, key, body });
  });
  after(() => served.close());

  const verify = (code: string, idempotencyKey: string) =>
    served.send({
      path: '/v1/verify',
      key,
      headers: { 'idempotency-key': idempotencyKey },
      body: { serial: SERIAL, code },
    });

  it('answers a repetition as the first request, in quotes or not', async () => {
    const first = await verify(eventCode(SERIAL, 2), KEY);
    expect(first.json).to.include({ accepted: true, outcome: 'accepted' });
    expect((await verify(eventCode(SERIAL, 2), `"${KEY}"`)).json).to.deep.equal(first.json);
    const anew = await verify(eventCode(SERIAL, 2), `${KEY}-2`);
    expect(anew.json).to.include({ accepted: false, outcome: 'replayed' });
  });

  it('refuses another body under the key with 422', async () => {
    const reply = await verify(eventCode(SERIAL, 3), KEY);
    expect(reply.status).to.equal(422);
    expect(reply.json['errors']).to.deep.equal([
      { field: '/header/Idempotency-Key', code: 'duplicate' },
    ]);
    expect((await verify(eventCode(SERIAL, 3), `${KEY}-3`)).json).to.include({ accepted: true });
  });

  it('lets a client whose reply got lost read what its first request came to', async () => {
    let lost = 0;
    const client = createClient({
      baseUrl: served.url,
      apiKey: key,
      async fetch(url, init) {
        const reply = await fetch(url, init as RequestInit);
        await reply.clone().text();
        lost += 1;
        if (lost < 3) throw new TypeError('the connection broke off');
        return reply as unknown as FetchReply;
      },
      retry: { times: 5, wait: async () => undefined, newKey: randomUUID },
    });
    const body = { serial: SERIAL, code: eventCode(SERIAL, 5) };
    expect(await client.call('verify', { body })).to.include({ outcome: 'accepted' });
    expect(lost).to.equal(3);
    expect(await client.call('verify', { body })).to.include({ outcome: 'replayed' });
  });

  for (const wrong of ['', 'short', 'x'.repeat(65), 'with spaces in between', '"half-quoted-key']) {
    it(`refuses ${JSON.stringify(wrong.slice(0, 20))} as a key`, async () => {
      const reply = await verify(eventCode(SERIAL, 4), wrong);
      expect(reply.status).to.equal(422);
      expect(reply.json['errors']).to.deep.equal([
        { field: '/header/Idempotency-Key', code: 'badFormat' },
      ]);
    });
  }
});

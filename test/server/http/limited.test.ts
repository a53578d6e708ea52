import { expect } from 'chai';
import { parseAddressRange } from '../../../server/access/address.ts';
import { createLimits } from '../../../server/http/limits.ts';
import { createLimitOptions, type LimitOptions } from '../../../server/http/limits-options.ts';
import { addPerson, signIn } from './people.ts';
import { eventCode, eventEntry, type Sent, type Served, serve, timeEntry } from './served.ts';

const rng = { bytes: (length: number) => new Uint8Array(length).fill(3), uniform: () => 0.5 };
const PROXY = [parseAddressRange('127.0.0.1')].filter((range) => range !== undefined);
const LIST: Sent = { method: 'GET', path: '/v1/tokens' };

describe('limits over HTTP', () => {
  let served: Served;

  const start = async (options: Partial<LimitOptions> = {}, localOwner = false) => {
    const limits = createLimits(createLimitOptions(options), {
      elapsedMillis: () => performance.now(),
      rng,
    });
    served = await serve({ replace: { limits, trustedProxies: PROXY }, localOwner });
  };
  afterEach(() => served.close());

  const from = (address: string, sent: Sent): Sent => ({
    ...sent,
    headers: { 'x-forwarded-for': `10.0.0.1, ${address}` },
  });
  const statusesOf = async (times: number, sent: (n: number) => Sent) => {
    const statuses: number[] = [];
    for (let n = 0; n < times; n += 1) statuses.push((await served.send(sent(n))).status);
    return statuses;
  };

  it('refuse a source beyond its wrong keys with 429, and say when to come back', async () => {
    await start({ wrongKeysPerMinute: 3 });
    const wrong = from('203.0.113.1', { ...LIST, key: 'wrong' });
    expect(await statusesOf(5, () => wrong)).to.deep.equal([401, 401, 401, 429, 429]);
    const { headers, json } = await served.send(wrong);
    const seconds = json['retryAfterSeconds'];
    expect(json).to.include({ code: 'tooManyRequests', status: 429 });
    expect(seconds).to.be.within(1, 60);
    expect(headers['retry-after']).to.equal(String(seconds));
    expect(headers['content-type']).to.equal('application/problem+json');
    // Another source has its own count; the forged entries before it are not believed.
    const [other] = await statusesOf(1, () => from('203.0.113.2', { ...LIST, key: 'wrong' }));
    expect(other).to.equal(401);
  });

  it('let a right key in from a source that has sent too many wrong ones', async () => {
    await start({ wrongKeysPerMinute: 3 });
    await statusesOf(10, () => from('203.0.113.1', { ...LIST, key: 'wrong' }));
    const key = await served.key('tokens:read');
    const right = from('203.0.113.1', { ...LIST, key });
    expect(await statusesOf(50, () => right)).to.deep.equal(Array(50).fill(200));
    // One that names the application and is wrong counts like any other.
    const spoilt = `${key.slice(0, -3)}${key.at(-3) === 'A' ? 'B' : 'A'}${key.slice(-2)}`;
    const [status] = await statusesOf(1, () => from('203.0.113.1', { ...LIST, key: spoilt }));
    expect(status).to.equal(429);
  });

  it('count strangers apart, and leave the health checks alone', async () => {
    await start({ strangersPerMinute: 4, wrongKeysPerMinute: 2 });
    expect(await statusesOf(6, () => LIST)).to.deep.equal([401, 401, 401, 401, 429, 429]);
    for (const path of ['/healthz', '/readyz']) {
      const health = { method: 'GET', path };
      expect(await statusesOf(20, () => health)).to.deep.equal(Array(20).fill(200));
      const [withWrongKey] = await statusesOf(1, () => ({ ...health, key: 'wrong' }));
      expect(withWrongKey).to.equal(200);
    }
  });

  it('count who fetches the description of the interface among strangers', async () => {
    await start({ strangersPerMinute: 3, wrongKeysPerMinute: 2 });
    const document = { method: 'GET', path: '/openapi.json' };
    expect(await statusesOf(4, () => document)).to.deep.equal([200, 200, 200, 429]);
  });

  it('refuse an application beyond what it was given', async () => {
    await start({ applicationRequestsPerMinute: 5 });
    const [one, two] = [await served.key('tokens:read'), await served.key('tokens:read')];
    const five = Array(5).fill(200);
    expect(await statusesOf(7, () => ({ ...LIST, key: one }))).to.deep.equal([...five, 429, 429]);
    expect(await statusesOf(5, () => ({ ...LIST, key: two }))).to.deep.equal(five);
  });

  it('refuse a person beyond what an account may ask, in all sessions together', async () => {
    await start({ accountRequestsPerMinute: 5 });
    for (const id of ['jennifer', 'paula']) await addPerson(served, id);
    const [one, two] = [await signIn(served, 'jennifer'), await signIn(served, 'jennifer')];
    const own = (key: string, account = 'jennifer'): Sent => ({
      method: 'GET',
      path: `/v1/accounts/${account}/credentials`,
      key,
    });
    const statuses = await statusesOf(7, (n) => own(n % 2 === 0 ? one : two));
    expect(statuses).to.deep.equal([...Array(5).fill(200), 429, 429]);
    const { headers, json } = await served.send(own(two));
    const seconds = json['retryAfterSeconds'];
    expect(json).to.include({ code: 'tooManyRequests', status: 429 });
    expect(seconds).to.be.within(1, 60);
    expect(headers['retry-after']).to.equal(String(seconds));
    const paula = await signIn(served, 'paula');
    expect(await statusesOf(1, () => own(paula, 'paula'))).to.deep.equal([200]);
    // Others are told no more of an account that is refused than of one that there is not.
    const asked = [own(paula), own(paula, 'nobody')].map((sent) => served.send(sent));
    const [refused, unknown] = await Promise.all(asked);
    expect(refused?.status).to.equal(unknown?.status).and.not.equal(429);
    expect(refused?.json['detail']).to.equal(unknown?.json['detail']);
    const none = await served.send(own('A'.repeat(43)));
    expect(none.status).to.equal(401);
  });

  for (const [name, subject] of [
    ['token', { serial: 'FT1' }],
    ['account', { account: 'jennifer' }],
  ] as const) {
    it(`refuse more wrong codes for one ${name}, known or not, tested or not`, async () => {
      await start({ wrongCodesPerMinuteOfToken: 5, wrongCodesPerMinuteOfAccount: 5 });
      await served.stock(timeEntry('FT1'));
      await served.register('FT1', 'jennifer');
      const key = await served.key('verify');
      const verify = (who: object) => (n: number) => {
        const body = { ...who, code: String(100_000 + n) };
        return { path: '/v1/verify', key, body };
      };
      const expected = [...Array(5).fill(200), 429, 429];
      expect(await statusesOf(7, verify(subject))).to.deep.equal(expected);
      const unknown = name === 'token' ? { serial: 'NONE' } : { account: 'nobody' };
      expect(await statusesOf(7, verify(unknown))).to.deep.equal(expected);
    });
  }

  it('never refuse a good code for those before it, nor count it', async () => {
    await start({ wrongCodesPerMinuteOfToken: 5 });
    await served.stock(eventEntry('FT1'));
    const owner = await served.key();
    await served.send({ path: '/v1/accounts', key: owner, body: { id: 'jennifer' } });
    const [code1, code2] = [eventCode('FT1', 0), eventCode('FT1', 1)];
    const body = { account: 'jennifer', code1, code2 };
    await served.send({ path: '/v1/tokens/FT1/registration', key: owner, body });
    const key = await served.key('verify');
    const good = (n: number) => ({
      path: '/v1/verify',
      key,
      body: { serial: 'FT1', code: eventCode('FT1', n + 2) },
    });
    expect(await statusesOf(60, good)).to.deep.equal(Array(60).fill(200));
  });

  it('turn none of a hundred duplicates at once away, and count one failure', async () => {
    await start({ wrongCodesPerMinuteOfToken: 1, wrongCodesPerMinuteOfAccount: 1 });
    await served.stock(timeEntry('FT1'));
    await served.register('FT1', 'jennifer');
    const key = await served.key('verify');
    for (const subject of [{ serial: 'FT1' }, { account: 'jennifer' }]) {
      const body = { ...subject, code: '000000' };
      const all = Array.from({ length: 100 }, () => served.send({ path: '/v1/verify', key, body }));
      const replies = await Promise.all(all);
      expect(new Set(replies.map(({ status }) => status))).to.deep.equal(new Set([200]));
      const outcomes = new Set(replies.map(({ json }) => json['outcome']));
      expect([...outcomes]).to.deep.equal(['wrongCode']);
    }
    const reader = await served.key('tokens:read');
    const path = '/v1/tokens/FT1';
    const { json } = await served.send({ method: 'GET', path, key: reader });
    expect(json['token']).to.include({ failuresInRow: 1, failuresSinceSuccess: 1 });
  });

  it('let every duplicate of a good code through: one is accepted', async () => {
    await start({ wrongCodesPerMinuteOfToken: 1 });
    await served.stock(eventEntry('FT1'));
    const owner = await served.key();
    await served.send({ path: '/v1/accounts', key: owner, body: { id: 'jennifer' } });
    const [code1, code2] = [eventCode('FT1', 0), eventCode('FT1', 1)];
    const registration = { account: 'jennifer', code1, code2 };
    await served.send({ path: '/v1/tokens/FT1/registration', key: owner, body: registration });
    const key = await served.key('verify');
    const body = { serial: 'FT1', code: eventCode('FT1', 2) };
    const all = Array.from({ length: 100 }, () => served.send({ path: '/v1/verify', key, body }));
    const replies = await Promise.all(all);
    expect(replies.filter(({ status }) => status !== 200)).to.deep.equal([]);
    expect(replies.filter(({ json }) => json['accepted'] === true)).to.have.length(1);
  });

  it("do not bind the owner's own socket", async () => {
    const options = { wrongCodesPerMinuteOfToken: 1, strangersPerMinute: 1, wrongKeysPerMinute: 1 };
    await start(options, true);
    const verify = (n: number) => ({
      path: '/v1/verify',
      body: { serial: 'NONE', code: String(100_000 + n) },
    });
    expect(await statusesOf(20, verify)).to.deep.equal(Array(20).fill(200));
  });
});

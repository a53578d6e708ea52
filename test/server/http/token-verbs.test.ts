import { expect } from 'chai';
import { createLimits } from '../../../server/http/limits.ts';
import { createLimitOptions } from '../../../server/http/limits-options.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { eventEntry, type Served, STEP_MILLIS, serve, timeCode, timeEntry } from './served.ts';

const rng = { bytes: (length: number) => new Uint8Array(length).fill(3), uniform: () => 0.5 };

describe('replacing, resetting and explaining tokens over HTTP', () => {
  let served: Served;
  let key: string;

  const start = async (wrongCodesPerMinuteOfToken = 60) => {
    const limits = createLimits(createLimitOptions({ wrongCodesPerMinuteOfToken }), {
      elapsedMillis: () => performance.now(),
      rng,
    });
    served = await serve({ replace: { limits } });
    key = await served.key();
    await served.stock(timeEntry('OLD'), timeEntry('NEW'), eventEntry('EVENT'));
    await served.register('OLD', 'jennifer');
  };
  afterEach(() => served.close());

  const ask = (path: string, body: object = {}) => served.send({ path, key, body });
  const tokenOf = async (serial: string) => {
    const { json } = await served.send({ method: 'GET', path: `/v1/tokens/${serial}`, key });
    return json['token'] as Readonly<Record<string, unknown>>;
  };
  const wrongPair = (n = 0) => ({ code1: `${100_000 + n}`, code2: '200000' });
  /** The codes of now and of the next step, to which time moves on. */
  const newPair = (serial: string) => {
    const { at } = served.clock;
    served.clock.at = (at + STEP_MILLIS) as UnixMillis;
    return { code1: timeCode(serial, at), code2: timeCode(serial, at + STEP_MILLIS) };
  };

  it('replaces a token by two codes of the new one, and answers the new one', async () => {
    await start();
    const path = '/v1/tokens/OLD/replace';
    const refused = await ask(path, { serial: 'new', ...wrongPair() });
    expect(refused.status).to.equal(200);
    expect(refused.json).to.deep.include({ outcome: 'wrongCode' });
    expect(refused.json['token']).to.include({ serial: 'NEW', life: 'stocked' });
    expect(await tokenOf('OLD')).to.include({ life: 'registered' });

    const body = { serial: 'NEW', ...newPair('NEW'), reason: 'left in a train' };
    const { status, json } = await ask(path, body);
    expect(status).to.equal(200);
    expect(json).to.deep.include({ outcome: 'accepted' });
    expect(json['token']).to.include({ serial: 'NEW', life: 'registered', account: 'jennifer' });
    expect(await tokenOf('OLD')).to.include({ life: 'revoked' });
    const again = await ask(path, { serial: 'EVENT', ...wrongPair() });
    expect([again.status, again.json['code']]).to.deep.equal([409, 'revoked']);
  });

  it('says what is wrong with a replacement, and asks for the scope', async () => {
    await start();
    for (const [serial, body, expected] of [
      ['NONE', { serial: 'NEW', ...wrongPair() }, [404, 'notFound']],
      ['OLD', { serial: 'NONE', ...wrongPair() }, [404, 'notFound']],
      ['OLD', { serial: 'OLD', ...wrongPair() }, [422, 'invalidInput']],
      ['OLD', { ...wrongPair() }, [422, 'invalidInput']],
      ['OLD', { serial: 'NEW', code1: '111111', code2: '111111' }, [422, 'invalidInput']],
      ['NEW', { serial: 'EVENT', ...wrongPair() }, [409, 'notAllowedNow']],
    ] as const) {
      const { status, json } = await ask(`/v1/tokens/${serial}/replace`, body);
      expect([status, json['code']], JSON.stringify(body)).to.deep.equal(expected);
    }
    const helpdesk = await served.key('tokens:read', 'tokens:register', 'tokens:resync');
    const body = { serial: 'NEW', ...wrongPair() };
    const { status } = await served.send({ path: '/v1/tokens/OLD/replace', key: helpdesk, body });
    expect(status).to.equal(403);
  });

  for (const [name, attempt] of [
    ['replace', { path: '/v1/tokens/OLD/replace', body: { serial: 'NEW' } }],
    ['resync', { path: '/v1/tokens/OLD/resync', body: {} }],
    ['explain', { path: '/v1/tokens/OLD/explanation', body: {} }],
  ] as const) {
    it(`counts the pairs of ${name} for the limit by token`, async () => {
      await start(2);
      // Registering was one attempt, and accepted.
      const statuses: number[] = [];
      for (let n = 0; n < 4; n += 1) {
        statuses.push((await ask(attempt.path, { ...attempt.body, ...wrongPair(n) })).status);
      }
      expect(statuses).to.deep.equal([200, 200, 429, 429]);
    });
  }

  it('forgets what was learnt of a clock, of a time token only', async () => {
    await start();
    expect(await tokenOf('OLD')).to.have.property('clock');
    const { status, json } = await ask('/v1/tokens/OLD/reset-drift', { reason: 'new battery' });
    expect(status).to.equal(200);
    expect(json['token']).to.include({ serial: 'OLD' }).and.not.to.have.property('clock');
    const code = timeCode('OLD', served.clock.at);
    expect((await ask('/v1/verify', { serial: 'OLD', code })).json['outcome']).to.equal('accepted');
    for (const [serial, expected] of [
      ['EVENT', [409, 'notAllowedNow']],
      ['NONE', [404, 'notFound']],
    ] as const) {
      const refused = await ask(`/v1/tokens/${serial}/reset-drift`);
      expect([refused.status, refused.json['code']]).to.deep.equal(expected);
    }
  });

  it('explains a token and an account, with and without codes', async () => {
    await start();
    await ask('/v1/verify', { serial: 'OLD', code: '000000' });
    const { status, json } = await ask('/v1/tokens/OLD/explanation');
    expect(status).to.equal(200);
    expect(json).to.include({ serial: 'OLD', pairsLeft: 5 }).and.not.to.have.property('fits');
    expect(json['state']).to.have.keys('sentence', 'nextStep');
    const decisions = json['decisions'] as readonly Readonly<Record<string, unknown>>[];
    expect(decisions.map(({ action }) => action)).to.deep.equal(['verify', 'register']);

    const ahead = served.clock.at + 40 * STEP_MILLIS;
    const code1 = timeCode('OLD', ahead);
    const code2 = timeCode('OLD', ahead + STEP_MILLIS);
    const fitting = await ask('/v1/tokens/OLD/explanation', { code1, code2 });
    expect(fitting.json).to.include({ pairsLeft: 4 });
    const [fit] = fitting.json['fits'] as readonly Readonly<Record<string, unknown>>[];
    expect(fit).to.include({ type: 'time', seedReading: 'asStored', digits: 6 });
    expect(fit?.['offsetSteps']).to.be.within(40, 41);
    expect(fitting.text).not.to.contain(code1).and.not.to.contain(code2);

    const account = await ask('/v1/accounts/jennifer/explanation');
    expect(account.json).to.deep.include({ account: 'jennifer', serials: ['OLD'] });
    for (const [path, body, expected] of [
      ['/v1/tokens/NONE/explanation', {}, [404, 'notFound']],
      ['/v1/accounts/nobody/explanation', {}, [404, 'notFound']],
      ['/v1/tokens/OLD/explanation', { code1 }, [422, 'invalidInput']],
      ['/v1/tokens/OLD/explanation', { code1, code2: code1 }, [422, 'invalidInput']],
      ['/v1/tokens/NEW/explanation', { code1, code2 }, [200, undefined]],
    ] as const) {
      const refused = await ask(path, body);
      expect([refused.status, refused.json['code']], path).to.deep.equal(expected);
    }
  });

  it('tells in the document what replacing and resetting may be refused with', async () => {
    await start();
    const { json } = await served.send({ method: 'GET', path: '/openapi.json' });
    const paths = json['paths'] as Readonly<Record<string, { readonly post?: object }>>;
    for (const verb of ['replace', 'reset-drift']) {
      const operation = paths[`/v1/tokens/{serial}/${verb}`]?.post ?? {};
      expect(Reflect.get(operation, 'responses'), verb).to.include.keys('404', '409');
    }
  });
});

import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { createLimits } from '../../../server/http/limits.ts';
import { createLimitOptions } from '../../../server/http/limits-options.ts';
import type { Strength, UnixMillis } from '../../../shared/types.ts';
import {
  eventCode,
  eventEntry,
  type Got,
  type Served,
  serve,
  timeCode,
  timeEntry,
} from './served.ts';

const PASSWORD = 'correct horse battery staple';
const SERIAL = 'FT00000001';
const MINUTE = 60_000;

const rng = { bytes: (length: number) => randomBytes(length), uniform: () => 0.5 };

async function setPassword(served: Served, account: string): Promise<void> {
  const path = `/v1/accounts/${account}/password`;
  const key = await served.key('accounts:admin');
  const { status } = await served.send({ method: 'PUT', path, key, body: { password: PASSWORD } });
  expect(status).to.equal(200);
}

describe('sessions over HTTP', () => {
  let served: Served;
  let key: string;

  beforeEach(async () => {
    served = await serve();
    await served.stock(timeEntry(SERIAL));
    await served.register(SERIAL, 'jennifer');
    await setPassword(served, 'jennifer');
    key = await served.key('sessions');
  });
  afterEach(() => served.close());

  const post = (path: string, body: object, as = key): Promise<Got> =>
    served.send({ path, key: as, body });
  const begin = async (body: object = {}, as = key) =>
    (await post('/v1/sessions', { user: 'jennifer', password: PASSWORD, ...body }, as)).json;
  const lookUp = async (sessionToken: unknown, as = key) =>
    (await post('/v1/sessions/lookup', { sessionToken }, as)).json;
  const code = () => timeCode(SERIAL, served.clock.at);
  const pass = (millis: number) => {
    served.clock.at = (served.clock.at + millis) as UnixMillis;
  };
  const demanding = async (requiredStrength: Strength) => {
    const owner = await served.key();
    const body = { name: 'plant', scopes: ['sessions', 'verify'], requiredStrength };
    const { json } = await post('/v1/applications', body, owner);
    return String(json['apiKey']);
  };

  it('begin with a password alone, which skips the code', async () => {
    const { outcome, session, sessionToken } = await begin({ source: '198.51.100.7' });
    expect(outcome).to.equal('accepted');
    expect(sessionToken).to.match(/^[A-Za-z0-9_-]{43}$/);
    expect(session).to.include({ account: 'jennifer', strength: 'password' });
    expect(session).not.to.have.any.keys('serial', 'sufficient', 'token', 'tokenHash');
    expect(await lookUp(sessionToken)).to.deep.equal({ active: true, session });
  });

  it('begin with password and code, both good', async () => {
    const { outcome, session, sessionToken } = await begin({ code: code() });
    expect(outcome).to.equal('accepted');
    expect(session).to.include({ strength: 'hardwareToken', serial: SERIAL });
    expect(await lookUp(sessionToken)).to.deep.equal({ active: true, session });
  });

  it('do not begin with a wrong password, whatever the code, and use up none', async () => {
    const wrong = { password: 'wrong horse battery staple' };
    expect(await begin(wrong)).to.deep.equal({ outcome: 'wrongPassword' });
    expect(await begin({ ...wrong, code: code() })).to.deep.equal({ outcome: 'wrongPassword' });
    expect(await begin({ user: 'nobody', code: code() })).to.deep.equal({
      outcome: 'wrongPassword',
    });
    expect((await begin({ code: code() }))['outcome']).to.equal('accepted');
  });

  it('do not begin with a wrong or a used code, and say what the scope may see', async () => {
    expect(await begin({ code: '000000' })).to.deep.equal({ outcome: 'wrongCode' });
    const good = code();
    expect((await begin({ code: good }))['outcome']).to.equal('accepted');
    expect(await begin({ code: good })).to.deep.equal({ outcome: 'wrongCode' });
    const detail = await served.key('sessions', 'verify:detail');
    expect(await begin({ code: good }, detail)).to.deep.equal({ outcome: 'replayed' });
    await post(`/v1/tokens/${SERIAL}/lost`, {}, await served.key());
    expect(await begin({ code: code() })).to.deep.equal({ outcome: 'wrongCode' });
    expect(await begin({ code: code() }, detail)).to.deep.equal({ outcome: 'lost' });
    const list = { method: 'GET', path: '/v1/accounts/jennifer/sessions', key };
    expect((await served.send(list)).json['items']).to.have.length(1);
  });

  it('tell of a wait', async () => {
    for (const wrong of ['000000', '000001', '000002']) await begin({ code: wrong });
    expect(await begin({ code: code() })).to.deep.equal({
      outcome: 'throttled',
      retryAfterSeconds: 5,
    });
  });

  it('are elevated by a code, once, whoever of two is first', async () => {
    const { sessionToken } = await begin();
    const { sessionToken: other } = await begin();
    const body = { code: code() };
    const answers = await Promise.all(
      [sessionToken, other, sessionToken, other].map(
        async (token) =>
          (await post('/v1/sessions/elevation', { ...body, sessionToken: token })).json,
      ),
    );
    const outcomes = answers.map(({ outcome }) => outcome).toSorted();
    expect(outcomes).to.deep.equal(['accepted', 'wrongCode', 'wrongCode', 'wrongCode']);
    const raised = answers.find(({ outcome }) => outcome === 'accepted');
    expect(raised?.['session']).to.include({ strength: 'hardwareToken', serial: SERIAL });
  });

  it('are over when signed out, and stay so', async () => {
    const { sessionToken } = await begin();
    for (let times = 0; times < 2; times += 1) {
      const { status, json } = await post('/v1/sessions/end', { sessionToken });
      expect([status, json]).to.deep.equal([200, { active: false }]);
    }
    expect(await lookUp(sessionToken)).to.deep.equal({ active: false });
    const elevation = await post('/v1/sessions/elevation', { sessionToken, code: code() });
    expect([elevation.status, elevation.json['code']]).to.deep.equal([404, 'notFound']);
  });

  it('are over when nobody uses them, by the clock of decisions', async () => {
    const { sessionToken } = await begin();
    pass(29 * MINUTE);
    expect(await lookUp(sessionToken)).to.include({ active: true });
    pass(30 * MINUTE);
    expect(await lookUp(sessionToken)).to.deep.equal({ active: false });
  });

  it('fall to password when the token that they rest on is lost', async () => {
    const { sessionToken } = await begin({ code: code() });
    await post(`/v1/tokens/${SERIAL}/lost`, {}, await served.key());
    const { session } = await lookUp(sessionToken);
    expect(session).to.include({ strength: 'password' });
  });

  it('are listed and ended by account, by accounts:admin too', async () => {
    await begin();
    pass(1000);
    const { sessionToken, session } = await begin({ code: code() });
    const admin = await served.key('accounts:admin');
    const list = { method: 'GET', path: '/v1/accounts/jennifer/sessions', key: admin };
    const { items } = (await served.send(list)).json as { items: { strength: string }[] };
    expect(items.map(({ strength }) => strength)).to.deep.equal(['hardwareToken', 'password']);
    expect(items[0]).to.deep.equal(session);
    const end = await post('/v1/accounts/jennifer/sessions/end', {}, admin);
    expect(end.json).to.deep.equal({ ended: 2 });
    expect(await lookUp(sessionToken)).to.deep.equal({ active: false });
    const nobody = { ...list, path: '/v1/accounts/nobody/sessions' };
    expect((await served.send(nobody)).json).to.deep.equal({ items: [] });
  });

  it('say to who demands a strength whether they have reached it', async () => {
    const plant = await demanding('hardwareToken');
    const { session, sessionToken } = await begin({}, plant);
    expect(session).to.include({ strength: 'password', sufficient: false });
    const elevated = await post('/v1/sessions/elevation', { sessionToken, code: code() }, plant);
    expect(elevated.json['session']).to.include({ sufficient: true });
    expect((await lookUp(sessionToken, plant))['session']).to.include({ sufficient: true });
    expect((await lookUp(sessionToken))['session']).not.to.have.property('sufficient');
  });

  it('name nobody in their audit entries but by id, and no token or password at all', async () => {
    const { sessionToken } = await begin({ code: code() });
    await lookUp(sessionToken);
    await post('/v1/sessions/end', { sessionToken });
    const { items } = await served.store.auditPage({ after: 0, limit: 500 });
    const actions = items.slice(-4).map(({ action }) => action);
    expect(actions).to.deep.equal(['signIn', 'verify', 'beginSession', 'endSession']);
    const text = JSON.stringify(items);
    for (const hidden of [String(sessionToken), PASSWORD]) expect(text).not.to.include(hidden);
  });

  it('are limited in their tries at codes, by person and by session', async () => {
    const limits = createLimits(createLimitOptions({ wrongCodesPerMinuteOfAccount: 3 }), {
      elapsedMillis: () => 0,
      rng,
    });
    await served.close();
    served = await serve({ replace: { limits } });
    await served.stock(timeEntry(SERIAL), eventEntry('EV1'));
    await served.register(SERIAL, 'jennifer');
    await setPassword(served, 'jennifer');
    key = await served.key('sessions');
    const { sessionToken } = await begin();
    const tries = ['000000', '000001', '000002', '000003'];
    const statuses = [];
    for (const wrong of tries) {
      statuses.push((await post('/v1/sessions/elevation', { sessionToken, code: wrong })).status);
    }
    expect(statuses).to.deep.equal([200, 200, 200, 429]);
    const begun = [];
    for (const [n, wrong] of tries.entries()) {
      const body = { user: n % 2 ? 'Nobody' : 'nobody', password: 'x', code: wrong };
      begun.push((await post('/v1/sessions', body)).status);
    }
    expect(begun).to.deep.equal([200, 200, 200, 429]);
    expect((await post('/v1/sessions', { user: 'nobody', password: 'x' })).status).to.equal(200);
  });
});

describe('required proofing over HTTP', () => {
  it('is answered strengthTooLow with what would suffice, until it is waived', async () => {
    const served = await serve();
    await served.stock(eventEntry('EV1'));
    const owner = await served.key();
    const send = (path: string, body: object, key = owner) => served.send({ path, key, body });
    await send('/v1/accounts', { id: 'bob' });
    const [code1, code2] = [eventCode('EV1', 0), eventCode('EV1', 1)];
    await send('/v1/tokens/EV1/registration', { account: 'bob', code1, code2 });
    const application = { name: 'deeds', scopes: ['verify'], requiresProofing: true };
    const { json } = await send('/v1/applications', application);
    const key = String(json['apiKey']);
    const asked = { account: 'bob', code: eventCode('EV1', 2) };
    expect((await send('/v1/verify', asked, key)).json).to.deep.equal({
      accepted: false,
      outcome: 'strengthTooLow',
      strength: 'hardwareToken',
      requiredProofing: true,
    });
    const path = `/v1/applications/${key.split('_')[1]}/strength`;
    const change = { requiredStrength: null, requiresProofing: false, reason: 'no need' };
    const waived = await send(path, change);
    expect(waived.json['application']).not.to.have.property('requiresProofing');
    const reply = await send('/v1/verify', { account: 'bob', code: eventCode('EV1', 3) }, key);
    expect(reply.json).to.include({ accepted: true, strength: 'hardwareToken' });
    await served.close();
  });
});

describe('a required strength over HTTP', () => {
  it('is answered strengthTooLow with what would suffice; it is no wrong code', async () => {
    const limits = createLimits(createLimitOptions({ wrongCodesPerMinuteOfToken: 2 }), {
      elapsedMillis: () => 0,
      rng,
    });
    const served = await serve({ replace: { limits } });
    await served.stock({ ...eventEntry('EM1'), manufacturer: 'Fobtwin emulator' });
    const owner = await served.key();
    const send = (path: string, body: object, key = owner) => served.send({ path, key, body });
    await send('/v1/accounts', { id: 'bob' });
    const [code1, code2] = [eventCode('EM1', 0), eventCode('EM1', 1)];
    await send('/v1/tokens/EM1/registration', { account: 'bob', code1, code2 });
    const application = { name: 'plant', scopes: ['verify'], requiredStrength: 'hardwareToken' };
    const { json } = await send('/v1/applications', application);
    const key = String(json['apiKey']);
    for (let counter = 2; counter < 8; counter += 1) {
      const by = counter % 2 === 0 ? { serial: 'EM1' } : { account: 'bob' };
      const reply = await send('/v1/verify', { ...by, code: eventCode('EM1', counter) }, key);
      expect(reply.json).to.deep.equal({
        accepted: false,
        outcome: 'strengthTooLow',
        strength: 'mobileId',
        requiredStrength: 'hardwareToken',
      });
    }
    const path = `/v1/applications/${key.split('_')[1]}/strength`;
    const lowered = await send(path, { requiredStrength: null, reason: 'no need' });
    expect(lowered.json['application']).not.to.have.property('requiredStrength');
    const reply = await send('/v1/verify', { serial: 'EM1', code: eventCode('EM1', 8) }, key);
    expect(reply.json).to.include({ accepted: true, strength: 'mobileId' });
    await served.close();
  });
});

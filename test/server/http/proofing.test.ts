import path from 'node:path';
import { expect } from 'chai';
import type { AccountProfile } from '../../../server/accounts/record.ts';
import type { BusinessSettings } from '../../../server/business-settings.ts';
import { createBusinessOptions } from '../../../server/business-settings.ts';
import type { Question } from '../../../server/proofing/port.ts';
import type { SubscriptionId, UnixMillis } from '../../../shared/types.ts';
import { type ProofingSandbox, startSandbox } from '../../support/proofing-sandbox.ts';
import { rightAnswers, wrongAnswers } from '../proofing/room.ts';
import { addPerson, buy, signIn, signInWith } from './people.ts';
import { type Got, type Served, serve } from './served.ts';

const NAME = 'Jennifer Marie Blue';

describe('identity proofing over HTTP', function () {
  this.timeout(30_000);
  let sandbox: ProofingSandbox;
  let served: Served;
  let owner: string;

  before(async () => {
    sandbox = await startSandbox();
  });
  after(() => sandbox.stop());

  beforeEach(async () => {
    await sandbox.fail('none');
    const { optionsFile } = sandbox;
    const settings = { proofing: optionsFile } as BusinessSettings;
    served = await serve({ business: createBusinessOptions(settings, path.dirname(optionsFile)) });
    // The sandbox goes by the computer's clock.
    served.clock.at = Date.now() as UnixMillis;
    owner = await served.key();
  });
  afterEach(() => served.close());

  async function person(id: string, profile: AccountProfile = {}): Promise<string> {
    const known = { legalName: NAME, country: 'US', email: `${id}@example.com`, ...profile };
    await addPerson(served, id, known);
    return signIn(served, id);
  }

  /** As redeeming the licence key of a proofed hardware token leaves it. */
  const redeemed = async (account: string): Promise<SubscriptionId> =>
    (await buy(served, { account, type: 'hardwareToken', stage: 'proofing' })).subscription;

  const ofPerson = (id: string, subscription: string, verb = '') =>
    `/v1/accounts/${id}/proofings/${subscription}${verb}`;
  const proofingOf = ({ json }: Got) => json['proofing'] as Record<string, unknown>;

  it('is passed by questions, played by the person alone', async () => {
    const key = await person('jen');
    const subscription = await redeemed('jen');
    const of = (verb = '') => ofPerson('jen', subscription, verb);
    const due = await served.send({ method: 'GET', path: of(), key });
    expect(proofingOf(due)).to.include({ state: 'profile', questionAttemptsLeft: 2 });
    const body = { legalName: 'JENNIFER MARIE BLUE', country: 'US' };
    const confirmed = await served.send({ path: of('/profile'), key, body });
    expect(proofingOf(confirmed)).to.deep.include({
      state: 'choice',
      legalName: NAME,
      offered: ['questions', 'video'],
    });
    const first = await served.send({ path: of('/questions'), key });
    expect(first.status, first.text).to.equal(200);
    const wrong = wrongAnswers(first.json['questions'] as readonly Question[]);
    const failed = await served.send({ path: of('/answers'), key, body: { answers: wrong } });
    expect(failed.status).to.equal(200);
    expect(proofingOf(failed)).to.include({ state: 'choice', questionAttemptsLeft: 1 });
    const second = await served.send({ path: of('/questions'), key });
    const until = new Date(served.clock.at + 600_000).toISOString();
    expect(proofingOf(second)['questionsUntil']).to.equal(until);
    const right = rightAnswers(second.json['questions'] as readonly Question[]);
    const passed = await served.send({ path: of('/answers'), key, body: { answers: right } });
    expect(proofingOf(passed)).to.include({ state: 'passed', method: 'questions' });
    expect(proofingOf(passed)['verdict']).to.deep.equal({
      passed: true,
      at: new Date(served.clock.at).toISOString(),
    });
  });

  it('is passed by live video, with an agent who hands over the activation code', async () => {
    const key = await person('jen', { country: 'DE' });
    await addPerson(served, 'agnes', { roles: ['proofing-agent'], serial: 'FT1' });
    const agent = await signInWith(served, 'agnes', 'FT1');
    const subscription = await redeemed('jen');
    const of = (verb = '') => ofPerson('jen', subscription, verb);
    const body = { legalName: NAME, country: 'DE' };
    await served.send({ path: of('/profile'), key, body });
    const refused = await served.send({ path: of('/questions'), key });
    expect([refused.status, refused.json['code']]).to.deep.equal([409, 'methodNotOffered']);
    await served.send({ path: of('/video'), key });

    const path = '/v1/proofings?state=requested';
    const list = await served.send({ method: 'GET', path, key: agent });
    const [item] = list.json['items'] as { readonly subscription: string }[];
    expect(item?.subscription).to.equal(subscription);
    const at = new Date(served.clock.at).toISOString();
    const ofAgent = (verb: string) => `/v1/proofings/${subscription}/${verb}`;
    const appointment = { path: ofAgent('appointment'), key: agent, body: { at } };
    expect(proofingOf(await served.send(appointment))).to.deep.include({
      state: 'scheduled',
      appointment: { at, agent: 'agnes' },
    });
    const verdict = { passed: true, note: 'Passport shown.' };
    const decided = await served.send({ path: ofAgent('verdict'), key: agent, body: verdict });
    expect(decided.status).to.equal(200);
    expect(decided.json['activationCode']).to.match(/^\w{5}-\w{5}-\w{5}$/);
    expect(proofingOf(decided)['verdict']).to.include({ by: 'account:agnes', ...verdict });
    // The person reads the verdict without the agent's note, and nobody the code again.
    const seen = await served.send({ method: 'GET', path: of(), key });
    expect(proofingOf(seen)['verdict']).to.have.keys('passed', 'at');
    expect(seen.text).not.to.include(decided.json['activationCode']);
    const again = await served.send({ path: ofAgent('activation-code'), key: agent });
    expect(again.json['activationCode']).not.to.equal(decided.json['activationCode']);
  });

  it('lets nobody but the person and staff near it, and tells others nothing', async () => {
    const key = await person('jen');
    const stranger = await person('max', { legalName: 'Max Grey' });
    const subscription = await redeemed('jen');
    const verbs = [
      ['GET', ''],
      ['POST', '/profile', { legalName: NAME, country: 'US' }],
      ['POST', '/questions'],
      ['POST', '/answers', { answers: { q1: 'c1' } }],
      ['POST', '/video'],
    ] as const;
    const plain = ({ status, json }: Got) => [status, json['code'], json['detail']];
    for (const [method, verb, body] of verbs) {
      const ask = (account: string, id: string, asker: string) =>
        served.send({ method, path: ofPerson(account, id, verb), key: asker, body });
      // Somebody else's account: the same whether it exists or not.
      const foreign = plain(await ask('jen', subscription, stranger));
      expect(foreign[0], verb).to.equal(403);
      expect(plain(await ask('nobody', subscription, stranger))).to.deep.equal(foreign);
      // The own account: the same for another's subscription as for none.
      const own = plain(await ask('max', subscription, stranger));
      expect(own[0], verb).to.equal(404);
      expect(plain(await ask('max', 'SO-99999-1-1', stranger))).to.deep.equal(own);
    }
    for (const verb of ['appointment', 'verdict', 'activation-code']) {
      const path = `/v1/proofings/${subscription}/${verb}`;
      expect((await served.send({ path, key, body: {} })).status).to.equal(403);
    }
    expect((await served.send({ method: 'GET', path: '/v1/proofings', key })).status).to.equal(403);
  });

  it('is no business of an agent who has signed in with a password only', async () => {
    await addPerson(served, 'agnes', { roles: ['proofing-agent'], serial: 'FT1' });
    const weak = await signIn(served, 'agnes');
    const list = await served.send({ method: 'GET', path: '/v1/proofings', key: weak });
    expect([list.status, list.json['code']]).to.deep.equal([403, 'strengthTooLow']);
  });

  it('names what is wrong with a body', async () => {
    const key = await person('jen');
    const subscription = await redeemed('jen');
    const tooMany = Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`q${n}`, 'c1']));
    const bodies = [
      ['/profile', { legalName: NAME, country: 'XX' }, '/country', 'notAllowed'],
      ['/profile', { country: 'US' }, '/legalName', 'required'],
      ['/profile', { legalName: NAME, country: 'DE' }, '/country', 'notAllowed'],
      ['/answers', {}, '/answers', 'required'],
      ['/answers', { answers: { q1: 'a b' } }, '/answers/q1', 'badFormat'],
      ['/answers', { answers: { 'q 1': 'c1' } }, '/answers/q 1', 'wrongType'],
      ['/answers', { answers: { q1: 7 } }, '/answers/q1', 'wrongType'],
      ['/answers', { answers: tooMany }, '/answers', 'tooMany'],
    ] as const;
    for (const [verb, body, field, code] of bodies) {
      const reply = await served.send({ path: ofPerson('jen', subscription, verb), key, body });
      expect(reply.status, reply.text).to.equal(422);
      expect(reply.json['errors'], reply.text).to.deep.include({ field, code });
    }
    const path = `/v1/proofings/${subscription}/appointment`;
    const noDay = await served.send({ path, key: owner, body: { at: '2026-02-30T00:00:00Z' } });
    expect(noDay.json['errors']).to.deep.equal([{ field: '/at', code: 'badFormat' }]);
  });

  it('answers 503 where the provider is out, and spends no attempt', async () => {
    const key = await person('jen');
    const subscription = await redeemed('jen');
    const body = { legalName: NAME, country: 'US' };
    await served.send({ path: ofPerson('jen', subscription, '/profile'), key, body });
    await sandbox.fail('hangUp');
    const out = await served.send({ path: ofPerson('jen', subscription, '/questions'), key });
    expect([out.status, out.json['code']]).to.deep.equal([503, 'unavailable']);
    expect(out.json['nextStep']).to.match(/live video/);
    const path = ofPerson('jen', subscription);
    const after = await served.send({ method: 'GET', path, key });
    expect(proofingOf(after)).to.include({ state: 'choice', questionAttemptsLeft: 2 });
  });
});

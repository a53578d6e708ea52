import { expect } from 'chai';
import { problem } from '../../../shared/wire/schemas.ts';
import { ACCOUNTS } from './bad-input/accounts.ts';
import { BODIES } from './bad-input/bodies.ts';
import { type Case, DEAD, type Expected, HIS, MINE, STOCKED } from './bad-input/case.ts';
import { FIELDS } from './bad-input/fields.ts';
import { PAIRS } from './bad-input/pairs.ts';
import { ACCESS, LISTS, RECORDS } from './bad-input/requests.ts';
import { SEED_FILES } from './bad-input/seed-files.ts';
import { SESSIONS } from './bad-input/sessions.ts';
import { type Got, type Served, serve, timeEntry } from './served.ts';

const CASES: readonly Case[] = [
  ...BODIES,
  ...FIELDS,
  ...PAIRS,
  ...SESSIONS,
  ...ACCOUNTS,
  ...ACCESS,
  ...LISTS,
  ...RECORDS,
];

describe('bad input over HTTP', () => {
  let served: Served;

  beforeEach(async () => {
    served = await serve();
    await served.stock(timeEntry(MINE), timeEntry(STOCKED), timeEntry(HIS), timeEntry(DEAD));
    await served.register(MINE, 'jennifer');
    await served.register(HIS, 'bob');
    const key = await served.key('tokens:admin');
    const { status } = await served.send({ path: `/v1/tokens/${DEAD}/revoke`, key });
    expect(status).to.equal(200);
  });
  afterEach(() => served.close());

  const send = async ({ send: what, scopes = [] }: Case): Promise<Got> => {
    const sent = typeof what === 'function' ? what(served) : what;
    const key = scopes === 'none' ? sent.key : await served.key(...scopes);
    return served.send({ ...sent, key });
  };

  it('is at least 45 cases, each with a name of its own', () => {
    const names = [...CASES, ...SEED_FILES].map(({ name }) => name);
    expect(names.length).to.be.at.least(45);
    expect(new Set(names).size).to.equal(names.length);
  });

  for (const one of CASES) {
    it(`answers ${one.name}`, async () => {
      expectAnswer(await send(one), one.expected);
      expect(served.logged).to.deep.equal([]);
    });
  }

  for (const one of SEED_FILES) {
    it(`refuses ${one.name}, and imports nothing`, async () => {
      expectAnswer(await send(one), one.expected);
      const key = await served.key();
      const { json } = await served.send({ method: 'GET', path: '/v1/tokens', key });
      expect(json['items']).to.have.length(4);
      expect(served.logged).to.deep.equal([]);
    });
  }

  it('refuses an API key from the moment it is revoked', async () => {
    const key = await served.key('tokens:read');
    const list = { method: 'GET', path: '/v1/tokens', key };
    expect((await served.send(list)).status).to.equal(200);
    const id = key.split('_')[1];
    await served.send({ path: `/v1/applications/${id}/revoke`, key: await served.key() });
    expectAnswer(await served.send(list), { status: 401, code: 'unauthenticated' });
  });

  it('lets a good code in after all that was refused', async () => {
    for (const one of CASES.filter(({ expected }) => expected.status === 422)) await send(one);
    const accepted = CASES.find(({ expected }) => expected.outcome === 'accepted');
    if (accepted === undefined) throw new Error('no case is accepted');
    expectAnswer(await send(accepted), accepted.expected);
  });
});

function expectAnswer({ status, headers, json, text }: Got, expected: Expected): void {
  expect(status, text).to.equal(expected.status);
  expect(json['outcome']).to.equal(expected.outcome);
  if (expected.code === undefined) return;
  expect(headers['content-type']).to.equal('application/problem+json');
  const shown = problem.parse(json);
  expect(shown.code).to.equal(expected.code);
  expect(shown.status).to.equal(expected.status);
  expect(shown.type).to.equal(`urn:fobtwin:problem:${expected.code}`);
  expect(shown.requestId).to.equal(headers['x-request-id']);
  const [first] = shown.errors ?? [];
  expect([first?.field, first?.code]).to.deep.equal([expected.field, expected.fault]);
}

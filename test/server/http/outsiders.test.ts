import { expect } from 'chai';
import { ACCOUNT_FAILURES, ACCOUNTS } from '../../../server/accounts/record.ts';
import { APPLICATIONS } from '../../../server/applications/record.ts';
import { createLimits } from '../../../server/http/limits.ts';
import { DEFAULT_LIMITS } from '../../../server/http/limits-options.ts';
import { FACTORS, TOKENS } from '../../../server/tokens/record.ts';
import { SHADOWS } from '../../../server/tokens/shadows.ts';
import { OPERATION_IDS, PARAMETERS as PLACES, requestFor } from './every-operation.ts';
import { eventCode, eventEntry, type Sent, type Served, serve, timeEntry } from './served.ts';

/** Without an API key nobody raises any token's failure count, or writes anything at all. */
describe('outsiders', () => {
  let served: Served;

  beforeEach(async () => {
    const rng = { bytes: (length: number) => new Uint8Array(length), uniform: () => 0.5 };
    const limits = createLimits(DEFAULT_LIMITS, { elapsedMillis: () => performance.now(), rng });
    served = await serve({ replace: { limits } });
    await served.stock(timeEntry('MINE'), eventEntry('STOCKED'));
    await served.register('MINE', 'jennifer');
  });
  afterEach(() => served.close());

  /** Everything that is stored, and where the log ends. */
  async function everything(): Promise<string> {
    const { store } = served;
    const kinds = [TOKENS, FACTORS, SHADOWS, ACCOUNTS, ACCOUNT_FAILURES, APPLICATIONS] as const;
    const records: unknown[] = [];
    for (const kind of kinds) records.push(await store.scan<unknown>(kind, { limit: 500 }));
    const audit = await store.auditPage({ after: 0, limit: 500 });
    return JSON.stringify([records, audit]);
  }

  const WRONG_KEYS = [undefined, 'wrong', `fobd_${'0'.repeat(16)}_${'A'.repeat(43)}`];

  it('change nothing, whatever they ask for', async () => {
    const before = await everything();
    for (const key of WRONG_KEYS) {
      for (const id of OPERATION_IDS) {
        for (const parameters of [
          { ...PLACES, serial: 'MINE', id: 'jennifer' },
          { ...PLACES, serial: 'STOCKED', id: '0'.repeat(16) },
        ]) {
          await served.send({ ...requestFor(id, parameters), key });
        }
      }
    }
    expect(await everything()).to.equal(before);
  });

  it('count against no token and no account, however many codes they send', async () => {
    const before = await everything();
    const tries: Sent[] = [
      { path: '/v1/verify', body: { serial: 'MINE', code: '000000' } },
      { path: '/v1/verify', body: { account: 'jennifer', code: '000000' } },
      { path: '/v1/tokens/MINE/resync', body: { code1: '000000', code2: '000001' } },
      {
        path: '/v1/tokens/STOCKED/registration',
        body: { account: 'jennifer', code1: eventCode('STOCKED', 0), code2: '000001' },
      },
    ];
    const statuses = new Set<number>();
    for (let n = 0; n < 25; n += 1) {
      for (const one of tries) {
        for (const key of WRONG_KEYS) statuses.add((await served.send({ ...one, key })).status);
      }
    }
    // Far beyond what locks a token, and beyond the limit of wrong keys.
    expect([...statuses]).to.have.members([401, 429]);
    expect(await everything()).to.equal(before);
    const key = await served.key('verify:detail');
    const body = { serial: 'MINE', code: '000000' };
    expect((await served.send({ path: '/v1/verify', key, body })).json['outcome']).to.equal(
      'wrongCode',
    );
  });
});

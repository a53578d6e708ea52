import { expect } from 'chai';
import { openMemoryStore } from '../../../server/store/memory.ts';
import { type Kind, put, type Store } from '../../../server/store/port.ts';
import { type Acceptance, watchAcceptances } from '../../../server/tokens/acceptances.ts';
import {
  FACTORS,
  factorKey,
  TOKENS,
  type TokenRecord,
  tokenKey,
} from '../../../server/tokens/record.ts';
import { firstEstimate } from '../../../server/verification/drift.ts';
import { newFactor } from '../../../server/verification/factor.ts';
import { DEFAULT_POLICY } from '../../../server/verification/policy.ts';
import type { FactorRecord } from '../../../server/verification/types.ts';
import type { TokenParameters } from '../../../shared/types.ts';
import { EVENT, START, serialOf, TIME } from './room.ts';

const SERIAL = serialOf('FT01');
const STEP = Math.floor(START / 30_000);

describe('acceptances', () => {
  let store: Store;
  let told: Acceptance[];

  beforeEach(async () => {
    const kinds = [TOKENS, FACTORS] as readonly Kind<unknown>[];
    store = await openMemoryStore({ kinds, writer: 'test', auditKey: new Uint8Array(32) });
    told = [];
  });
  afterEach(() => store.close());

  async function stock(parameters: TokenParameters, factor: FactorRecord): Promise<void> {
    const token: TokenRecord = {
      version: 1,
      serial: SERIAL,
      life: 'registered',
      holds: [],
      parameters,
      sealedSeed: { version: 1, dataKey: 'k', sealed: '' },
      importedAt: START,
    };
    await store.transact([tokenKey(SERIAL), factorKey(SERIAL)], () => ({
      writes: [put(tokenKey(SERIAL), token), put(factorKey(SERIAL), factor)],
      auditDrafts: [],
      reply: undefined,
    }));
  }

  /** A decision, watched, that leaves the factor so. */
  const decide = (after: FactorRecord | undefined): Promise<string> =>
    watchAcceptances(store, (acceptance) => told.push(acceptance), {
      policy: DEFAULT_POLICY,
      now: START,
    }).transact([tokenKey(SERIAL), factorKey(SERIAL)], () => ({
      writes: after === undefined ? [] : [put(factorKey(SERIAL), after)],
      auditDrafts: [],
      reply: 'the reply',
    }));

  it('tell of an event token how many counters were passed over', async () => {
    const before = newFactor(EVENT, 5);
    await stock(EVENT, before);
    expect(await decide({ ...before, factor: { type: 'event', nextCounter: 8 } })).to.equal(
      'the reply',
    );
    expect(told).to.deep.equal([{ type: 'event', skippedCounters: 2 }]);
  });

  it('tell of a time token its window, the distance in it, offset and drift', async () => {
    const before = newFactor(TIME, 0);
    await stock(TIME, before);
    if (TIME.type !== 'time') throw new Error('TIME is a time token');
    const drift = firstEstimate(STEP - 1, TIME, START);
    await decide({ ...before, factor: { type: 'time', lastStep: STEP - 1, drift } });
    expect(told).to.have.length(1);
    const [seen] = told;
    expect(seen).to.include({ type: 'time', windowSteps: 3, distanceSteps: 1 });
    if (seen?.type !== 'time') throw new Error('not of a time token');
    expect(seen.offsetSeconds).to.equal(Math.abs(drift.offsetSeconds));
    expect(seen.driftPpm).to.be.closeTo(1.5, 0.01);
  });

  it('tell nothing of what was refused, nor of a decision that failed', async () => {
    const before = newFactor(EVENT, 5);
    await stock(EVENT, before);
    await decide({ ...before, failedPairs: 1 });
    await decide(undefined);
    await store.close();
    const failure = await decide({ ...before, factor: { type: 'event', nextCounter: 8 } }).catch(
      (error: unknown) => error,
    );
    expect(failure).to.have.property('code', 'unavailable');
    expect(told).to.deep.equal([]);
  });
});

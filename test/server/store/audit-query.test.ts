import { expect } from 'chai';
import fc from 'fast-check';
import type { AuditDraft, AuditQuery } from '../../../server/audit/entry.ts';
import { createLevelBackend } from '../../../server/store/backend.ts';
import { createMemoryData, openMemoryStore } from '../../../server/store/memory.ts';
import { openStore } from '../../../server/store/open.ts';
import type { Store } from '../../../server/store/port.ts';
import type { AccountId, ApplicationId, Serial, UnixMillis } from '../../../shared/types.ts';
import { CONTRACT_OPTIONS } from '../../contract/store-fruits.ts';
import { expectFewRows } from './audit-rows-read.ts';
import {
  allPages,
  type CountingBackend,
  counting,
  draftOf,
  fillLog,
  momentOf,
} from './long-log.ts';

/** Queries over a long log: what they find, and how many rows they read for it. */
describe('audit queries', () => {
  const LAST = 100_000;
  let store: Store;
  let backend: CountingBackend;

  before(async function () {
    this.timeout(60_000);
    const data = createMemoryData();
    await data.open();
    const filling = await openStore(createLevelBackend(data), CONTRACT_OPTIONS);
    await fillLog(filling, { first: 1, last: LAST });
    await filling.close();
    await data.open();
    backend = counting(createLevelBackend(data));
    store = await openStore(backend, CONTRACT_OPTIONS);
  });
  after(() => store.close());

  it(`read only the rows that they return, of ${LAST} entries`, () =>
    expectFewRows(store, backend, LAST));

  it('find what a walk through the whole log finds', async () => {
    const { serial, account, application } = draftOf(77_777);
    const [from, to] = [momentOf(41_000), momentOf(83_001)];
    const queries: Omit<AuditQuery, 'after' | 'limit'>[] = [
      known({ serial }),
      known({ account }),
      known({ application, serial }),
      known({ serial, account }),
      known({ serial, from }),
      known({ account, to }),
      known({ application, from: momentOf(99_900), to: momentOf(99_950) }),
      known({ from: momentOf(LAST - 700) }),
      known({ from, to: momentOf(41_100) }),
      known({ serial, account, application, from, to }),
    ];
    for (const query of queries) {
      const found = await allPages(store, { ...query, limit: 500 });
      const sequences = found.map((entry) => entry.sequence);
      expect(sequences, JSON.stringify(query)).to.deep.equal(naive(LAST, draftOf, query));
      expect(sequences.length, JSON.stringify(query)).to.be.greaterThan(0);
    }
  });

  it('find it wherever the clock jumped, whatever the page, opened again or not', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -9_000_000, max: 9_000_000 }), { minLength: 3, maxLength: 12 }),
        fc.record({
          entries: fc.integer({ min: 4000, max: 9500 }),
          limit: fc.integer({ min: 20, max: 500 }),
          from: fc.integer({ min: -9_000_000, max: 9_000_000 }),
          span: fc.integer({ min: 1, max: 6_000_000 }),
          serial: fc.boolean(),
          reopened: fc.boolean(),
        }),
        async (jumps, { entries, limit, from, span, serial, reopened }) => {
          const start = momentOf(0) + 10_000_000;
          const make = (sequence: number): AuditDraft => ({
            ...draftOf(sequence),
            serial: `FT${sequence % 40}` as Serial,
            at: (start +
              (jumps[Math.floor(sequence / 900) % jumps.length] ?? 0) +
              sequence * 7) as UnixMillis,
          });
          const data = createMemoryData();
          let jumpy = await openMemoryStore({ ...CONTRACT_OPTIONS, data });
          await fillLog(jumpy, { first: 1, last: entries, make });
          if (reopened) {
            await jumpy.close();
            jumpy = await openMemoryStore({ ...CONTRACT_OPTIONS, data });
          }
          const query = {
            from: (start + from) as UnixMillis,
            to: (start + from + span) as UnixMillis,
            ...(serial ? { serial: 'FT7' as Serial } : {}),
          };
          const found = await allPages(jumpy, { ...query, limit });
          expect(found.map(({ sequence }) => sequence)).to.eql(naive(entries, make, query));
          await jumpy.close();
        },
      ),
      { numRuns: 12 },
    )).timeout(60_000);
});

const known = <T extends object>(query: T) =>
  query as { [Name in keyof T]: Exclude<T[Name], undefined> };

function naive(
  last: number,
  make: (sequence: number) => AuditDraft,
  query: {
    readonly serial?: Serial;
    readonly account?: AccountId;
    readonly application?: ApplicationId;
    readonly from?: UnixMillis;
    readonly to?: UnixMillis;
  },
): readonly number[] {
  const { serial, account, application, from = -Infinity, to = Infinity } = query;
  const found: number[] = [];
  for (let sequence = 1; sequence <= last; sequence += 1) {
    const entry = make(sequence);
    const isWanted =
      (serial === undefined || entry.serial === serial) &&
      (account === undefined || entry.account === account) &&
      (application === undefined || entry.application === application) &&
      entry.at >= from &&
      entry.at < to;
    if (isWanted) found.push(sequence);
  }
  return found;
}

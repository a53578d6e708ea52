import { expect } from 'chai';
import type { AuditDraft, AuditEntry } from '../../server/audit/entry.ts';
import { put, type Store } from '../../server/store/port.ts';
import type { Serial } from '../../shared/types.ts';
import {
  commit,
  draft,
  fruit,
  fruitKey,
  type Opened,
  refusal,
  type StoreUnderTest,
  serial,
} from './store-fruits.ts';

/** The audit log: one chain whatever the concurrency, read in pages. */

export function auditContract(opened: Opened): void {
  it('stamps a gapless chain under a thousand concurrent decisions', async () => {
    const { store, reopen } = opened();
    await Promise.all(
      Array.from({ length: 1000 }, (_, place) =>
        commit(
          store,
          [put(fruitKey(`f${place % 10}`), fruit(place))],
          place % 3 === 0 ? [draft('one'), draft('two')] : [draft('only')],
        ),
      ),
    );
    const verdict = await (await reopen()).verifyAudit();
    expect(verdict).to.include({ sound: true, entries: 1334 });
    expect(verdict.head).to.include({ writer: 'contract', sequence: 1334 });
  });

  it('goes on where it ended', async () => {
    const { store, reopen } = opened();
    await commit(store, [], [draft('first')]);
    const again = await reopen();
    await commit(again, [], [draft('second')]);
    const { items } = await again.auditPage({ after: 0, limit: 10 });
    expect(items.map(({ action, sequence }) => [action, sequence])).to.deep.equal([
      ['first', 1],
      ['second', 2],
    ]);
    expect(items[0]?.previousHash).to.equal('0'.repeat(64));
    expect(await again.verifyAudit()).to.include({ sound: true, entries: 2 });
  });

  it('is sound before its first entry', async () => {
    const { store, reopen } = opened();
    const empty = { writer: 'contract', sequence: 0, hash: '0'.repeat(64) };
    expect(await store.verifyAudit()).to.deep.equal({ sound: true, entries: 0, head: empty });
    const again = await reopen();
    expect(await again.verifyAudit()).to.deep.equal({ sound: true, entries: 0, head: empty });
  });

  it('takes a decision of many entries whole', async () => {
    const { store, reopen } = opened();
    const drafts = Array.from({ length: 300 }, (_, place) => draft(`a${place}`));
    await commit(store, [put(fruitKey('apple'), fruit(1))], drafts);
    const again = await reopen();
    expect(await again.verifyAudit()).to.include({ sound: true, entries: 300 });
    const { items } = await again.auditPage({ after: 0, limit: 500 });
    expect(items.map(({ action }) => action)).to.deep.equal(drafts.map(({ action }) => action));
  });

  it('keeps every member of an entry', async () => {
    const { store } = opened();
    const about = {
      outcome: 'wrongCode',
      serial: serial('FT1'),
      details: { é: '"\\\n\u2028', number: 1.5, none: null, yes: true, 10: 'ten', 2: 'two' },
    } as const;
    await commit(store, [], [draft('all', about)]);
    const { items } = await store.auditPage({ after: 0, limit: 1 });
    expect(items[0]).to.deep.include({ ...draft('all', about), writer: 'contract', sequence: 1 });
  });
}

const SERIALS = ['FT1', 'FT10', 'FT2'].map(serial);

/** A store opened again after groups of one, of several and of more than a segment. */
async function filled({ store, reopen }: StoreUnderTest): Promise<Store> {
  for (const entries of [1, 1, 5, 150, 1, 70, 3]) {
    await Promise.all(
      Array.from({ length: entries }, (_, place) => {
        const about = place % 4 === 3 ? {} : { serial: SERIALS[place % 4] as Serial };
        return commit(store, [], [draft(`a${place}`, about)]);
      }),
    );
  }
  return reopen();
}

async function paged(store: Store, limit: number, about: { readonly serial?: Serial }) {
  const seen: AuditEntry[] = [];
  let after: number | null = 0;
  while (after !== null) {
    const page = await store.auditPage({ after, limit, ...about });
    expect(page.items.length).to.be.within(1, limit);
    seen.push(...page.items);
    expect(page.next === null || page.next === seen.at(-1)?.sequence).to.equal(true);
    after = page.next;
  }
  return seen;
}

export function auditPageContract(opened: Opened): void {
  async function fill(): Promise<{ store: Store; whole: readonly AuditEntry[] }> {
    const store = await filled(opened());
    const whole = (await store.auditPage({ after: 0, limit: 500 })).items;
    expect(whole.map(({ sequence }) => sequence)).to.eql(whole.map((_, place) => place + 1));
    return { store, whole };
  }

  it('pages through all of it, with every limit', async () => {
    const { store, whole } = await fill();
    expect(whole).to.have.length(231);
    for (const limit of [1, 2, 63, 64, 65, 230, 231, 232, 500]) {
      expect(await paged(store, limit, {})).to.deep.equal(whole);
    }
  });

  it('pages through the entries of one serial only', async () => {
    const { store, whole } = await fill();
    for (const about of SERIALS) {
      const expected = whole.filter((entry) => entry.serial === about);
      for (const limit of [1, 7, 500]) {
        expect(await paged(store, limit, { serial: about })).to.deep.equal(expected);
      }
    }
  });

  it('begins anywhere, also beyond the end, and finds nothing where nothing is', async () => {
    const { store, whole } = await fill();
    for (const after of [0, 1, 6, 7, 100, 230]) {
      const { items } = await store.auditPage({ after, limit: 2 });
      expect(items).to.deep.equal(whole.slice(after, after + 2));
    }
    const nothing = { items: [], next: null };
    expect(await store.auditPage({ after: 231, limit: 5 })).to.deep.equal(nothing);
    expect(await store.auditPage({ after: 10_000, limit: 5 })).to.deep.equal(nothing);
    expect(await store.auditPage({ after: 0, limit: 5, serial: serial('FT9') })).to.eql(nothing);
  });

  it('finds an account, and an account with a serial', async () => {
    const { store } = opened();
    const account = 'kim' as NonNullable<AuditDraft['account']>;
    const drafts = [
      draft('both', { serial: serial('FT1'), account }),
      draft('serial', { serial: serial('FT1') }),
      draft('account', { account }),
    ];
    await commit(store, [], drafts);
    const actions = async (about: object) =>
      (await store.auditPage({ after: 0, limit: 5, ...about })).items.map(({ action }) => action);
    expect(await actions({ account })).to.deep.equal(['both', 'account']);
    expect(await actions({ account, serial: serial('FT1') })).to.deep.equal(['both']);
  });

  it('refuses limits and beginnings that are none', async () => {
    const { store } = opened();
    for (const limit of [0, 501, 0.5]) {
      await refusal(store.auditPage({ after: 0, limit }), 'internal');
    }
    for (const after of [-1, 0.5, Number.NaN]) {
      await refusal(store.auditPage({ after, limit: 1 }), 'internal');
    }
  });
}

/** A log long enough that its index has been written in runs (of 4,096 entries). */
export function auditRunsContract(opened: Opened): void {
  it('pages through one serial in a log of many runs, opened again too', async function () {
    this.timeout(60_000);
    const { store, reopen } = opened();
    // Groups of 1,500 cross the borders of runs (4,096) and of segments (64) at all places.
    const expected: number[] = [];
    let sequence = 0;
    for (let group = 0; group < 9; group += 1) {
      const drafts = Array.from({ length: 1500 }, () => {
        sequence += 1;
        const rare = sequence % 997 === 0 || (sequence > 4090 && sequence < 4100);
        if (rare) expected.push(sequence);
        const name = rare ? 'RARE1' : `FT${sequence % 300}`;
        return draft('verify', { serial: serial(name) });
      });
      await commit(store, [], drafts);
    }
    const sequences = async (of: Store, limit: number) =>
      (await paged(of, limit, { serial: serial('RARE1') })).map((entry) => entry.sequence);
    expect(await sequences(store, 500)).to.deep.equal(expected);
    const again = await reopen();
    for (const limit of [1, 5, 500]) expect(await sequences(again, limit)).to.deep.equal(expected);
    await commit(again, [], [draft('late', { serial: serial('RARE1') })]);
    expect(await sequences(again, 500)).to.deep.equal([...expected, sequence + 1]);
    const { items } = await again.auditPage({ after: 8000, limit: 1, serial: serial('RARE1') });
    expect(items.map((entry) => entry.sequence)).to.deep.equal([8973]);
  });
}

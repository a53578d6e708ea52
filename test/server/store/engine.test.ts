import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { openStore } from '../../../server/store/open.ts';
import { put, replyOnly, type Store } from '../../../server/store/port.ts';
import {
  CONTRACT_OPTIONS,
  commit,
  draft,
  FRUITS,
  fruit,
  fruitKey,
  read,
  refusal,
} from '../../contract/store-fruits.ts';
import { createGatedBackend, type GatedBackend } from './gated-backend.ts';

/** What the engine does while a flush is on its way, or after one has failed. */
describe('store engine', () => {
  let backend: GatedBackend;
  let store: Store;
  /** Names in the order in which their promises were settled. */
  let settled: string[];

  const open = async (options: { readonly queuedDecisions?: number } = {}) => {
    backend = await createGatedBackend();
    const opening = openStore(backend, { ...CONTRACT_OPTIONS, ...options });
    await backend.begun(1);
    backend.finish();
    store = await opening;
    settled = [];
  };
  beforeEach(() => open());
  afterEach(async () => {
    let closed = false;
    const closing = store.close().finally(() => {
      closed = true;
    });
    while (!closed) {
      backend.finish();
      await nextTurn();
    }
    await closing;
  });

  function note<T>(name: string, promise: Promise<T>): Promise<void> {
    return promise.then(
      () => void settled.push(name),
      () => void settled.push(`${name} failed`),
    );
  }
  const putting = (id: string) => note(id, commit(store, [put(fruitKey(id), fruit(1, 'red'))]));
  const reading = (id: string) => note(`read ${id}`, read(store, id));
  /** Long enough for anything that could be settled to be so. */
  const aWhile = async () => {
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
  };

  it('replies only when the write is durable', async () => {
    const a = putting('a');
    await backend.begun(2);
    await aWhile();
    expect(settled).to.deep.equal([]);
    backend.finish();
    await a;
    expect(settled).to.deep.equal(['a']);
  });

  it('flushes together what arrives together, and what arrives meanwhile as the next', async () => {
    const first = Promise.all([putting('a'), putting('b')]);
    await backend.begun(2);
    const second = Promise.all([putting('c'), putting('d'), putting('c')]);
    await aWhile();
    expect(backend.writes).to.have.length(2);
    backend.finish();
    await first;
    expect(settled).to.deep.equal(['a', 'b']);
    await backend.begun(3);
    backend.finish();
    await second;
    expect(settled).to.deep.equal(['a', 'b', 'c', 'd', 'c']);
    const recordsIn = (write: number) =>
      backend.writes[write]?.filter(({ key }) => key.startsWith('r')).length;
    expect([recordsIn(1), recordsIn(2)]).to.deep.equal([2, 2]);
  });

  it('flushes one that comes alone after two turns', async () => {
    const alone = putting('a');
    await nextTurn();
    expect(backend.writes).to.have.length(1);
    await nextTurn();
    expect(backend.writes).to.have.length(2);
    backend.finish();
    await alone;
  });

  it('lets a group gather while a turn brings more, for two turns', async () => {
    const waiting = [putting('a')];
    await nextTurn();
    waiting.push(putting('b'));
    expect(backend.writes).to.have.length(1);
    await nextTurn();
    waiting.push(putting('c'));
    const keys = backend.writes[1]?.map(({ key }) => key).filter((key) => key.startsWith('r'));
    expect(keys).to.have.length(2);
    backend.finish();
    await backend.begun(3);
    backend.finish();
    await Promise.all(waiting);
  });

  it('lets no group gather on when a turn has brought none', async () => {
    void putting('a');
    await backend.begun(2);
    const next = [putting('b'), putting('c')];
    backend.finish();
    await backend.begun(3);
    const late = putting('d');
    await aWhile();
    expect(backend.writes[2]?.filter(({ key }) => key.startsWith('r'))).to.have.length(2);
    backend.finish();
    await Promise.all(next);
    await backend.begun(4);
    backend.finish();
    await late;
  });

  it('lets a decision that only reads wait for the writes it rests on, and no others', async () => {
    void putting('a');
    await backend.begun(2);
    void putting('b');
    const waits = [reading('a'), reading('b')];
    await reading('c');
    expect(settled).to.deep.equal(['read c']);
    backend.finish();
    await waits[0];
    expect(settled).to.deep.equal(['read c', 'a', 'read a']);
    await backend.begun(3);
    backend.finish();
    await waits[1];
    expect(settled).to.deep.equal(['read c', 'a', 'read a', 'b', 'read b']);
  });

  it('lets a refusal wait for the writes it rests on, and fail with them', async () => {
    const refusing = (id: string) =>
      note(
        `refusal of ${id}`,
        store.transact([fruitKey(id)], () => {
          throw new Error('it exists already');
        }),
      );
    void putting('a');
    await backend.begun(2);
    const waits = refusing('a');
    await refusing('c');
    expect(settled).to.deep.equal(['refusal of c failed']);
    backend.finish();
    await waits;
    expect(settled).to.deep.equal(['refusal of c failed', 'a', 'refusal of a failed']);

    void putting('b');
    await backend.begun(3);
    const unsaid = store.transact([fruitKey('b')], () => {
      throw new Error('it exists already');
    });
    const told = refusal(unsaid, 'unavailable');
    backend.finish(new Error('the disk is gone'));
    await told;
  });

  it('keeps a reply that rests on two groups until the later is durable', async () => {
    void putting('a');
    await backend.begun(2);
    void putting('b');
    const keys = [fruitKey('b'), fruitKey('a')] as const;
    const both = note(
      'both',
      store.transact(keys, () => replyOnly(0)),
    );
    backend.finish();
    await backend.begun(3);
    await aWhile();
    expect(settled).to.deep.equal(['a']);
    backend.finish();
    await both;
    expect(settled).to.deep.equal(['a', 'b', 'both']);
  });

  it('writes the entries of a group with what they record, and the head with both', async () => {
    const both = Promise.all([
      commit(store, [put(fruitKey('a'), fruit(1))], [draft('one')]),
      commit(store, [put(fruitKey('b'), fruit(1))], [draft('two')]),
    ]);
    await backend.begun(2);
    const kinds = backend.writes[1]?.map(({ key }) => key[0]);
    expect(kinds).to.deep.equal(['r', 'r', 'a', 'h']);
    backend.finish();
    await both;
  });

  it('scans what is durable, after what was committed before is', async () => {
    void putting('a');
    await backend.begun(2);
    const scanned = store.scan(FRUITS, { limit: 10 });
    void putting('b');
    await note('scan', Promise.race([scanned, aWhile().then(() => Promise.reject())]));
    expect(settled).to.deep.equal(['scan failed']);
    backend.finish();
    expect((await scanned).items).to.have.length(1);
  });

  it('refuses more decisions than may wait, and takes them again later', async () => {
    backend.finish();
    await store.close();
    await open({ queuedDecisions: 3 });
    const waiting = [putting('a'), putting('b')];
    await backend.begun(2);
    waiting.push(putting('c'));
    await refusal(commit(store, [put(fruitKey('d'), fruit(1))]), 'unavailable');
    await refusal(read(store, 'd'), 'unavailable');
    backend.finish();
    await backend.begun(3);
    await Promise.all(waiting.slice(0, 2));
    expect(settled).to.deep.equal(['a', 'b']);
    await read(store, 'd');
    backend.finish();
    await Promise.all(waiting);
  });

  it('ends when a flush fails: dependants fail, later work is refused, no second try', async () => {
    const cause = new Error('the disk is gone');
    const waiting = [putting('a')];
    await backend.begun(2);
    waiting.push(putting('b'), reading('a'));
    backend.finish(cause);
    expect(await store.failed).to.equal(cause);
    await Promise.all(waiting);
    expect(settled).to.have.members(['a failed', 'b failed', 'read a failed']);
    const error = await refusal(read(store, 'z'), 'unavailable');
    expect(error.cause).to.equal(cause);
    await refusal(commit(store, [put(fruitKey('z'), fruit(1))]), 'unavailable');
    await aWhile();
    expect(backend.writes).to.have.length(2);
    expect((await store.scan(FRUITS, { limit: 10 })).items).to.deep.equal([]);
    expect(await store.verifyAudit()).to.include({ sound: true, entries: 0 });
  });

  it('closes although a flush has failed', async () => {
    const failing = putting('a');
    await backend.begun(2);
    const closing = store.close();
    backend.finish(new Error('the disk is gone'));
    await closing;
    await failing;
    expect(settled).to.deep.equal(['a failed']);
  });

  it('closes only when what is queued is durable', async () => {
    void putting('a');
    await backend.begun(2);
    void putting('b');
    const closing = note('close', store.close());
    backend.finish();
    await backend.begun(3);
    await aWhile();
    expect(settled).to.deep.equal(['a']);
    backend.finish();
    await closing;
    expect(settled).to.deep.equal(['a', 'b', 'close']);
  });
});

describe('opening a store', () => {
  const options = CONTRACT_OPTIONS;
  const [kind] = options.kinds;
  if (kind === undefined) throw new Error('the contract has kinds');
  const bad = {
    'an audit key of 31 bytes': { auditKey: new Uint8Array(31) },
    'an empty writer': { writer: '' },
    'cachedRecords below 0': { cachedRecords: -1 },
    'cachedRecords above 4,000,000': { cachedRecords: 4_000_001 },
    'queuedDecisions of 1.5': { queuedDecisions: 1.5 },
    'a kind twice': { kinds: [kind, kind] },
    'a kind with a bad name': { kinds: [{ ...kind, name: 'a!b' }] },
    'an index with a bad name': { kinds: [{ ...kind, indexes: [''] }] },
  };
  for (const [what, wrong] of Object.entries(bad)) {
    it(`refuses ${what}`, async () => {
      const backend = await createGatedBackend();
      await refusal(openStore(backend, { ...options, ...wrong }), 'internal');
      expect(backend.writes).to.deep.equal([]);
      await backend.close();
    });
  }
});

import { expect } from 'chai';
import sinon from 'sinon';
import { IMPORTS, importKey } from '../../../server/tokens/import-record.ts';
import { openImports } from '../../../server/tokens/imports.ts';
import { FACTORS, TOKENS } from '../../../server/tokens/record.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { SeedFileEntry } from '../../../shared/seed-files/entry.ts';
import {
  accountOf,
  COARSE,
  codeOfError,
  EVENT,
  entryOf,
  OWNER,
  openRoom,
  type Room,
  serialOf,
} from './room.ts';

/** More than two slices. */
const COUNT = 620;
const NAMES = Array.from({ length: COUNT }, (_, n) => `FT${String(n).padStart(4, '0')}`);
const FIRST = serialOf('FT0000');

/** A file that is sent up to a point, and goes on when it is told to. */
function paused(entries: readonly SeedFileEntry[], stopAfter: number) {
  let resume: (fail?: Error) => void = () => undefined;
  const resumed = new Promise<Error | undefined>((resolve) => {
    resume = resolve;
  });
  let reached: () => void = () => undefined;
  const atPause = new Promise<void>((resolve) => {
    reached = resolve;
  });
  async function* rows() {
    for (const [index, entry] of entries.entries()) {
      if (index === stopAfter) {
        reached();
        const failure = await resumed;
        if (failure !== undefined) throw failure;
      }
      yield entry;
    }
  }
  return { rows: rows(), atPause, resume };
}

const file = () => NAMES.map((name) => entryOf(serialOf(name)));

describe('a seed file that is being imported', () => {
  let room: Room;
  beforeEach(async () => {
    room = await openRoom();
  });
  afterEach(() => room.store.close());

  const load = (rows: AsyncIterable<SeedFileEntry>) =>
    room.tokens.importEntries(rows, { dryRun: false }, room.as(OWNER));
  /** Records of the import as they lie in the store, seen by nobody. */
  const staged = async (kind: typeof TOKENS | typeof FACTORS) =>
    (await room.store.scan<unknown>(kind, { limit: 500 })).items.length;

  /** Runs `look` while the first slices are written and the rest is still to come. */
  async function during(look: () => Promise<void>, failure?: Error) {
    const { rows, atPause, resume } = paused(file(), COUNT - 5);
    const work = load(rows);
    work.catch(() => undefined);
    await atPause;
    expect(await staged(TOKENS)).to.be.greaterThan(0);
    await look();
    resume(failure);
    return work;
  }

  it('is there all at once when its last row has come', async () => {
    const report = await during(async () => {
      expect((await room.tokens.list({ limit: 500 })).items).to.deep.equal([]);
      expect(await room.audit()).to.deep.equal([]);
    });
    expect(report).to.include({ imported: COUNT, skipped: 0, refused: 0 });
    expect((await room.detail(FIRST)).token.life).to.equal('stocked');
    const { items, next } = await room.tokens.list({ limit: 500 });
    expect(items).to.have.length(500);
    const rest = await room.tokens.list({ limit: 500, after: next ?? '' });
    expect(rest.items).to.have.length(COUNT - 500);
    expect(await room.audit()).to.have.length(1);
  });

  it('is as if absent to every command until then', async () => {
    await room.account('jennifer');
    const [code1, code2] = room.pair(FIRST);
    const account = accountOf('jennifer');
    const register = { serial: FIRST, account, code1, code2 };
    const resync = { serial: FIRST, code1, code2 };
    const asked = async () => {
      const as = room.as(OWNER);
      return {
        verify: (await room.verify(FIRST, code1)).outcome,
        coarsely: (await room.verify(FIRST, code1, COARSE)).outcome,
        register: await codeOfError(room.tokens.register(register, as)),
        registerCoarsely: (await room.tokens.register(register, room.as(COARSE))).outcome,
        resync: await codeOfError(room.tokens.resync(resync, as)),
        get: await codeOfError(room.tokens.get(FIRST)),
        revoke: await codeOfError(room.tokens.changeLife({ serial: FIRST, verb: 'revoke' }, as)),
        exportIt: await codeOfError(
          room.tokens.exportEntries({ serials: [FIRST], format: 'pskc', protection: 'plain' }, as),
        ),
        exportAll: await codeOfError(
          room.tokens.exportEntries({ format: 'pskc', protection: 'plain' }, as),
        ),
      };
    };
    const before = await asked();
    expect(before).to.include({ get: 'notFound', register: 'notFound', exportAll: 'notFound' });
    await during(async () => {
      expect(await asked()).to.deep.equal(before);
    });
    // What was asked meanwhile has left no mark on the token.
    const { factor } = await room.detail(FIRST);
    expect(factor).to.deep.include({ failedPairs: 0, factor: { type: 'event', nextCounter: 0 } });
    room.pass(86_400_000);
    expect((await room.tokens.register(register, room.as(OWNER))).outcome).to.equal('accepted');
  });

  it('is told of in a dry run of another as if it were not there', async () => {
    await during(async () => {
      async function* one() {
        yield entryOf(FIRST);
      }
      const report = await room.tokens.importEntries(one(), { dryRun: true }, room.as(OWNER));
      expect(report.rows).to.deep.equal([{ serial: FIRST, result: 'skipped', reason: 'dryRun' }]);
    });
  });

  it('keeps any other file out, and says which it is', async () => {
    await during(async () => {
      const error: unknown = await load(paused([], 0).rows).catch((caught) => caught);
      expect(error).to.be.instanceOf(FobtwinError);
      const { code, message } = error as FobtwinError;
      expect(code).to.equal('notAllowedNow');
      expect(message).to.contain('Import 1, begun by localOwner at 2026-01-01T00:00:15.000Z');
    });
    expect((await load(paused([entryOf(serialOf('NEXT'))], 9).rows)).imported).to.equal(1);
  });

  it('leaves nothing at all behind when it turns out bad', async () => {
    const failed = during(async () => undefined, new Error('broken off'));
    expect(await failed.catch((error: Error) => error.message)).to.equal('broken off');
    expect(await staged(TOKENS)).to.equal(0);
    expect(await staged(FACTORS)).to.equal(0);
    expect((await room.store.scan(IMPORTS, { limit: 500 })).items).to.deep.equal([]);
    expect(await room.audit()).to.deep.equal([]);
    async function* again() {
      yield* file();
    }
    expect((await load(again())).imported).to.equal(COUNT);
  });

  it('leaves what was there before alone when it turns out bad', async () => {
    const known = await room.stock('FT0300', EVENT, 7);
    const before = await room.detail(known);
    await during(async () => undefined, new Error('broken off')).catch(() => undefined);
    expect(await room.detail(known)).to.deep.equal(before);
    expect(await staged(TOKENS)).to.equal(1);
  });

  it('is taken away when the store opens again, and its number is not used twice', async () => {
    let pendingThen: readonly string[] = [];
    await during(async () => {
      // As after a kill: the records are there, and nobody is at work on them.
      const unsound = await openImports(room.store, { isSound: false });
      pendingThen = [...unsound.pending];
      const reopened = await openImports(room.store, { isSound: true });
      expect([...reopened.pending]).to.deep.equal([]);
      expect(await staged(TOKENS)).to.equal(0);
      expect(await staged(FACTORS)).to.equal(0);
    }, new Error('killed')).catch(() => undefined);
    expect(pendingThen).to.deep.equal(['1']);
    await room.stock('FT1');
    const [active] = (await room.store.scan(IMPORTS, { limit: 5 })).items;
    expect(active).to.include({ id: '2', state: 'active', by: 'localOwner', imported: 1 });
    const after = await openImports(room.store, { isSound: true });
    await after.alone(room.as(OWNER), async (id) => expect(id).to.equal('3'));
    expect((await room.detail(serialOf('FT1'))).token.importId).to.equal('2');
  });

  it('is taken away from slice to slice, without going through what is gone', async () => {
    const names = Array.from({ length: 1100 }, (_, n) => `FT${String(n).padStart(4, '0')}`);
    const rows = names.map((name) => entryOf(serialOf(name)));
    const { rows: sent, atPause, resume } = paused(rows, rows.length - 5);
    const importing = load(sent);
    await atPause;
    const scan = sinon.spy(room.store, 'scan');
    resume(new Error('cut off'));
    await importing.catch(() => undefined);
    const searched = scan.getCalls().flatMap(({ args: [, { index, after = '' }] }) => {
      return index === 'import' ? after : [];
    });
    scan.restore();
    expect(searched).to.have.length.greaterThan(1);
    const ends = searched.map((_, slice) => (slice === 0 ? '' : names[250 * slice - 1]));
    expect(searched).to.deep.equal(ends);
    expect(await staged(TOKENS)).to.equal(0);
    expect(await staged(FACTORS)).to.equal(0);
  });

  it('that could not be taken away stays hidden, and goes before the next', async () => {
    const { store } = room;
    let refuses = false;
    const faulty = {
      scan: store.scan.bind(store),
      transact: ((keys, decide) =>
        refuses
          ? Promise.reject(new Error('queue full'))
          : store.transact(keys, decide)) as typeof store.transact,
    };
    const imports = await openImports(faulty, { isSound: true });
    const key = importKey('1');
    const failed = imports.alone(room.as(OWNER), async (id) => {
      await store.transact([key], () => ({
        writes: [
          {
            key,
            record: { version: 1, id, state: 'staging' },
          },
        ],
        auditDrafts: [],
        reply: undefined,
      }));
      refuses = true;
      throw new Error('broken off');
    });
    expect(await failed.catch((error: Error) => error.message)).to.equal('broken off');
    expect([...imports.pending]).to.deep.equal(['1']);
    refuses = false;
    await imports.alone(room.as(OWNER), async () => {
      expect([...imports.pending]).to.deep.equal(['2']);
    });
    expect([...imports.pending]).to.deep.equal([]);
  });
});

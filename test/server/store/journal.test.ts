import fs, { type PathLike } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import type { DatabaseBackend, Operation } from '../../../server/store/backend.ts';
import { JOURNAL_NAMES } from '../../../server/store/journal.ts';
import { BLOCK_BYTES } from '../../../server/store/journal-record.ts';
import { JOURNAL_KEY } from '../../../server/store/keys.ts';
import { openLevelStore } from '../../../server/store/level.ts';
import { put } from '../../../server/store/port.ts';
import {
  CONTRACT_OPTIONS,
  commit,
  draft,
  fruit,
  fruitKey,
  read,
  refusal,
} from '../../contract/store-fruits.ts';
import { type Crashed, FILE_BYTES, leftBy, openRig, type Rig, rowsOf } from './journal-rig.ts';
import { makeTemporary, type Temporary } from './temporary.ts';

const SECTOR_BYTES = 512;

const operation: fc.Arbitrary<Operation> = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd\u0000é', 'e\u{1f511}'),
  value: fc.option(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      // Longer than a block, and longer than a file.
      fc.constantFrom('x'.repeat(5000), 'ü'.repeat(3000), 'y'.repeat(FILE_BYTES)),
    ),
    { nil: undefined },
  ),
});
const writes = fc.array(fc.array(operation, { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 14,
});

/** `bytes` with the first sectors of `written` and the rest of `before`. */
function torn(before: Buffer, written: Buffer, sectors: number): Buffer {
  const end = sectors * SECTOR_BYTES;
  return Buffer.concat([written.subarray(0, end), before.subarray(end)]);
}

describe('store journal', function () {
  this.timeout(60_000);
  let temporary: Temporary;
  let rigs: Rig[];
  beforeEach(async () => {
    temporary = await makeTemporary();
    rigs = [];
  });
  afterEach(async () => {
    sinon.restore();
    syncBuiltinESMExports();
    for (const { backend } of rigs) await backend.close();
    await temporary.remove();
  });

  const open = async (
    crashed?: Crashed,
    change?: (database: DatabaseBackend) => DatabaseBackend,
  ): Promise<Rig> => {
    const rig = await openRig(temporary.directory, crashed, change);
    rigs.push(rig);
    return rig;
  };
  const close = async (rig: Rig): Promise<void> => {
    rigs.splice(rigs.indexOf(rig), 1);
    await rig.backend.close();
  };
  /** What is there when it is opened again, twice over: the replay itself may be repeated. */
  const reopened = async (crashed: Crashed) => {
    const rig = await open(crashed);
    const rows = await rowsOf(rig.backend);
    const again = await open(await rig.crash());
    expect(await rowsOf(again.backend)).to.deep.equal(rows);
    for (const [key, value] of rows) expect(again.backend.getSync(key)).to.equal(value);
    await close(again);
    await close(rig);
    return rows;
  };
  const numbered = (number: number, bytes = 1000): Operation[] => [
    { key: `k${number}`, value: String(number).repeat(bytes) },
    { key: 'last', value: String(number) },
  ];

  it('a crash leaves all that was acknowledged, and of the last write all or nothing', async () => {
    await fc.assert(
      fc.asyncProperty(writes, async (all) => {
        for (const name of JOURNAL_NAMES)
          await rm(path.join(temporary.directory, name), { force: true });
        const rig = await open();
        let before = await rig.crash();
        const done: (readonly Operation[])[] = [];
        for (const one of all) {
          before = await rig.crash();
          await rig.backend.write(one);
          done.push(one);
          expect(await rowsOf(rig.backend)).to.deep.equal(leftBy(done));
          for (const [key, value] of leftBy(done)) expect(rig.backend.getSync(key)).to.equal(value);
        }
        const written = await rig.crash();
        expect(await reopened(written)).to.deep.equal(leftBy(done));
        await close(rig);
        await reopened(written);
        const [older, newer] = [leftBy(done.slice(0, -1)), leftBy(done)];
        // Where the last write went past the journal, or had a checkpoint before it, there is no part.
        if (JSON.stringify(before.rows) !== JSON.stringify(written.rows)) return;
        const index = before.files.findIndex(
          (bytes, at) => !bytes.equals(written.files[at] ?? bytes),
        );
        const [was = Buffer.alloc(0), is = Buffer.alloc(0)] = [
          before.files[index],
          written.files[index],
        ];
        for (let sectors = 0; sectors * SECTOR_BYTES <= is.length; sectors += 1) {
          const files = written.files.with(index, torn(was, is, sectors));
          const rows = await reopened({ rows: written.rows, files });
          expect([older, newer]).to.deep.include(rows);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('goes on after each crash, in either file', async () => {
    let crashed: Crashed | undefined;
    const done: Operation[][] = [];
    for (let number = 0; number < 40; number += 1) {
      const rig = await open(crashed);
      for (let more = 0; more < number % 7; more += 1) {
        done.push(numbered(done.length));
        await rig.backend.write(done.at(-1) ?? []);
      }
      crashed = await rig.crash();
      expect(await rowsOf(rig.backend)).to.deep.equal(leftBy(done));
      await close(rig);
    }
  });

  it('writes each record once for all its changes', async () => {
    let put = 0;
    const rig = await open(undefined, (database) => ({
      ...database,
      write: (operations) => {
        const list = [...operations];
        put += list.length;
        return database.write(list);
      },
    }));
    for (let number = 0; number < 100; number += 1) {
      await rig.backend.write([{ key: 'hot', value: String(number) }]);
    }
    await close(rig);
    // Six blocks a file: sixteen times full, and what is left at the end; each with the row.
    expect(put).to.equal(2 * Math.ceil(100 / (FILE_BYTES / BLOCK_BYTES)));
  });

  it('refuses a store where a write is missing between others, and changes nothing', async () => {
    const rig = await open();
    for (const number of [1, 2, 3]) await rig.backend.write(numbered(number));
    const whole = await rig.crash();
    const [bytes = Buffer.alloc(0), other = Buffer.alloc(0)] = whole.files;
    const damagedAt = (at: number) => {
      const changed = Buffer.concat([bytes]);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      return { rows: whole.rows, files: [changed, other] };
    };
    for (const at of [0, 5, 9, 14, 22, 30, 900, BLOCK_BYTES, BLOCK_BYTES + 500]) {
      const crashed = damagedAt(at);
      const error = await refusal(openRig(temporary.directory, crashed), 'dataDirectoryDamaged');
      expect(error.detail).to.match(/^write [12] of the journal cannot be read/);
      const left = await readFile(path.join(temporary.directory, JOURNAL_NAMES[0]));
      expect(left.equals(crashed.files[0] ?? left)).to.equal(true);
    }
    // Nothing comes after the last: nobody can tell damage from a write that was broken off.
    const last = await open(damagedAt(2 * BLOCK_BYTES + 500));
    expect(await rowsOf(last.backend)).to.deep.equal(leftBy([numbered(1), numbered(2)]));
  });

  it('a crash while what one file holds goes into the database needs both', async () => {
    let end: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      end = resolve;
    });
    const rig = await open(undefined, (database) => ({ ...database, write: () => held }));
    const done = Array.from({ length: 9 }, (_, number) => numbered(number));
    for (const one of done) await rig.backend.write(one);
    const crashed = await rig.crash();
    expect(await reopened(crashed)).to.deep.equal(leftBy(done));
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = crashed.files;
    const [sixth, ninth] = [5 * BLOCK_BYTES, 2 * BLOCK_BYTES];
    const cutShort = [first, second.subarray(0, ninth)];
    expect(await reopened({ rows: [], files: cutShort })).to.deep.equal(leftBy(done.slice(0, 8)));
    const damaged = { rows: [], files: [first.subarray(0, sixth), second] };
    await refusal(openRig(temporary.directory, damaged), 'dataDirectoryDamaged');
    end();
  });

  it('refuses a store whose journal, or whose row, is gone or wrong', async () => {
    const rig = await open();
    await rig.backend.write(numbered(1));
    await close(rig);
    const whole = await rig.crash();
    await rm(path.join(temporary.directory, JOURNAL_NAMES[1]));
    await refusal(openRig(temporary.directory, { ...whole, files: [] }), 'dataDirectoryDamaged');
    for (const wrong of ['', '{}', '{"sequence":"1"}', 'null', '{"sequence":1.5}']) {
      const rows = whole.rows.map(
        ([key, value]) => [key, key === JOURNAL_KEY ? wrong : value] as const,
      );
      await refusal(openRig(temporary.directory, { ...whole, rows }), 'dataDirectoryDamaged');
    }
  });

  it('continues a write that was cut short, and fails with one that fails', async () => {
    const rig = await open();
    const { write } = fs;
    const stubbed = sinon.stub(fs, 'write');
    const cut = (length: number) =>
      stubbed.callsFake(((...args: Parameters<typeof write>) => {
        const [fd, bytes, offset, , at, done] = args as unknown as [
          number,
          Buffer,
          number,
          number,
          number,
          () => void,
        ];
        write(fd, bytes, offset, Math.min(length, bytes.length), at, done);
      }) as typeof write);
    cut(700);
    syncBuiltinESMExports();
    await rig.backend.write(numbered(1));
    expect(stubbed.callCount).to.equal(Math.ceil(BLOCK_BYTES / 700));
    const written = await rig.crash();

    const cause = new Error('EIO: i/o error, write');
    stubbed.callsFake(((...args: unknown[]) =>
      (args.at(-1) as (error: Error) => void)(cause)) as typeof write);
    const failing = rig.backend.write(numbered(2));
    expect(await failing.catch((error: unknown) => error)).to.equal(cause);
    stubbed.restore();
    syncBuiltinESMExports();
    expect(await rig.backend.write(numbered(3)).catch((error: unknown) => error)).to.equal(cause);
    expect(await rowsOf(rig.backend)).to.deep.equal(leftBy([numbered(1)]));
    await close(rig);
    expect((await rig.crash()).files).to.deep.equal(written.files);
    expect(await reopened(written)).to.deep.equal(leftBy([numbered(1)]));
  });

  it('loses nothing where a checkpoint fails: the next write does, and the journal stays', async () => {
    const cause = new Error('no space left');
    const rig = await open(undefined, (database) => ({
      ...database,
      write: () => Promise.reject(cause),
    }));
    const done: Operation[][] = [];
    let failure: unknown;
    while (failure === undefined) {
      const one = numbered(done.length);
      await rig.backend.write(one).then(
        () => void done.push(one),
        (error: unknown) => {
          failure = error;
        },
      );
    }
    expect(failure).to.equal(cause);
    expect(done.length).to.be.at.least(FILE_BYTES / BLOCK_BYTES);
    expect(await rowsOf(rig.backend)).to.deep.equal(leftBy(done));
    await close(rig);
    expect(await reopened(await rig.crash())).to.deep.equal(leftBy(done));
  });

  it('views stay as they were, while checkpoints come and go and after them', async () => {
    let release: () => void = () => undefined;
    let held: Promise<void> | undefined;
    const rig = await open(undefined, (database) => ({
      ...database,
      async write(operations) {
        await held;
        await database.write(operations);
      },
    }));
    held = new Promise((resolve) => {
      release = resolve;
    });
    const done: Operation[][] = [];
    const more = async (count: number) => {
      for (let number = 0; number < count; number += 1) {
        done.push([...numbered(done.length), { key: `k${done.length - 3}`, value: undefined }]);
        await rig.backend.write(done.at(-1) ?? []);
      }
    };
    await more(8);
    const during = rig.backend.view();
    const then = leftBy(done);
    await more(3);
    release();
    await more(40);
    expect(await during.range({ below: '~', limit: 1000 })).to.deep.equal(then);
    const keys = then.map(([key]) => key);
    expect(await during.many([...keys, 'none'])).to.deep.equal([
      ...then.map(([, value]) => value),
      undefined,
    ]);
    expect(await rowsOf(rig.backend)).to.deep.equal(leftBy(done));
    await during.close();
  });

  it('lies in two files for the owner alone, which are empty when the store was closed', async () => {
    const directory = path.join(temporary.directory, 'store');
    const stats = () =>
      Promise.all(JOURNAL_NAMES.map((name) => stat(path.join(directory, name) as PathLike)));
    const store = await openLevelStore(directory, CONTRACT_OPTIONS);
    for (let number = 0; number < 3; number += 1) {
      await commit(store, [put(fruitKey('apple'), fruit(number))], [draft('one')]);
    }
    const open_ = await stats();
    expect(open_.map(({ mode }) => mode & 0o777)).to.deep.equal([0o600, 0o600]);
    expect(open_.map(({ size }) => size)).to.deep.equal([4 * BLOCK_BYTES, 0]);
    await store.close();
    expect((await stats()).map(({ size }) => size)).to.deep.equal([0, 0]);
    const again = await openLevelStore(directory, CONTRACT_OPTIONS);
    expect(await read(again, 'apple')).to.deep.equal(fruit(2));
    await again.close();
    await writeFile(path.join(directory, JOURNAL_NAMES[0]), Buffer.alloc(FILE_BYTES, 0xff));
    const odd = await openLevelStore(directory, CONTRACT_OPTIONS);
    expect(await read(odd, 'apple')).to.deep.equal(fruit(2));
    await odd.close();
  });
});

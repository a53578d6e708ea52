import { rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Operation } from '../../../server/store/backend.ts';
import { JOURNAL_NAMES } from '../../../server/store/journal.ts';
import { BLOCK_BYTES } from '../../../server/store/journal-record.ts';
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
import {
  type Crashed,
  FILE_BYTES,
  leftBy,
  makeRigs,
  numbered,
  openRig,
  type Rigs,
  rowsOf,
} from './journal-rig.ts';

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
  let rigs: Rigs;
  beforeEach(async () => {
    rigs = await makeRigs();
  });
  afterEach(() => rigs.remove());

  it('a crash leaves all that was acknowledged, and of the last write all or nothing', async () => {
    await fc.assert(
      fc.asyncProperty(writes, async (all) => {
        for (const name of JOURNAL_NAMES)
          await rm(path.join(rigs.directory, name), { force: true });
        const rig = await rigs.open();
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
        expect(await rigs.reopened(written)).to.deep.equal(leftBy(done));
        await rigs.close(rig);
        await rigs.reopened(written);
        const [older, newer] = [leftBy(done.slice(0, -1)), leftBy(done)];
        // There is no part where it went past the journal, or had a checkpoint before it.
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
          const rows = await rigs.reopened({ rows: written.rows, files });
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
      const rig = await rigs.open(crashed);
      for (let more = 0; more < number % 7; more += 1) {
        done.push(numbered(done.length));
        await rig.backend.write(done.at(-1) ?? []);
      }
      crashed = await rig.crash();
      expect(await rowsOf(rig.backend)).to.deep.equal(leftBy(done));
      await rigs.close(rig);
    }
  });

  it('writes each record once for all its changes', async () => {
    let put = 0;
    const rig = await rigs.open(undefined, (database) => ({
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
    await rigs.close(rig);
    // Six blocks a file: sixteen times full, and what is left at the end; each with the row.
    expect(put).to.equal(2 * Math.ceil(100 / (FILE_BYTES / BLOCK_BYTES)));
  });

  it('a crash while what one file holds goes into the database needs both', async () => {
    let end: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      end = resolve;
    });
    const rig = await rigs.open(undefined, (database) => ({ ...database, write: () => held }));
    const done = Array.from({ length: 9 }, (_, number) => numbered(number));
    for (const one of done) await rig.backend.write(one);
    const crashed = await rig.crash();
    expect(await rigs.reopened(crashed)).to.deep.equal(leftBy(done));
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = crashed.files;
    const [sixth, ninth] = [5 * BLOCK_BYTES, 2 * BLOCK_BYTES];
    const cutShort = [first, second.subarray(0, ninth)];
    expect(await rigs.reopened({ rows: [], files: cutShort })).to.deep.equal(
      leftBy(done.slice(0, 8)),
    );
    const damaged = { rows: [], files: [first.subarray(0, sixth), second] };
    await refusal(openRig(rigs.directory, damaged), 'dataDirectoryDamaged');
    end();
  });

  it('views stay as they were, while checkpoints come and go and after them', async () => {
    let release: () => void = () => undefined;
    let held: Promise<void> | undefined;
    const rig = await rigs.open(undefined, (database) => ({
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

  it('lies in two files for the owner alone, empty when the store was closed', async () => {
    const directory = path.join(rigs.directory, 'store');
    const stats = () => Promise.all(JOURNAL_NAMES.map((name) => stat(path.join(directory, name))));
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

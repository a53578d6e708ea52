import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { Level } from 'level';
import { type LoggedRow, readLevelLog } from './leveldb-log.ts';

const row = fc.record({
  key: fc.string({ minLength: 1, maxLength: 40 }),
  value: fc.option(
    fc.oneof(
      fc.string({ maxLength: 300 }),
      // Lengths about which a record needs more than one block.
      fc.integer({ min: 32_600, max: 100_000 }).map((length) => 'x'.repeat(length)),
    ),
    { nil: undefined },
  ),
});
const batches = fc.array(fc.array(row, { minLength: 1, maxLength: 6 }), {
  minLength: 1,
  maxLength: 12,
});

describe("reading LevelDB's write-ahead log", function () {
  this.timeout(60_000);

  it('finds every batch as it was written, and where it ends', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (written) => {
        const { log, lengths } = await logOf(written);
        const read = readLevelLog(log);
        expect(read.map(({ rows }) => rows)).to.deep.equal(written);
        expect(read.map(({ end }) => end)).to.deep.equal(lengths);
      }),
      { numRuns: 25 },
    );
  });

  it('leaves out a last batch that was cut off anywhere', async () => {
    const written = [[{ key: 'a', value: '1' }], [{ key: 'b', value: 'x'.repeat(70_000) }]];
    const { log, lengths } = await logOf(written);
    const [first = 0, second = 0] = lengths;
    for (const length of [first, first + 3, first + 7, 40_000, second - 1]) {
      expect(readLevelLog(log.subarray(0, length)).map(({ end }) => end)).to.deep.equal([first]);
    }
  });

  it('refuses what is no log', () => {
    expect(() => readLevelLog(Buffer.alloc(100, 9))).to.throw('no fragment');
  });
});

/** LevelDB's own log of these batches, and how long it was after each. */
async function logOf(
  written: readonly (readonly LoggedRow[])[],
): Promise<{ log: Buffer; lengths: number[] }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'leveldb-log-'));
  // So large a write buffer that all of it stays in one log.
  const database = new Level<string, string>(directory, { writeBufferSize: 64 * 1024 * 1024 });
  try {
    await database.open();
    const [name = ''] = (await readdir(directory)).filter((file) => file.endsWith('.log'));
    const lengths: number[] = [];
    let log = Buffer.alloc(0);
    for (const rows of written) {
      await database.batch(
        rows.map(({ key, value }) =>
          value === undefined ? { type: 'del', key } : { type: 'put', key, value },
        ),
        { sync: true },
      );
      log = await readFile(path.join(directory, name));
      lengths.push(log.length);
    }
    return { log, lengths };
  } finally {
    await database.close();
    await rm(directory, { recursive: true, force: true });
  }
}

import { expect } from 'chai';
import fc from 'fast-check';
import { readSeedFile } from '../../../server/http/seed-file-stream.ts';
import type { ImportItem } from '../../../server/tokens/port.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { formatCsv } from '../../../shared/seed-files/csv-format.ts';
import type { SeedFileEntry } from '../../../shared/seed-files/entry.ts';
import { formatPskc } from '../../../shared/seed-files/pskc-writer.ts';
import { timeEntry } from './served.ts';

const entries = ['FT01', 'FT02', 'FT03', 'FT04'].map((serial) => ({
  ...timeEntry(serial),
  manufacturer: 'Zeitschlüssel €𝟙',
}));

async function* piecesOf(bytes: Uint8Array, sizes: readonly number[]) {
  let start = 0;
  for (let index = 0; start < bytes.length; index += 1) {
    const end = start + (sizes[index % sizes.length] ?? 1);
    yield bytes.subarray(start, end);
    start = end;
  }
}

/** What was read, where nothing may be refused. */
function entryIn(item: ImportItem): SeedFileEntry {
  if ('refused' in item) throw new Error(item.refused.reason);
  return item;
}

async function refusalOf(reading: AsyncIterable<unknown>): Promise<FobtwinError> {
  try {
    for await (const _ of reading);
  } catch (error) {
    if (error instanceof FobtwinError) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('a seed file as a stream', () => {
  it('gives the same entries however it is cut, even inside a character', async () => {
    const bytes = Buffer.from(formatPskc(entries));
    const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(sizes, async (some) => {
        const read = [];
        for await (const item of readSeedFile(piecesOf(bytes, some), 'pskc')) {
          read.push(entryIn(item));
        }
        expect(read.map(({ serial }) => serial)).to.deep.equal(entries.map((e) => e.serial));
        expect(read[0]?.manufacturer).to.equal('Zeitschlüssel €𝟙');
      }),
      { numRuns: 100 },
    );
  });

  it('reads a piece only when what the one before held has been taken', async () => {
    const lines = formatCsv(entries).split(/(?<=\n)/);
    let read = 0;
    const pieces = async function* () {
      for (const line of lines) {
        read += 1;
        yield Buffer.from(line);
      }
    };
    const reading = readSeedFile(pieces(), 'csv');
    for (const expected of entries) {
      const { value } = await reading.next();
      expect(value && entryIn(value).serial).to.equal(expected.serial);
      expect(read).to.equal(entries.indexOf(expected) + 2);
    }
  });

  it('refuses half a character at the end, and bytes that are no characters', async () => {
    for (const bytes of [[0xc3], [0xff, 0x0a], [0xed, 0xa0, 0x80, 0x0a]]) {
      const pieces = piecesOf(Uint8Array.from(bytes), [1]);
      expect(await refusalOf(readSeedFile(pieces, 'csv'))).to.have.property(
        'code',
        'malformedBody',
      );
    }
  });

  it('takes a file up to its limit, and no byte beyond', async () => {
    const file = Buffer.from(formatCsv(entries));
    const read = async (bytesMax: number): Promise<number> => {
      let count = 0;
      for await (const _ of readSeedFile(piecesOf(file, [50]), 'csv', { bytesMax })) count += 1;
      return count;
    };
    expect(await read(file.length)).to.equal(entries.length);
    const error: unknown = await read(file.length - 1).catch((caught) => caught);
    expect(error).to.be.instanceOf(FobtwinError).with.property('code', 'bodyTooLarge');
  });

  it('stops where the limit is passed', async () => {
    const piece = new Uint8Array(1024).fill(0x0a);
    let sent = 0;
    const endless = async function* () {
      for (;;) {
        sent += piece.length;
        yield piece;
      }
    };
    const reading = readSeedFile(endless(), 'csv', { bytesMax: 10 * piece.length });
    expect((await refusalOf(reading)).code).to.equal('bodyTooLarge');
    expect(sent).to.equal(11 * piece.length);
  });
});

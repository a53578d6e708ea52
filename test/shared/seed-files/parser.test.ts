import { expect } from 'chai';
import fc from 'fast-check';
import { formatCsv } from '../../../shared/seed-files/csv-format.ts';
import { createSeedFileParser } from '../../../shared/seed-files/parser.ts';
import { formatPskc } from '../../../shared/seed-files/pskc-writer.ts';
import { arbitraryEntries } from './arbitrary-entries.ts';
import { expectRefusal, readAll, readPieces } from './reading.ts';

describe('a parser by format', () => {
  it('reads its own format, and refuses the other at its first line', () => {
    fc.assert(
      fc.property(arbitraryEntries(), (entries) => {
        const texts = { pskc: formatPskc(entries), csv: formatCsv(entries) };
        for (const format of ['pskc', 'csv'] as const) {
          const create = (onEntry: Parameters<typeof createSeedFileParser>[1]) =>
            createSeedFileParser(format, onEntry);
          expect(readAll(create, [texts[format]])).to.deep.equal(entries);
          const foreign = texts[format === 'pskc' ? 'csv' : 'pskc'];
          const { error, entries: read } = readPieces(create, [foreign]);
          expectRefusal(error, 'line 1', 'malformed');
          expect(read).to.deep.equal([]);
        }
      }),
      { numRuns: 20 },
    );
  });
});

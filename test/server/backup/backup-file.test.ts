import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { backupLines, parseHeader } from '../../../server/backup/backup-file.ts';
import { linesOf } from '../../../server/backup/lines.ts';
import { checkBackup } from '../../../server/backup/restore.ts';
import type { StoreRow } from '../../../server/store/port.ts';
import { FobtwinError } from '../../../shared/errors.ts';

const KEY = new Uint8Array(32).fill(7);
const HEADER = {
  madeAt: 1_767_225_615_000,
  directory: { format: 4, lab: false, storeId: '0123456789abcdef', rootKey: 'x' },
  auditHead: { writer: '0123456789abcdef', sequence: 2, hash: 'a'.repeat(64) },
};
const ROWS: readonly StoreRow[] = [
  ['a\u00000000000000000001', '{"line":1}\n{"line":2}'],
  ['h', '{"mac":"\u2028 é"}'],
  ['r\u0000token\u0000A', '{}'],
];

async function textOf(rows: readonly StoreRow[] = ROWS): Promise<string> {
  const pages = (async function* () {
    yield rows.slice(0, 1);
    yield rows.slice(1);
  })();
  let text = '';
  for await (const piece of backupLines(HEADER, pages, KEY)) text += piece;
  return text;
}

describe('backup: the file', () => {
  let place: string;
  let file: string;
  before(async () => {
    place = await mkdtemp(path.join(tmpdir(), 'fobd-backup-'));
    file = path.join(place, 'backup');
  });
  after(() => rm(place, { recursive: true }));

  const check = async (text: string | Uint8Array, key = KEY): Promise<string | undefined> => {
    await writeFile(file, text);
    const error = await checkBackup(file, key).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error === undefined) return undefined;
    if (!(error instanceof FobtwinError)) throw error;
    return error.code;
  };

  it('is whole as it was made, and says what it is', async () => {
    const text = await textOf();
    expect(await check(text)).to.equal(undefined);
    expect(parseHeader(text.split('\n')[0] ?? '')).to.deep.equal(HEADER);
    expect(await check(await textOf([]))).to.equal(undefined);
  });

  it('is refused cut anywhere', async () => {
    const text = await textOf();
    for (let length = 0; length < text.length - 1; length += 23) {
      expect(await check(text.slice(0, length)), `${length}`).to.equal('backupDamaged');
    }
    const lines = text.split('\n');
    expect(await check(lines.toSpliced(2, 1).join('\n'))).to.equal('backupDamaged');
  });

  it('is refused with its lines in another order, repeated or added', async () => {
    const lines = (await textOf()).split('\n');
    const [header = '', one = '', two = '', ...rest] = lines;
    const changed = [
      [header, two, one, ...rest],
      [header, one, one, two, ...rest],
      [...lines.slice(0, -1), one, ''],
      [...lines.slice(0, -1), ...lines.slice(0, -1), ''],
    ];
    for (const some of changed) expect(await check(some.join('\n'))).to.equal('backupDamaged');
  });

  it('is refused under another key', async () => {
    const other = new Uint8Array(32).fill(8);
    expect(await check(await textOf(), other)).to.equal('backupDamaged');
  });

  it('is refused with any byte changed', async () => {
    const bytes = Buffer.from(await textOf());
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: bytes.length - 2 }),
        fc.integer({ min: 1, max: 255 }),
        async (place, change) => {
          const changed = Buffer.from(bytes);
          changed[place] = (changed[place] ?? 0) ^ change;
          expect(await check(changed)).to.equal('backupDamaged');
        },
      ),
      { numRuns: 80 },
    );
  });

  it('of a later form is told apart from one that is damaged', () => {
    const read = (line: string) => () => parseHeader(line);
    expect(read('{"fobtwinBackup":2}'))
      .to.throw(FobtwinError)
      .with.property('code', 'dataDirectoryNewer');
    expect(read('{"fobtwinBackup":1}'))
      .to.throw(FobtwinError)
      .with.property('code', 'backupDamaged');
    expect(read('hello')).to.throw(FobtwinError).with.property('code', 'backupDamaged');
  });

  it('is read in lines whatever pieces it comes in, none of them endless', async () => {
    await writeFile(file, `${'x'.repeat(200_000)}\n\nend`);
    const lengths: number[] = [];
    for await (const line of linesOf(file)) lengths.push(line.length);
    expect(lengths).to.deep.equal([200_001, 1, 3]);
    await writeFile(file, Buffer.alloc(17 * 1024 * 1024, 0x78));
    expect(await check(Buffer.alloc(17 * 1024 * 1024, 0x78))).to.equal('backupDamaged');
  });
});

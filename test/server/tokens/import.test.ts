import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { FobtwinError } from '../../../shared/errors.ts';
import { SEED_FILE_LIMITS, type SeedFileEntry } from '../../../shared/seed-files/entry.ts';
import {
  accountOf,
  EVENT,
  entryOf,
  OWNER,
  openRoom,
  type Room,
  serialOf,
  stream,
  TIME,
} from './room.ts';

const entry = (name: string) => entryOf(serialOf(name));

describe('importing a seed file', () => {
  let room: Room;
  beforeEach(async () => {
    room = await openRoom();
  });
  afterEach(() => room.store.close());

  const load = (entries: readonly SeedFileEntry[], dryRun = false) =>
    room.tokens.importEntries(stream(entries), { dryRun }, room.as(OWNER));
  const failure = async (entries: AsyncIterable<SeedFileEntry>) => {
    const work = room.tokens.importEntries(entries, { dryRun: false }, room.as(OWNER));
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(Error);
    return error;
  };
  const serials = async () =>
    (await room.tokens.list({ limit: 500 })).items.map(({ token }) => token.serial);

  it('stocks every token with what the file says, its seed sealed', async () => {
    const first = { ...entryOf(serialOf('FT1'), EVENT, 41), manufacturer: 'Acme', model: 'e6' };
    const second = entryOf(serialOf('FT2'), TIME);
    const hex = Buffer.from(first.seed).toString('hex');
    expect(await load([first, second])).to.deep.equal({
      imported: 2,
      skipped: 0,
      refused: 0,
      rows: [
        { serial: 'FT1', result: 'imported' },
        { serial: 'FT2', result: 'imported' },
      ],
    });
    const one = await room.detail(serialOf('FT1'));
    expect(one.token).to.deep.include({
      life: 'stocked',
      holds: [],
      parameters: EVENT,
      manufacturer: 'Acme',
      model: 'e6',
      importedAt: room.now,
    });
    expect(one.factor.factor).to.deep.equal({ type: 'event', nextCounter: 41 });
    const two = await room.detail(serialOf('FT2'));
    expect(two.factor.factor).to.deep.equal({ type: 'time', lastStep: -1 });
    expect(two.token).not.to.have.any.keys('manufacturer', 'model', 'account');
    expect(JSON.stringify([one, two])).not.to.include(hex);
  });

  it('wipes the plain seeds, of a dry run too', async () => {
    for (const dryRun of [true, false]) {
      const some = [entry('FT1'), entry('FT2')];
      await load(some, dryRun);
      for (const { seed } of some) expect([...seed]).to.deep.equal(Array(20).fill(0));
    }
  });

  it('keeps the account that the file names as a suggestion alone', async () => {
    await load([{ ...entry('FT1'), account: accountOf('jennifer') }]);
    const { token } = await room.detail(serialOf('FT1'));
    expect(token).to.include({ life: 'stocked', intendedAccount: 'jennifer' });
    expect(token).not.to.have.property('account');
  });

  it('records one entry a file, with counts and the hash of the imported serials', async () => {
    await load([entry('FT2')]);
    await load([entry('FT3'), entry('FT2'), entry('FT1')]);
    const hash = createHash('sha256').update('FT3\nFT1\n').digest('hex');
    const entries = await room.audit();
    expect(entries).to.have.length(2);
    expect(entries[1]).to.deep.include({
      action: 'import',
      actor: 'localOwner',
      details: { import: '2', imported: 2, skipped: 1, refused: 0, serialsSha256: hash },
    });
  });

  it('skips what is there and never overwrites it', async () => {
    await room.account('jennifer');
    const serial = await room.registered('FT1', 'jennifer');
    const before = await room.detail(serial);
    const report = await load([entryOf(serial, TIME), entry('FT2')]);
    expect(report).to.deep.include({ imported: 1, skipped: 1 });
    expect(report.rows[0]).to.deep.equal({ serial, result: 'skipped', reason: 'exists' });
    expect(await room.detail(serial)).to.deep.equal(before);
  });

  it('refuses a file with a serial twice, whole, and names the row', async () => {
    const error = await failure(stream([entry('FT1'), entry('FT2'), entry('FT1')]));
    expect(error).to.be.instanceOf(FobtwinError);
    const { code, errors } = error as FobtwinError;
    expect(code).to.equal('invalidInput');
    expect(errors).to.deep.equal([{ field: 'row 3', code: 'duplicate' }]);
    expect(await serials()).to.deep.equal([]);
    expect(await room.audit()).to.deep.equal([]);
  });

  it('imports all of a file or nothing, wherever it turns out bad', async () => {
    const names = Array.from({ length: 30 }, (_, n) => `FT${n}`);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 30 }), async (bad) => {
        async function* breaking() {
          yield* stream(names.slice(0, bad).map(entry));
          throw new Error('truncated');
        }
        const error = (await failure(breaking())) as Error;
        expect(error.message).to.equal('truncated');
        expect(await serials()).to.deep.equal([]);
      }),
      { numRuns: 20 },
    );
    expect((await load(names.map(entry))).imported).to.equal(30);
  });

  it('takes no more tokens than a file may have', async () => {
    const shared = entry('FT0');
    async function* endless() {
      for (let n = 0; ; n += 1) yield { ...shared, serial: serialOf(`FT${n}`) };
    }
    const work = room.tokens.importEntries(endless(), { dryRun: true }, room.as(OWNER));
    const error = (await work.catch((reason: unknown) => reason)) as FobtwinError;
    const field = `row ${SEED_FILE_LIMITS.entries + 1}`;
    expect(error.errors).to.deep.equal([{ field, code: 'tooMany' }]);
  });

  it('says in a dry run what would be skipped, and writes nothing', async () => {
    await load([entry('FT1')]);
    expect(await load([entry('FT2'), entry('FT1')], true)).to.deep.equal({
      imported: 0,
      skipped: 2,
      refused: 0,
      rows: [
        { serial: 'FT2', result: 'skipped', reason: 'dryRun' },
        { serial: 'FT1', result: 'skipped', reason: 'exists' },
      ],
    });
    expect(await serials()).to.deep.equal(['FT1']);
    expect(await room.audit()).to.have.length(1);
  });

  it('takes an empty file', async () => {
    expect(await load([])).to.deep.equal({ imported: 0, skipped: 0, refused: 0, rows: [] });
  });
});

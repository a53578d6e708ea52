import { expect } from 'chai';
import type { ImportItem, ImportOptions } from '../../../server/tokens/port.ts';
import { codeOfError, entryOf, OWNER, openRoom, type Room, serialOf } from './room.ts';

const entry = (name: string) => entryOf(serialOf(name));
const BAD: ImportItem = {
  refused: { row: 2, serial: serialOf('FT2'), reason: 'line 3/seed: it is too short.' },
  error: { field: 'line 3/seed', code: 'seedTooShort' },
};
const NAMELESS: ImportItem = {
  refused: { row: 3, reason: 'line 4/serial: a token needs a serial.' },
  error: { field: 'line 4/serial', code: 'required' },
};

describe('importing what can be had of a seed file', () => {
  let room: Room;
  beforeEach(async () => {
    room = await openRoom();
  });
  afterEach(() => room.store.close());

  const load = (items: readonly ImportItem[], options: Partial<ImportOptions>) => {
    async function* rows() {
      yield* items;
    }
    return room.tokens.importEntries(rows(), { dryRun: false, ...options }, room.as(OWNER));
  };
  const file = () => [entry('FT1'), BAD, NAMELESS, entry('FT4'), entry('FT1')];
  const refusedRows = [
    { serial: 'FT2', result: 'refused', reason: 'seedTooShort', field: 'line 3/seed' },
    { result: 'refused', reason: 'required', field: 'line 4/serial' },
  ];
  const twice = { serial: 'FT1', result: 'refused', reason: 'duplicate', field: 'row 5' };

  it('imports the good rows, and reports each other with its reason and its place', async () => {
    await room.stock('FT4');
    expect(await load(file(), { partial: true })).to.deep.equal({
      imported: 1,
      skipped: 1,
      refused: 3,
      rows: [
        { serial: 'FT1', result: 'imported' },
        ...refusedRows,
        { serial: 'FT4', result: 'skipped', reason: 'exists' },
        twice,
      ],
    });
    const last = await room.lastEntry();
    expect(last?.details).to.include({ imported: 1, skipped: 1, refused: 3, partial: true });
  });

  it('says so beforehand in a dry run', async () => {
    const report = await load(file(), { partial: true, dryRun: true });
    expect(report).to.include({ imported: 0, skipped: 2, refused: 3 });
    expect(report.rows).to.deep.equal([
      { serial: 'FT1', result: 'skipped', reason: 'dryRun' },
      ...refusedRows,
      { serial: 'FT4', result: 'skipped', reason: 'dryRun' },
      twice,
    ]);
  });

  it('says in a dry run of all or nothing that the others would not be imported', async () => {
    const { rows } = await load(file(), { dryRun: true });
    expect(rows[0]).to.deep.equal({ serial: 'FT1', result: 'skipped', reason: 'fileRefused' });
    expect(rows.slice(1, 3)).to.deep.equal(refusedRows);
    expect(await room.audit()).to.deep.equal([]);
  });

  it('refuses the file by its first bad row unless asked for parts', async () => {
    expect(await codeOfError(load(file(), {}))).to.equal('invalidInput');
    expect((await room.tokens.list({ limit: 5 })).items).to.deep.equal([]);
    expect(await room.audit()).to.deep.equal([]);
  });
});

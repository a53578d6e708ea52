import { createHash } from 'node:crypto';
import { expect } from 'chai';
import type { ExportCommand } from '../../../server/tokens/port.ts';
import { TOKENS } from '../../../server/tokens/record.ts';
import type { SeedFileEntry } from '../../../shared/seed-files/entry.ts';
import type { Life } from '../../../shared/types.ts';
import {
  codeOfError,
  EVENT,
  entryOf,
  OWNER,
  openRoom,
  type Room,
  seedOf,
  serialOf,
  stream,
  TIME,
} from './room.ts';

describe('exporting seeds', () => {
  let room: Room;
  beforeEach(async () => {
    room = await openRoom();
    await room.account('jennifer');
    await room.stock('FT3', TIME);
    await room.registered('FT1', 'jennifer');
    await room.stock('FT2', EVENT, 41);
    const gone = await room.stock('FT0');
    await room.tokens.changeLife({ serial: gone, verb: 'revoke' }, room.as(OWNER));
  });
  afterEach(() => room.store.close());

  const ask = (command: Partial<ExportCommand> = {}) =>
    room.tokens.exportEntries({ format: 'pskc', protection: 'key', ...command }, room.as(OWNER));
  const exported = async (command: Partial<ExportCommand> = {}) => {
    const entries: SeedFileEntry[] = [];
    for await (const slice of (await ask(command)).slices) {
      for (const entry of slice) {
        entries.push({ ...entry, seed: Uint8Array.from(entry.seed) as SeedFileEntry['seed'] });
      }
    }
    return entries;
  };
  const serialsOf = (entries: readonly SeedFileEntry[]) => entries.map(({ serial }) => serial);

  it('gives labels as a file can carry them, whatever an earlier version let in', async () => {
    const key = { kind: TOKENS, id: 'FT2' };
    await room.store.transact([key], ([token]) => ({
      writes: [
        { key, record: { ...token, manufacturer: '\u001b[31m Acme\nInc.', model: '\u0007' } },
      ],
      auditDrafts: [],
      reply: undefined,
    }));
    const [entry] = await exported({ serials: [serialOf('FT2')] });
    expect(entry?.manufacturer).to.equal('[31m Acme Inc.');
    expect(entry).not.to.have.property('model');
  });

  it('gives every token that is not revoked, with its counter and its account', async () => {
    const plain = (entry: SeedFileEntry) => ({ ...entry, seed: Uint8Array.from(entry.seed) });
    expect(await exported()).to.deep.equal([
      { ...plain(entryOf(serialOf('FT1'))), nextCounter: 2, account: 'jennifer' },
      plain(entryOf(serialOf('FT2'), EVENT, 41)),
      plain(entryOf(serialOf('FT3'), TIME)),
    ]);
  });

  it('gives those of one state, or those that are named', async () => {
    const inState = async (life: Life) => serialsOf(await exported({ life }));
    expect(await inState('stocked')).to.deep.equal(['FT2', 'FT3']);
    expect(await inState('revoked')).to.deep.equal(['FT0']);
    const serials = ['FT3', 'FT0', 'FT3'].map(serialOf);
    expect(serialsOf(await exported({ serials }))).to.deep.equal(['FT0', 'FT3']);
  });

  it('is on record before the first seed is opened, with the hash of the serials', async () => {
    const { count } = await ask({ life: 'stocked', protection: 'plain' });
    expect(count).to.equal(2);
    const hash = createHash('sha256').update('FT2\nFT3\n').digest('hex');
    expect(await room.lastEntry()).to.deep.include({
      action: 'export',
      actor: 'localOwner',
      details: { exported: 2, serialsSha256: hash, format: 'pskc', protection: 'plain' },
    });
  });

  it('wipes each seed when the next are asked for, and when nobody wants any more', async () => {
    const names = Array.from({ length: 150 }, (_, n) => serialOf(`X${String(n).padStart(3, '0')}`));
    const rows = stream(names.map((name) => entryOf(name)));
    await room.tokens.importEntries(rows, { dryRun: false }, room.as(OWNER));
    const { slices } = await ask({ serials: names });
    const seen: Uint8Array[] = [];
    let slicesSeen = 0;
    for await (const slice of slices) {
      for (const { serial, seed } of slice) expect([...seed]).to.deep.equal([...seedOf(serial)]);
      for (const seed of seen) expect(seed.every((byte) => byte === 0)).to.equal(true);
      seen.push(...slice.map(({ seed }) => seed));
      slicesSeen += 1;
      if (slicesSeen === 2) break;
    }
    expect(seen).to.have.length(150);
    expect(seen.every((seed) => seed.every((byte) => byte === 0))).to.equal(true);
  });

  it('refuses a serial that is not there, and a state that nothing is in, unrecorded', async () => {
    const entries = (await room.audit()).length;
    const serials = [serialOf('FT1'), serialOf('FT9')];
    expect(await codeOfError(ask({ serials }))).to.equal('notFound');
    const empty = await openRoom();
    const command = { format: 'csv', protection: 'plain' } as const;
    const work = empty.tokens.exportEntries(command, empty.as(OWNER));
    expect(await codeOfError(work)).to.equal('notFound');
    await empty.store.close();
    expect(await room.audit()).to.have.length(entries);
  });
});

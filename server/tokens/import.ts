import { createHash } from 'node:crypto';
import { invalidInput } from '../../shared/errors.ts';
import {
  EMULATOR_MANUFACTURER,
  SEED_FILE_LIMITS,
  type SeedFileEntry,
} from '../../shared/seed-files/entry.ts';
import type { Serial, UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { put, replyOnly, type Store, type Write } from '../store/port.ts';
import type { Vault } from '../vault/port.ts';
import { newFactor } from '../verification/factor.ts';
import type { ImportOptions, ImportReport, TokenDetail } from './port.ts';
import { factorKey, type TokenRecord, tokenKey } from './record.ts';

export interface Importing {
  readonly store: Store;
  readonly vault: Vault;
  /** A lab takes emulated tokens for real ones. */
  readonly lab: boolean;
}

/**
 * Importing a seed file: each seed is sealed as it comes, and everything is committed at once, so
 * that a file that turns out bad in its last line has changed nothing.
 *
 * The audit log gets one entry a file, with the counts and the SHA-256 of the imported serials (in
 * file order, a line feed after each), which a delivery note can be checked against; when a token
 * came in stands in its own record.
 *
 * @throws FobtwinError `invalidInput` for a serial twice or too many entries; what `entries` throws
 */
export async function importEntries(
  entries: AsyncIterable<SeedFileEntry>,
  { dryRun, acceptEmulated = false }: ImportOptions,
  caller: Caller,
  { store, vault, lab }: Importing,
): Promise<ImportReport> {
  const stocked = new Map<Serial, TokenDetail>();
  for await (const entry of entries) {
    const row = `row ${stocked.size + 1}`;
    if (stocked.size >= SEED_FILE_LIMITS.entries) {
      throw invalidInput(row, 'tooMany', `A file has at most ${SEED_FILE_LIMITS.entries} tokens.`, {
        nextStep: 'Split the file.',
      });
    }
    if (stocked.has(entry.serial)) {
      throw invalidInput(row, 'duplicate', `Serial ${entry.serial} is in this file twice.`);
    }
    const emulated = emulatedOf(entry, acceptEmulated || lab);
    stocked.set(entry.serial, stock(entry, caller.now, { vault, emulated }));
  }
  return dryRun ? report(stocked, store) : commit(stocked, { caller, acceptEmulated, store });
}

/** A label that the file carries, not a proof: who writes the file can leave it out. */
function emulatedOf({ manufacturer }: SeedFileEntry, accept: boolean): TokenRecord['emulated'] {
  const named = manufacturer?.trim().toLowerCase() === EMULATOR_MANUFACTURER.toLowerCase();
  if (!named) return undefined;
  return accept ? 'accepted' : 'marked';
}

function stock(
  entry: SeedFileEntry,
  importedAt: UnixMillis,
  { vault, emulated }: { readonly vault: Vault; readonly emulated: TokenRecord['emulated'] },
): TokenDetail {
  const { serial, parameters, seed, manufacturer, model } = entry;
  return {
    token: {
      version: 1,
      serial,
      life: 'stocked',
      holds: [],
      parameters,
      sealedSeed: vault.seal(seed, { serial, parameters }),
      ...(manufacturer === undefined ? {} : { manufacturer }),
      ...(model === undefined ? {} : { model }),
      ...(emulated === undefined ? {} : { emulated }),
      importedAt,
    },
    factor: newFactor(parameters, entry.nextCounter),
  };
}

type Row = ImportReport['rows'][number];

const countOf = (rows: readonly Row[], result: Row['result']): number =>
  rows.reduce((count, row) => (row.result === result ? count + 1 : count), 0);

const reportOf = (rows: readonly Row[]): ImportReport => ({
  imported: countOf(rows, 'imported'),
  skipped: countOf(rows, 'skipped'),
  rows,
});

/** What an import would do: nothing is imported, and what would be says so. */
function report(stocked: ReadonlyMap<Serial, TokenDetail>, store: Store): Promise<ImportReport> {
  const serials = [...stocked.keys()];
  return store.transact(serials.map(tokenKey), (present) => {
    const rows = serials.map((serial, place): Row => {
      const reason = present[place] === undefined ? 'dryRun' : 'exists';
      return { serial, result: 'skipped', reason };
    });
    return replyOnly(reportOf(rows));
  });
}

function commit(
  stocked: ReadonlyMap<Serial, TokenDetail>,
  {
    caller,
    acceptEmulated,
    store,
  }: { readonly caller: Caller; readonly acceptEmulated: boolean; readonly store: Store },
): Promise<ImportReport> {
  const details = [...stocked.values()];
  const tokenKeys = details.map(({ token }) => tokenKey(token.serial));
  const factorKeys = details.map(({ token }) => factorKey(token.serial));
  return store.transact([...tokenKeys, ...factorKeys], (present) => {
    const writes: Write[] = [];
    const rows = details.map(({ token, factor }, place): Row => {
      const { serial } = token;
      if (present[place] !== undefined) return { serial, result: 'skipped', reason: 'exists' };
      writes.push(put(tokenKey(serial), token), put(factorKey(serial), factor));
      return { serial, result: 'imported' };
    });
    const reply = reportOf(rows);
    const said = { ...detailsFor(reply), ...(acceptEmulated ? { acceptEmulated } : {}) };
    const auditDrafts = [draftOf(caller, 'import', { details: said })];
    return { writes, auditDrafts, reply };
  });
}

function detailsFor({ imported, skipped, rows }: ImportReport) {
  const hash = createHash('sha256');
  for (const { serial, result } of rows) {
    if (result === 'imported') hash.update(`${serial}\n`);
  }
  return { imported, skipped, serialsSha256: hash.digest('hex') };
}

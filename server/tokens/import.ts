import { type FobtwinError, invalidInput } from '../../shared/errors.ts';
import { SEED_FILE_LIMITS, type SeedFileEntry } from '../../shared/seed-files/entry.ts';
import type { Serial } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { put, putCold, replyOnly, type Write } from '../store/port.ts';
import type { Vault } from '../vault/port.ts';
import { type ImportRecord, importKey } from './import-record.ts';
import { createRows, type Rows } from './import-report.ts';
import { type Imports, SLICE } from './imports.ts';
import type { ImportItem, ImportOptions, ImportReport, ImportRow, TokenDetail } from './port.ts';
import { factorKey, tokenKey } from './record.ts';
import { createStocking } from './stock.ts';
import type { TokenStore } from './token-store.ts';

export interface Importing {
  /** The store itself: an import sees its own tokens before anybody else does. */
  readonly store: TokenStore;
  readonly vault: Vault;
  /** A lab takes emulated tokens for real ones. */
  readonly lab: boolean;
  readonly imports: Imports;
}

/**
 * Importing a seed file of any length in the memory of a slice of it: each seed is sealed as it
 * comes, and its plain form wiped; slice by slice the tokens are committed as those of an import
 * under way, which nobody sees. The last slice goes with the record that makes the import active,
 * and with the audit entry: with this one commit all of the file is there.
 *
 * The audit log gets one entry a file, with the counts and the SHA-256 of the imported serials (in
 * file order, a line feed after each), which a delivery note can be checked against; when a token
 * came in stands in its own record.
 *
 * @throws FobtwinError `invalidInput` for a serial twice, a refused row or too many entries;
 * `notAllowedNow` while another import is under way; what `items` throws
 */
export async function importEntries(
  items: AsyncIterable<ImportItem>,
  options: ImportOptions,
  caller: Caller,
  importing: Importing,
): Promise<ImportReport> {
  if (options.dryRun) return rehearse(items, options, importing.store);
  const release = importing.vault.keepKeys();
  try {
    return await importing.imports.alone(caller, (id) =>
      stage(items, { id, options, caller, importing }),
    );
  } finally {
    release();
  }
}

/** A row of the file as it stands in a slice: to be stocked, or what became of it already. */
type Taken<T> = { readonly entry: T } | { readonly row: ImportRow };

/** What an import would do. */
async function rehearse(
  items: AsyncIterable<ImportItem>,
  { partial = false }: ImportOptions,
  store: TokenStore,
): Promise<ImportReport> {
  const rows = createRows();
  const take = ({ serial }: SeedFileEntry): Serial => serial;
  for await (const slice of slicesOf(items, { collects: true, take })) {
    const serials = entriesOf(slice);
    const found = await store.transact(serials.map(tokenKey), (present) =>
      replyOnly(
        rowsOf(slice, (serial, place): ImportRow => {
          const reason = present[place] === undefined ? 'dryRun' : 'exists';
          return { serial, result: 'skipped', reason };
        }),
      ),
    );
    rows.add(found);
    // Nothing was written that could be waited for: others have their turn here.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const report = rows.report();
  return partial || report.refused === 0 ? report : { ...report, rows: report.rows.map(withheld) };
}

const withheld = (row: ImportRow): ImportRow =>
  row.reason === 'dryRun' ? { ...row, reason: 'fileRefused' } : row;

interface Staging {
  readonly id: string;
  readonly options: ImportOptions;
  readonly caller: Caller;
  readonly importing: Importing;
}

async function stage(items: AsyncIterable<ImportItem>, staging: Staging): Promise<ImportReport> {
  const { id, options, caller, importing } = staging;
  const { acceptEmulated = false, partial = false } = options;
  const take = createStocking({
    vault: importing.vault,
    acceptsEmulated: acceptEmulated || importing.lab,
    importId: id,
    importedAt: caller.now,
  });
  const rows = createRows();
  let held: readonly Taken<TokenDetail>[] = [];
  for await (const slice of slicesOf(items, { collects: partial, take })) {
    if (held.length > 0) await commit(held, 'staging', rows, staging);
    held = slice;
  }
  await commit(held, 'active', rows, staging);
  return rows.report();
}

/** Writes a slice of tokens; those whose serial is there already are passed over. */
async function commit(
  slice: readonly Taken<TokenDetail>[],
  state: ImportRecord['state'],
  rows: Rows,
  { id, options, caller, importing }: Staging,
): Promise<void> {
  const serials = entriesOf(slice).map(({ token }) => token.serial);
  const keys = [importKey(id), ...serials.map(tokenKey), ...serials.map(factorKey)] as const;
  const committed = await importing.store.transact(keys, ([, ...present]) => {
    const writes: Write[] = [];
    const written = rowsOf(slice, ({ token, factor }, place): ImportRow => {
      const { serial } = token;
      if (present[place] !== undefined) return { serial, result: 'skipped', reason: 'exists' };
      writes.push(putCold(tokenKey(serial), token), putCold(factorKey(serial), factor));
      return { serial, result: 'imported' };
    });
    const details = rows.detailsWith(written);
    const { imported, skipped, refused } = details;
    const by = caller.principal.actor;
    const counts = { startedAt: caller.now, by, imported, skipped, refused };
    writes.push(put(importKey(id), { version: 1, id, state, ...counts }));
    const said = { import: id, ...details, ...chosen(options) };
    const auditDrafts = state === 'active' ? [draftOf(caller, 'import', { details: said })] : [];
    return { writes, auditDrafts, reply: written };
  });
  rows.add(committed);
}

/** What was asked for beyond the usual, for the audit log. */
const chosen = ({ acceptEmulated, partial }: ImportOptions) => ({
  ...(acceptEmulated ? { acceptEmulated } : {}),
  ...(partial ? { partial } : {}),
});

const entriesOf = <T>(slice: readonly Taken<T>[]): readonly T[] =>
  slice.flatMap((taken) => ('entry' in taken ? [taken.entry] : []));

/** A row for each of the slice; `rowOf` is told the place of an entry among the entries. */
function rowsOf<T>(
  slice: readonly Taken<T>[],
  rowOf: (entry: T, place: number) => ImportRow,
): readonly ImportRow[] {
  let place = -1;
  return slice.map((taken) => {
    if ('row' in taken) return taken.row;
    place += 1;
    return rowOf(taken.entry, place);
  });
}

interface Slicing<T> {
  /** Whether a row that is refused is passed over; else it is an exception. */
  readonly collects: boolean;
  /** Called with each entry as it comes; its plain seed is wiped afterwards. */
  readonly take: (entry: SeedFileEntry) => T;
}

/** Of the rows of a file so many at a time; a serial that comes again is a refused row too. */
async function* slicesOf<T>(
  items: AsyncIterable<ImportItem>,
  { collects, take }: Slicing<T>,
): AsyncGenerator<readonly Taken<T>[], void, undefined> {
  const seen = new Set<Serial>();
  let count = 0;
  const taken = (item: ImportItem): Taken<T> => {
    if ('refused' in item) {
      if (!collects) throw invalidInput(item.error.field, item.error.code, item.refused.reason);
      return { row: refusal(item.refused.serial, item.error) };
    }
    const serial = detached(item.serial);
    if (seen.has(serial)) {
      const field = `row ${count}`;
      const what = `Serial ${serial} is in this file twice.`;
      if (!collects) throw invalidInput(field, 'duplicate', what);
      return { row: refusal(serial, { field, code: 'duplicate' }) };
    }
    seen.add(serial);
    return { entry: take({ ...item, serial }) };
  };
  let slice: Taken<T>[] = [];
  for await (const item of items) {
    count += 1;
    if (count > SEED_FILE_LIMITS.entries) throw tooMany(count);
    try {
      slice.push(taken(item));
    } finally {
      if ('seed' in item) item.seed.fill(0);
    }
    if (slice.length < SLICE) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}

const refusal = (
  serial: Serial | undefined,
  { field, code }: { readonly field: string; readonly code: ImportRow['reason'] },
): ImportRow => ({
  ...(serial === undefined ? {} : { serial: detached(serial) }),
  result: 'refused',
  reason: code,
  field,
});

/** A copy: what a parser cuts out of a file holds on to the piece that it was cut from. */
const detached = (serial: Serial): Serial =>
  Buffer.from(serial, 'latin1').toString('latin1') as Serial;

const tooMany = (row: number): FobtwinError =>
  invalidInput(`row ${row}`, 'tooMany', `A file has at most ${SEED_FILE_LIMITS.entries} tokens.`, {
    nextStep: 'Split the file.',
  });

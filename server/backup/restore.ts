import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';
import { FobtwinError } from '../../shared/errors.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import { LOCAL_OWNER } from '../access/scopes.ts';
import type { AuditHead } from '../audit/entry.ts';
import type { Operation } from '../store/backend.ts';
import { openLevelBackend } from '../store/level.ts';
import { pagesOf } from '../store/pages.ts';
import { type Kind, replyOnly, type Store } from '../store/port.ts';
import type { TokenDetail } from '../tokens/port.ts';
import { factorKey, TOKENS, type TokenRecord, tokenKey } from '../tokens/record.ts';
import { detailOf, tokenWrites } from '../tokens/subject.ts';
import type { Vault } from '../vault/port.ts';
import type { Policy } from '../verification/policy.ts';
import { afterRestore, type KnownSince } from './after-restore.ts';
import { BackupReader, damagedBackup } from './backup-file.ts';
import { linesOf } from './lines.ts';

/** A restored store, open, with what its records are checked by. */
export interface RestoredStore {
  readonly store: Store;
  readonly vault: Pick<Vault, 'open'>;
  /** The time that decisions are taken at: in a lab the lab's. */
  readonly clock: Clock;
  readonly kinds: readonly Kind<unknown>[];
  readonly policy: Policy;
}

const ROWS_A_WRITE = 512;
const WRITE_BYTES_MAX = 1024 * 1024;

/**
 * Reads the whole backup and keeps nothing of it.
 *
 * @throws FobtwinError `backupDamaged` unless it is whole and as it was made
 */
export async function checkBackup(file: string, key: Uint8Array): Promise<void> {
  for await (const _ of rowsIn(file, key));
}

/** @throws FobtwinError `backupDamaged`, by the end at the latest */
async function* rowsIn(file: string, key: Uint8Array) {
  let reader: BackupReader | undefined;
  for await (const line of linesOf(file)) {
    if (reader === undefined) {
      reader = new BackupReader(line, key);
      continue;
    }
    const row = reader.next(line);
    if (row !== undefined) yield row;
  }
  if (reader === undefined) throw damagedBackup('it is empty');
  reader.end();
}

/** Puts a backup's rows into a new store at `storePlace`, a private directory that is empty. */
export async function fillStore(file: string, key: Uint8Array, storePlace: string): Promise<void> {
  const backend = await openLevelBackend(storePlace, { createIfMissing: true });
  try {
    let batch: Operation[] = [];
    let length = 0;
    for await (const [rowKey, value] of rowsIn(file, key)) {
      batch.push({ key: rowKey, value });
      length += rowKey.length + value.length;
      if (batch.length < ROWS_A_WRITE && length < WRITE_BYTES_MAX) continue;
      await backend.write(batch);
      batch = [];
      length = 0;
    }
    await backend.write(batch);
  } finally {
    await backend.close();
  }
}

/**
 * Checks what was restored: the audit chain from its first entry to the head that the backup names,
 * every record, and every seed.
 *
 * @throws FobtwinError `backupDamaged`
 */
export async function checkRestored(
  { store, vault, kinds }: RestoredStore,
  auditHead: AuditHead,
): Promise<{ readonly records: number; readonly tokens: number }> {
  const verdict = await store.verifyAudit();
  if (!verdict.sound) throw damagedBackup(`its audit log is not sound (${verdict.fault})`);
  const { head } = verdict;
  if (head === null || head.hash !== auditHead.hash || head.sequence !== auditHead.sequence) {
    throw damagedBackup('its audit log does not end where it says');
  }
  let records = 0;
  for (const kind of kinds) {
    for await (const page of pagesOf(store, kind)) {
      for (const record of page) checkRecord(kind.name, record);
      records += page.length;
      await nextTurn();
    }
  }
  let tokens = 0;
  for await (const details of tokenPages(store)) {
    for (const detail of details) checkSeed(detail, vault);
    tokens += details.length;
  }
  return { records, tokens };
}

function checkRecord(kind: string, record: unknown): void {
  if (typeof record === 'object' && record !== null && 'version' in record) return;
  throw damagedBackup(`it has a record of kind ${kind} that is none`);
}

function checkSeed({ token }: TokenDetail, vault: Pick<Vault, 'open'>): void {
  const { serial, parameters, sealedSeed } = token;
  try {
    vault.open(sealedSeed, { serial, parameters }).fill(0);
  } catch (error) {
    if (!(error instanceof FobtwinError)) throw error;
    throw damagedBackup(`the seed of ${serial} does not open`);
  }
}

/** What is known of the time since the backup. */
export interface Known {
  /**
   * By serial: the greatest moving factor that was accepted since; `undefined` where that is not
   * told. A serial that is not here has accepted nothing that is known.
   */
  readonly used: ReadonlyMap<string, number | undefined>;
  /** The word of whoever restores that nothing else was accepted. */
  readonly isAll: boolean;
}

export interface Forgotten {
  /** Event tokens that are `locked` until a resync. */
  readonly eventTokens: number;
  /** Event tokens that are `disabled` until an administrator gives his word, in stock or not. */
  readonly disabledTokens: number;
  /** Time tokens that begin later. */
  readonly timeTokens: number;
  /** Serials that accepted codes since and are not in the backup: they were imported later. */
  readonly absent: readonly string[];
}

const knownOf = (serial: string, { used, isAll }: Known): KnownSince => {
  const factor = used.get(serial);
  return { factor, isAll: isAll && (factor !== undefined || !used.has(serial)) };
};

/** Lets nothing be accepted again that may have been since the backup: see `afterRestore`. */
export async function forgetNothing(
  { store, policy }: RestoredStore,
  now: UnixMillis,
  known: Known,
): Promise<Forgotten> {
  let eventTokens = 0;
  let disabledTokens = 0;
  const absent = new Set(known.used.keys());
  let timeTokens = 0;
  for await (const details of tokenPages(store)) {
    const changes = details.map((before) => {
      const { serial } = before.token;
      absent.delete(serial);
      return [before, afterRestore(before, knownOf(serial, known), now, policy)] as const;
    });
    const keys = details.flatMap(({ token: { serial } }) => [tokenKey(serial), factorKey(serial)]);
    const writes = changes.flatMap(([before, after]) => tokenWrites(before, after));
    await store.transact(keys, () => ({ writes, auditDrafts: [], reply: undefined }));
    const unsure = changes.map(([, after]) => after).filter(isUnsure);
    eventTokens += unsure.filter(({ token: { life } }) => life === 'registered').length;
    disabledTokens += unsure.filter(({ token: { holds } }) => holds.includes('disabled')).length;
    timeTokens += changes.filter(
      ([before, after]) => after.factor !== before.factor && after.factor.factor.type === 'time',
    ).length;
  }
  return { eventTokens, disabledTokens, timeTokens, absent: [...absent] };
}

const isUnsure = ({ token: { life }, factor: { restoredAt } }: TokenDetail): boolean =>
  life !== 'revoked' && restoredAt !== undefined;

/** The restore's own entry: from here on the log is another one than that of the lost store. */
export async function recordRestore(
  store: Pick<Store, 'transact'>,
  details: Readonly<Record<string, string | number | boolean | null>>,
  now: UnixMillis,
): Promise<void> {
  const draft = draftOf({ principal: LOCAL_OWNER, now }, 'restore', { details });
  await store.transact([], () => ({ ...replyOnly(undefined), auditDrafts: [draft] }));
}

/** Tokens with both of their records, in order of serial. */
async function* tokenPages(
  store: Pick<Store, 'scan' | 'transact'>,
): AsyncGenerator<readonly TokenDetail[]> {
  for await (const tokens of pagesOf<TokenRecord>(store, TOKENS)) {
    const keys = tokens.map(({ serial }) => factorKey(serial));
    const factors = await store.transact(keys, (records) => replyOnly(records));
    yield tokens.map((token, place) => {
      const detail = detailOf(token, factors[place]);
      if (detail !== undefined) return detail;
      throw damagedBackup(`token ${token.serial} has one of its two records only`);
    });
    await nextTurn();
  }
}

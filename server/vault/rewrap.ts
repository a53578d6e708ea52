import type { KeyObject } from 'node:crypto';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import type { AuditDraft } from '../audit/entry.ts';
import { put, replyOnly, type Store, type Write } from '../store/port.ts';
import { DATA_KEY_PURPOSE, keyFingerprint, ROOT_KEY_PURPOSE, wipe, wrapKey } from './keys.ts';
import { tryUnwrap } from './open.ts';
import type { RootKeyPlace, WrappedDataKey } from './port.ts';
import { DATA_KEYS, DATA_KEYS_MAX, dataKeyKey } from './record.ts';
import type { KeyedVault } from './vault.ts';

/**
 * The exchange of the master key. The wrapped root key outside the store and the wrapped data keys
 * inside it must never need two master keys, whenever the process dies:
 *
 * 1. every data key is wrapped under the new master key too (one decision);
 * 2. the wrapped root key is replaced (one rename): before it the old master key is the right one,
 *    after it the new one, and either opens all the data keys;
 * 3. what the old master key had wrapped is removed (one decision).
 *
 * What was broken off is settled when the store is opened next, by what stands outside it.
 */

export interface RewrapParts {
  readonly store: Store;
  readonly vault: KeyedVault;
  readonly rootKey: KeyObject;
  readonly rootKeyPlace: RootKeyPlace;
  readonly rng: Rng;
}

/** The audit entry of each step, `state` in its details. */
export type DraftOf = (state: 'begun' | 'done' | 'undone') => AuditDraft;

/** What became of it when it did not succeed. */
export class RewrapBrokenOff extends Error {
  override readonly name = 'RewrapBrokenOff';
  /** The old master key is the right one, and nothing is left of the new one. */
  readonly isUndone: boolean;

  constructor(isUndone: boolean, cause: unknown) {
    super('the exchange of the master key was broken off', { cause });
    this.isUndone = isUndone;
  }
}

/**
 * @throws RewrapBrokenOff when the wrapped root key cannot be replaced, or when it was and what the
 * old master key had wrapped cannot be removed; what the store throws before that
 */
export async function rewrap(newMasterKey: KeyObject, parts: RewrapParts, draftOf: DraftOf) {
  const { store, rootKey, rootKeyPlace, rng } = parts;
  await wrapTwice(newMasterKey, parts, draftOf('begun'));
  const fingerprint = keyFingerprint(newMasterKey);
  const bytes = rootKey.export();
  try {
    const wrapped = wrapKey(newMasterKey, bytes, ROOT_KEY_PURPOSE, rng);
    await rootKeyPlace.replace(wrapped, fingerprint);
  } catch (error) {
    const isUndone = (await rootKeyPlace.fingerprint().catch(() => fingerprint)) !== fingerprint;
    // Where it cannot be told which one will stand there after a loss of power, both must stay.
    if (isUndone) await keepOnly('wrapped', store, draftOf('undone'));
    throw new RewrapBrokenOff(isUndone, error);
  } finally {
    wipe(bytes);
  }
  try {
    await keepOnly('next', store, draftOf('done'));
  } catch (error) {
    // The new master key is the right one: nothing may be wrapped under the old one any more.
    throw new RewrapBrokenOff(false, error);
  }
}

/**
 * Ends an exchange that was broken off. The master key has opened what stands outside the store,
 * which decides whether the exchange took place.
 */
export async function settleRewrap(
  masterKey: KeyObject,
  { store, rootKeyPlace }: Pick<RewrapParts, 'store' | 'rootKeyPlace'>,
  draftOf: DraftOf,
): Promise<void> {
  const { items } = await store.scan(DATA_KEYS, { limit: DATA_KEYS_MAX });
  const transitional = items.find(({ next }) => next !== undefined);
  if (transitional === undefined) return;
  await rootKeyPlace.settle();
  const opened = tryUnwrap(masterKey, transitional.next);
  const isDone = opened !== undefined;
  if (isDone) wipe(opened);
  await keepOnly(isDone ? 'next' : 'wrapped', store, draftOf(isDone ? 'done' : 'undone'));
}

async function wrapTwice(
  newMasterKey: KeyObject,
  { store, vault, rng }: RewrapParts,
  draft: AuditDraft,
): Promise<void> {
  await changeAll(store, draft, (record) => {
    const bytes = vault.exportDataKey(record.id);
    const next = wrapKey(newMasterKey, bytes, DATA_KEY_PURPOSE, rng);
    wipe(bytes);
    return { ...record, next };
  });
}

const keepOnly = (kept: 'wrapped' | 'next', store: Store, draft: AuditDraft): Promise<void> =>
  changeAll(store, draft, ({ next, ...record }) => {
    if (kept === 'wrapped') return record;
    if (next === undefined) throw fault(`data key ${record.id} was not wrapped twice`);
    return { ...record, wrapped: next };
  });

/** Every data key in one decision. */
async function changeAll(
  store: Store,
  draft: AuditDraft,
  change: (record: WrappedDataKey) => WrappedDataKey,
): Promise<void> {
  const { items } = await store.scan(DATA_KEYS, { limit: DATA_KEYS_MAX });
  const keys = items.map(({ id }) => dataKeyKey(id));
  await store.transact(keys, (records) => {
    const writes = records.flatMap((record, place): Write[] => {
      const key = keys[place];
      return record === undefined || key === undefined ? [] : [put(key, change(record))];
    });
    return { ...replyOnly(undefined), writes, auditDrafts: [draft] };
  });
}

const fault = (detail: string): FobtwinError =>
  new FobtwinError('internal', 'An internal error occurred.', { detail: `vault: ${detail}` });

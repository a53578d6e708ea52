import type { KeyObject } from 'node:crypto';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { put, type Store } from '../store/port.ts';
import { DATA_KEY_PURPOSE, KEY_BYTES, unwrapKey, wipe, wrapKey } from './keys.ts';
import type { WrappedDataKey } from './port.ts';
import { DATA_KEYS, DATA_KEYS_MAX, dataKeyKey, ROTATIONS } from './record.ts';
import { createVault, type KeyedVault, secretKeyOf } from './vault.ts';

const DATA_KEY_ID_BYTES = 4;

export interface VaultKeys {
  /** 32 bytes; `openVault` wipes them. */
  readonly masterKey: Uint8Array;
  /** 32 bytes; the caller's to wipe. */
  readonly rootKey: Uint8Array;
}

export interface OpenedVault {
  readonly vault: KeyedVault;
  readonly masterKey: KeyObject;
}

export interface NewDataKey {
  readonly record: WrappedDataKey;
  /** 32 bytes, for the caller to use and wipe. */
  readonly key: Uint8Array;
}

/** A random data key, and its record for the store. */
export function makeDataKey(
  masterKey: Uint8Array | KeyObject,
  { rng, now }: { readonly rng: Rng; readonly now: UnixMillis },
): NewDataKey {
  const id = Buffer.from(rng.bytes(DATA_KEY_ID_BYTES)).toString('hex');
  const key = rng.bytes(KEY_BYTES);
  const wrapped = wrapKey(masterKey, key, DATA_KEY_PURPOSE, rng);
  return { record: { version: 1, id, wrapped, createdAt: now }, key };
}

/** Puts the first data key into a new store. */
export async function addFirstDataKey(
  masterKey: Uint8Array,
  { store, rng, now }: { readonly store: Store; readonly rng: Rng; readonly now: UnixMillis },
): Promise<void> {
  const { record, key } = makeDataKey(masterKey, { rng, now });
  wipe(key);
  const at = dataKeyKey(record.id);
  await store.transact([at], () => ({
    writes: [put(at, record)],
    auditDrafts: [],
    reply: undefined,
  }));
}

/**
 * The vault over the store's data keys; changes nothing.
 *
 * @param place the data directory, for the error's text
 * @throws FobtwinError `dataDirectoryDamaged` when a data key is lost or does not open
 */
export async function openVault(
  { masterKey, rootKey }: VaultKeys,
  { store, rng, place }: { readonly store: Store; readonly rng: Rng; readonly place: string },
): Promise<OpenedVault> {
  const { items } = await store.scan(DATA_KEYS, { limit: DATA_KEYS_MAX });
  const rotations = await store.scan(ROTATIONS, { limit: 1 });
  const current = rotations.items[0]?.dataKey ?? items.at(-1)?.id;
  if (current === undefined || !items.some(({ id }) => id === current)) {
    throw damaged(`The store in ${place} has lost its data key`);
  }
  const dataKeys = new Map(items.map((item) => [item.id, dataKeyOf(masterKey, item, place)]));
  try {
    const vault = createVault({ rootKey, dataKeys, currentDataKey: current, rng });
    return { vault, masterKey: secretKeyOf(masterKey) };
  } finally {
    wipe(...dataKeys.values());
  }
}

/** An exchange of the master key that was broken off leaves a data key wrapped by both. */
function dataKeyOf(masterKey: Uint8Array, record: WrappedDataKey, place: string): Uint8Array {
  const key = tryUnwrap(masterKey, record.wrapped) ?? tryUnwrap(masterKey, record.next);
  if (key !== undefined) return key;
  // The root key has opened: the master key is the right one.
  throw damaged(`Data key ${record.id} in ${place} does not open`);
}

/** The data key, or undefined when this master key has not wrapped it. */
export function tryUnwrap(
  masterKey: Uint8Array | KeyObject,
  wrapped: string | undefined,
): Uint8Array | undefined {
  if (wrapped === undefined) return undefined;
  try {
    return unwrapKey(masterKey, wrapped, DATA_KEY_PURPOSE);
  } catch (error) {
    if (error instanceof FobtwinError && error.code === 'wrongMasterKey') return undefined;
    throw error;
  }
}

const damaged = (message: string): FobtwinError =>
  new FobtwinError('dataDirectoryDamaged', message, {
    nextStep: 'Restore the data directory from a backup.',
  });

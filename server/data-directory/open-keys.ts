import { createSecretKey } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import type { Rng } from '../../shared/rng.ts';
import type { Store } from '../store/port.ts';
import { SEALED_TOKENS } from '../tokens/sealed-tokens.ts';
import { createKeyService, type KeyService } from '../vault/key-service.ts';
import { openVault } from '../vault/open.ts';
import type { Vault } from '../vault/port.ts';
import type { DataDirectory } from './data-directory.ts';
import { rootKeyPlace } from './format-file.ts';

export interface OpenKeysOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Whether the store takes writes. */
  readonly isSound: boolean;
  /** Told why the exchange of the data key stopped before its end. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * The vault of a data directory and what keeps its keys. An exchange of the master key that was
 * broken off is settled, where the store takes writes; the master key is wiped.
 *
 * @throws FobtwinError `dataDirectoryDamaged`
 */
export async function openKeys(
  directory: DataDirectory,
  { store, clock, rng, isSound, onFailure }: OpenKeysOptions,
): Promise<{ readonly vault: Vault; readonly keys: KeyService }> {
  const { place, rootKey } = directory;
  const { vault, masterKey } = await openVault(directory, { store, rng, place });
  const keys = createKeyService({
    store,
    vault,
    records: SEALED_TOKENS,
    masterKey,
    rootKey: createSecretKey(rootKey),
    rootKeyPlace: rootKeyPlace(place),
    clock,
    rng,
    onFailure,
  });
  if (isSound) await keys.settle();
  return { vault, keys };
}

import { createSecretKey, randomBytes } from 'node:crypto';
import type { Caller } from '../../../server/access/scopes.ts';
import { LOCAL_OWNER } from '../../../server/access/scopes.ts';
import { openMemoryStore } from '../../../server/store/memory.ts';
import { type Kind, put, type Store } from '../../../server/store/port.ts';
import { TOKENS, type TokenRecord, tokenKey } from '../../../server/tokens/record.ts';
import { SEALED_TOKENS } from '../../../server/tokens/sealed-tokens.ts';
import { createKeyService, type KeyService } from '../../../server/vault/key-service.ts';
import { keyFingerprint } from '../../../server/vault/keys.ts';
import { addFirstDataKey, openVault } from '../../../server/vault/open.ts';
import type { RootKeyPlace } from '../../../server/vault/port.ts';
import { DATA_KEYS, ROTATIONS } from '../../../server/vault/record.ts';
import type { KeyedVault } from '../../../server/vault/vault.ts';
import type { Rng } from '../../../shared/rng.ts';
import type { Seed, Serial, UnixMillis } from '../../../shared/types.ts';

/** A store with sealed seeds in memory, and the keys over it. */

export const NOW = 1_800_000_000_000 as UnixMillis;
export const OWNER: Caller = { principal: LOCAL_OWNER, now: NOW };
export const cryptoRng: Rng = { bytes: (length) => randomBytes(length), uniform: Math.random };
const KINDS = [TOKENS, DATA_KEYS, ROTATIONS] as readonly Kind<unknown>[];
const PARAMETERS = { type: 'event', algorithm: 'SHA1', digits: 6 } as const;

export const serialOf = (index: number): Serial => `T${String(index).padStart(6, '0')}` as Serial;
export const seedOf = (index: number): Seed =>
  Uint8Array.from(Buffer.from(serialOf(index).padEnd(20, '~'))) as Seed;

export interface KeyedRoom {
  readonly store: Store;
  readonly vault: KeyedVault;
  readonly keys: KeyService;
  /** What went wrong in the background. */
  readonly failures: unknown[];
}

export async function newStore(masterKey: Uint8Array): Promise<Store> {
  const store = await openMemoryStore({
    kinds: KINDS,
    writer: 'test',
    auditKey: new Uint8Array(32),
  });
  await addFirstDataKey(masterKey, { store, rng: cryptoRng, now: NOW });
  return store;
}

/** The keys as a fobd that starts now has them; `masterKey` is left as it is. */
export async function openRoom(
  store: Store,
  masterKey: Uint8Array,
  rootKeyPlace: RootKeyPlace = placeInMemory(),
): Promise<KeyedRoom> {
  const rootKey = new Uint8Array(32).fill(1);
  const options = { store, rng: cryptoRng, place: '/data' };
  const opened = await openVault({ masterKey: Uint8Array.from(masterKey), rootKey }, options);
  const failures: unknown[] = [];
  const keys = createKeyService({
    store,
    vault: opened.vault,
    records: SEALED_TOKENS,
    masterKey: opened.masterKey,
    rootKey: createSecretKey(rootKey),
    rootKeyPlace,
    clock: { now: () => NOW },
    rng: cryptoRng,
    onFailure: (error) => failures.push(error),
  });
  await keys.settle();
  return { store, vault: opened.vault, keys, failures };
}

/** As `format.json` is, without a disk. */
export function placeInMemory(masterKey?: Uint8Array): RootKeyPlace {
  let kept = masterKey === undefined ? undefined : keyFingerprint(masterKey);
  return {
    async replace(_wrapped, fingerprint) {
      kept = fingerprint;
    },
    settle: async () => undefined,
    fingerprint: async () => kept,
  };
}

export const tokenOf = (vault: KeyedVault, index: number): TokenRecord => {
  const serial = serialOf(index);
  return {
    version: 1,
    serial,
    life: 'stocked',
    holds: [],
    parameters: PARAMETERS,
    sealedSeed: vault.seal(seedOf(index), { serial, parameters: PARAMETERS }),
    importedAt: NOW,
  };
};

export async function stock({ store, vault }: KeyedRoom, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index += 1) {
    const token = tokenOf(vault, index);
    const key = tokenKey(token.serial);
    void store.transact([key], () => ({
      writes: [put(key, token)],
      auditDrafts: [],
      reply: undefined,
    }));
  }
  await store.scan(TOKENS, { limit: 1 });
}

/** Every token, as it is stored. */
export async function allTokens(store: Store): Promise<TokenRecord[]> {
  const tokens: TokenRecord[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const page: Awaited<ReturnType<typeof store.scan<TokenRecord>>> = await store.scan(TOKENS, {
      after,
      limit: 500,
    });
    tokens.push(...page.items);
    after = page.next;
  }
  return tokens;
}

/** Serials of tokens whose seed is not what it was when it was stocked. */
export async function brokenSeeds({ store, vault }: KeyedRoom): Promise<string[]> {
  const tokens = await allTokens(store);
  return tokens.flatMap(({ serial, parameters, sealedSeed }) => {
    const seed = vault.open(sealedSeed, { serial, parameters });
    return Buffer.compare(seed, seedOf(Number(serial.slice(1)))) === 0 ? [] : [serial];
  });
}

/** Resolves when no rotation is under way any more. */
export async function rotated({ keys }: KeyedRoom): Promise<void> {
  while ((await keys.rotation())?.state === 'running') {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

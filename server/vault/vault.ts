import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import canonicalize from 'canonicalize';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { parseSeed, type Seed, type Serial, type TokenParameters } from '../../shared/types.ts';
import { checkKey, decrypt, deriveKey, encrypt, wipe } from './keys.ts';
import type { SeedContext, Vault } from './port.ts';

export interface VaultParts {
  /** What hash keys and decoy seeds are derived from. 32 bytes. */
  readonly rootKey: Uint8Array;
  /** By id: every data key that a seed may still be sealed with. 32 bytes each. */
  readonly dataKeys: ReadonlyMap<string, Uint8Array>;
  /** Which of them new seeds are sealed with. */
  readonly currentDataKey: string;
  readonly rng: Rng;
}

/** The vault, and what its keeper may do with its data keys while it is in use. */
export interface KeyedVault extends Vault {
  /** Which data key new seeds are sealed with. */
  readonly currentDataKey: string;
  readonly dataKeys: ReadonlySet<string>;
  /** From now on new seeds are sealed with this one. 32 bytes; the caller may wipe them. */
  adopt(id: string, key: Uint8Array): void;
  /** Forgets a data key that no seed is sealed with any more. */
  drop(id: string): void;
  /** Resolves when all who hold the keys at the time of the call have released them. */
  released(): Promise<void>;
  /** The bytes of a data key, to be wrapped anew; the caller wipes them. */
  exportDataKey(id: string): Uint8Array;
}

const SEALED_SEED_VERSION = 1;
/** As most real tokens have: a decoy must cost what a real one costs. */
const DECOY_SEED_BYTES = 20;

export function createVault({ rootKey, dataKeys, currentDataKey, rng }: VaultParts): KeyedVault {
  const keys = new Map(
    [...dataKeys].map(([id, key]) => {
      checkKey(key, `data key ${id}`);
      return [id, createSecretKey(key)] as const;
    }),
  );
  let current = { id: currentDataKey, key: keyOf(keys, currentDataKey) };
  const holds = createHolds();
  const hashKeys = {
    wrongCode: secretKeyOf(deriveKey(rootKey, 'hash/wrongCode')),
    shadow: secretKeyOf(deriveKey(rootKey, 'hash/shadow')),
    idempotency: secretKeyOf(deriveKey(rootKey, 'hash/idempotency')),
  };
  const decoy = sealDecoy(rootKey);

  return {
    get currentDataKey() {
      return current.id;
    },
    get dataKeys() {
      return new Set(keys.keys());
    },
    adopt(id, bytes) {
      checkKey(bytes, `data key ${id}`);
      const key = createSecretKey(bytes);
      keys.set(id, key);
      current = { id, key };
    },
    drop(id) {
      if (id === current.id) throw fault(`data key ${id} is in use`);
      keys.delete(id);
    },
    exportDataKey: (id) => keyOf(keys, id).export(),
    keepKeys: () => holds.take(),
    released: () => holds.released(),
    seal: (seed, context) => ({
      version: SEALED_SEED_VERSION,
      dataKey: current.id,
      sealed: encrypt(current.key, seed, seedContext(context), rng),
    }),
    open({ version, dataKey, sealed }, context) {
      const key = keys.get(dataKey);
      if (version !== SEALED_SEED_VERSION || key === undefined) {
        throw fault(`the seed of ${context.serial} needs version ${version}, data key ${dataKey}`);
      }
      const seed = openSeed(key, sealed, context);
      if (seed === undefined) throw fault(`the sealed seed of ${context.serial} does not open`);
      return seed;
    },
    keyedHash: (purpose, text) => hmac(hashKeys[purpose], text).toString('hex'),
    decoySeed() {
      const seed = openSeed(decoy.key, decoy.sealed, DECOY_CONTEXT);
      if (seed === undefined) throw fault('the decoy seed does not open');
      return seed;
    },
  };
}

/** Of a serial's usual length; none is spelled so. */
const DECOY_CONTEXT: SeedContext = {
  serial: '-decoy-000' as Serial,
  parameters: { type: 'time', algorithm: 'SHA1', digits: 6, stepSeconds: 30 },
};

/**
 * A seed sealed as those of tokens are, so that opening it is the very same work. Everything about
 * it is derived, and it is the only message under its key, so that its nonce may be too.
 */
function sealDecoy(rootKey: Uint8Array): { readonly key: KeyObject; readonly sealed: string } {
  const seed = deriveKey(rootKey, 'decoySeed').subarray(0, DECOY_SEED_BYTES);
  const key = secretKeyOf(deriveKey(rootKey, 'decoySeed/key'));
  const nonce = deriveKey(rootKey, 'decoySeed/nonce');
  const rng = { bytes: (length: number) => nonce.subarray(0, length), uniform: () => 0 };
  const sealed = encrypt(key, seed, seedContext(DECOY_CONTEXT), rng);
  wipe(seed);
  return { key, sealed };
}

/** The key without its bytes: they are wiped. */
export function secretKeyOf(bytes: Uint8Array): KeyObject {
  const key = createSecretKey(bytes);
  wipe(bytes);
  return key;
}

function keyOf(keys: ReadonlyMap<string, KeyObject>, id: string): KeyObject {
  const key = keys.get(id);
  if (key === undefined) throw fault(`there is no data key ${id}`);
  return key;
}

/** Who holds the data keys: seeds that are sealed and not committed yet. */
function createHolds() {
  const held = new Set<Promise<void>>();
  return {
    take(): () => void {
      let release: () => void = () => undefined;
      const hold = new Promise<void>((resolve) => {
        release = resolve;
      });
      held.add(hold);
      return () => {
        held.delete(hold);
        release();
      };
    },
    released: async (): Promise<void> => {
      await Promise.all(held);
    },
  };
}

function openSeed(key: KeyObject, sealed: string, context: SeedContext): Seed | undefined {
  const bytes = decrypt(key, sealed, seedContext(context));
  return bytes === undefined ? undefined : parseSeed(bytes);
}

const hmac = (key: KeyObject, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

/** Canonical JSON (RFC 8785) of what a sealed seed is bound to. */
export function seedContext({ serial, parameters }: SeedContext): string {
  return `{"parameters":${parametersText(parameters)},"serial":"${serial}","version":1}`;
}

/** The members are known and few; whatever has others goes to the general function. */
function parametersText(parameters: TokenParameters): string {
  let members = 0;
  for (const _ in parameters) members += 1;
  if (members !== MEMBERS[parameters.type]) return String(canonicalize(parameters));
  const step = parameters.type === 'time' ? `"stepSeconds":${parameters.stepSeconds},` : '';
  const { algorithm, digits, type } = parameters;
  return `{"algorithm":"${algorithm}","digits":${digits},${step}"type":"${type}"}`;
}

/** How many members parameters have by their type. */
const MEMBERS: Readonly<Record<TokenParameters['type'], number>> = { event: 3, time: 4 };

const fault = (detail: string): FobtwinError =>
  new FobtwinError('internal', 'An internal error occurred.', { detail: `vault: ${detail}` });

import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import canonicalize from 'canonicalize';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { parseSeed, type Seed, type TokenParameters } from '../../shared/types.ts';
import { checkKey, decrypt, deriveKey, encrypt } from './keys.ts';
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

const SEALED_SEED_VERSION = 1;
/** As most real tokens have: a decoy must cost what a real one costs. */
const DECOY_SEED_BYTES = 20;

export function createVault({ rootKey, dataKeys, currentDataKey, rng }: VaultParts): Vault {
  const keys = new Map(
    [...dataKeys].map(([id, key]) => {
      checkKey(key, `data key ${id}`);
      return [id, createSecretKey(key)] as const;
    }),
  );
  const current = keys.get(currentDataKey);
  if (current === undefined) throw fault(`there is no data key ${currentDataKey}`);
  const hashKeys = {
    wrongCode: createSecretKey(deriveKey(rootKey, 'hash/wrongCode')),
    shadow: createSecretKey(deriveKey(rootKey, 'hash/shadow')),
  };
  const decoyKey = createSecretKey(deriveKey(rootKey, 'decoySeed'));

  return {
    seal: (seed, context) => ({
      version: SEALED_SEED_VERSION,
      dataKey: currentDataKey,
      sealed: encrypt(current, seed, seedContext(context), rng),
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
    decoySeed: (text) => hmac(decoyKey, text).subarray(0, DECOY_SEED_BYTES) as Uint8Array as Seed,
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

/** Parameters of records in the store's cache are the same objects time and again. */
const parametersTexts = new WeakMap<TokenParameters, string>();

function parametersText(parameters: TokenParameters): string {
  const known = parametersTexts.get(parameters);
  if (known !== undefined) return known;
  const text = String(canonicalize(parameters));
  parametersTexts.set(parameters, text);
  return text;
}

const fault = (detail: string): FobtwinError =>
  new FobtwinError('internal', 'An internal error occurred.', { detail: `vault: ${detail}` });

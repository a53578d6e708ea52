import { scryptSync } from 'node:crypto';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import type { Group } from './json-group.ts';
import { type KeyFileEnv, readKeyFile, readOrMakeKeyFile } from './key-file.ts';
import { KEY_BYTES, seal, unseal } from './sealing.ts';

/** How a drawer's random data key is kept: sealed under a key file's key, or a passphrase's. */
export type WrappedKey =
  | { readonly kind: 'keyFile'; readonly keyId: string; readonly sealed: string }
  | { readonly kind: 'passphrase'; readonly stretch: Stretch; readonly sealed: string };

/** How a passphrase becomes a key: scrypt (RFC 7914), block size 8, one lane. */
export interface Stretch {
  /** N: a power of two; memory is 1024 times this, in bytes. */
  readonly cost: number;
  /** In base64. */
  readonly salt: string;
}

/** What opens a drawer. */
export interface Protection extends Pick<KeyFileEnv, 'platform' | 'runProgram'> {
  /** Where the key file is, or is made. */
  readonly keyFile: string;
  /** For a drawer that a passphrase protects; a drawer that is made with one is. */
  readonly passphrase?: string;
  /** The N of scrypt for a new passphrase. Default: `STRETCH_COST`. */
  readonly stretchCost?: number;
}

/** OWASP's advice for scrypt; half a second, 128 MiB. */
export const STRETCH_COST = 2 ** 17;
/** A file that asks for more is not waited for: a minute, 1 GiB. */
const STRETCH_COST_MAX = 2 ** 20;
const STRETCH_COST_MIN = 2 ** 14;
const BLOCK_SIZE = 8;
const SALT_BYTES = 16;
const SALT = /^[A-Za-z0-9+/]{22}==$/;
const SEALED_CHARACTERS_MAX = 256;

export const PASSPHRASE_CHARACTERS = { min: 8, max: 1024 } as const;

export function newStretch(rng: Rng, cost = STRETCH_COST): Stretch {
  return { cost, salt: Buffer.from(rng.bytes(SALT_BYTES)).toString('base64') };
}

/** Spellings of one passphrase that look the same are the same (RFC 8265). */
export function stretch(passphrase: string, { cost, salt }: Stretch): Uint8Array {
  const maxmem = 256 * cost * BLOCK_SIZE;
  const options = { N: cost, r: BLOCK_SIZE, p: 1, maxmem };
  return scryptSync(passphrase.normalize('NFC'), Buffer.from(salt, 'base64'), KEY_BYTES, options);
}

export function readStretch(group: Group): Stretch {
  const cost = group.integer('cost', STRETCH_COST_MIN, STRETCH_COST_MAX);
  const salt = group.text('salt', SALT_BYTES * 2);
  if (!Number.isInteger(Math.log2(cost))) group.refuse('cost', 'notAllowed');
  if (!SALT.test(salt)) group.refuse('salt', 'badFormat');
  group.done();
  return { cost, salt };
}

export function readWrappedKey(group: Group): WrappedKey {
  const kind = group.oneOf('kind', ['keyFile', 'passphrase'] as const);
  const sealed = group.text('sealed', SEALED_CHARACTERS_MAX);
  const wrapped: WrappedKey =
    kind === 'keyFile'
      ? { kind, keyId: group.text('keyId', 32), sealed }
      : { kind, stretch: readStretch(group.group('stretch')), sealed };
  group.done();
  return wrapped;
}

/**
 * Seals a data key under the passphrase, or without one under the key file's key, which is made
 * where it is not there.
 *
 * @param drawer the drawer's id, which the data key is bound to
 */
export function wrapKey(
  dataKey: Uint8Array,
  drawer: string,
  protection: Protection,
  rng: Rng,
): WrappedKey {
  const text = Buffer.from(dataKey).toString('base64');
  const { passphrase, keyFile, stretchCost } = protection;
  if (passphrase !== undefined) {
    checkPassphrase(passphrase);
    const made = newStretch(rng, stretchCost);
    const sealed = seal(text, stretch(passphrase, made), boundTo(drawer), rng);
    return { kind: 'passphrase', stretch: made, sealed };
  }
  const key = readOrMakeKeyFile(keyFile, { ...protection, rng });
  return { kind: 'keyFile', keyId: key.id, sealed: seal(text, key.bytes, boundTo(drawer), rng) };
}

/**
 * @param place the drawer's directory, to name it in an error
 * @throws FobtwinError `wrongDrawerKey`, `drawerKeyUnusable`
 */
export function unwrapKey(
  wrapped: WrappedKey,
  { drawer, place }: { readonly drawer: string; readonly place: string },
  protection: Protection,
): Uint8Array {
  const opener =
    wrapped.kind === 'passphrase'
      ? openerOfPassphrase(wrapped.stretch, protection, place)
      : openerOfKeyFile(wrapped.keyId, protection, place);
  const text = unseal(wrapped.sealed, opener, boundTo(drawer));
  if (text !== undefined) return Buffer.from(text, 'base64');
  throw wrapped.kind === 'passphrase' ? wrongPassphrase(place) : wrongKeyFile(protection, place);
}

function boundTo(drawer: string): string {
  return `fob drawer key ${drawer}`;
}

function openerOfPassphrase(made: Stretch, { passphrase }: Protection, place: string): Uint8Array {
  if (passphrase !== undefined) return stretch(passphrase, made);
  throw new FobtwinError('drawerKeyUnusable', `The drawer ${place} is under a passphrase`, {
    nextStep: 'Run it on a terminal, or name a file that holds it in FOB_PASSPHRASE_FILE.',
  });
}

function openerOfKeyFile(keyId: string, protection: Protection, place: string): Uint8Array {
  const key = readKeyFile(protection.keyFile, protection.platform);
  if (key?.id === keyId) return key.bytes;
  if (key !== undefined) throw wrongKeyFile(protection, place);
  throw new FobtwinError(
    'drawerKeyUnusable',
    `The key file ${protection.keyFile} of the drawer ${place} is not there`,
    { nextStep: 'Put a copy of it back, or name its place in FOB_KEY_FILE.' },
  );
}

/** @throws FobtwinError `invalidInput` for one that is too short or too long */
export function checkPassphrase(passphrase: string): void {
  const { min, max } = PASSPHRASE_CHARACTERS;
  const { length } = passphrase;
  if (length >= min && length <= max) return;
  throw new FobtwinError('invalidInput', `A passphrase has ${min} to ${max} characters`, {
    nextStep: 'Choose several words that nobody would guess together.',
  });
}

export function wrongPassphrase(what: string): FobtwinError {
  return new FobtwinError('wrongDrawerKey', `This passphrase does not open ${what}`, {
    nextStep: 'Try again; nothing was changed.',
  });
}

function wrongKeyFile({ keyFile }: Protection, place: string): FobtwinError {
  return new FobtwinError('wrongDrawerKey', `The key file ${keyFile} does not open ${place}`, {
    nextStep: 'Name the right one in FOB_KEY_FILE, or put a copy of it back.',
  });
}

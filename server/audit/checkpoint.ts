import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import canonicalize from 'canonicalize';
import { isSequence, parseObject } from './chain.ts';
import type { AuditHead } from './entry.ts';

/**
 * A signed statement that a log had, at `sequence`, the entry of that hash. Kept elsewhere it finds
 * what the log cannot find by itself: that all of it was set back, or goes on from there otherwise.
 */
export interface Checkpoint extends AuditHead {
  /** When it was signed, RFC 3339 in UTC. */
  readonly at: string;
  /** Of the public key: the first 16 hexadecimal digits of the SHA-256 of its 32 bytes. */
  readonly keyId: string;
  /** Ed25519 (RFC 8032) over the canonical JSON of all the rest, base64url. */
  readonly signature: string;
}

/** What checkpoints are signed with. */
export interface SigningKey {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  /** SubjectPublicKeyInfo as PEM (RFC 8410). */
  readonly publicKey: string;
}

/** RFC 8410 section 7: what stands before the 32 bytes of a private key in PKCS #8. */
const PKCS8_START = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_KEY_BYTES = 32;
const KEY_ID_DIGITS = 16;
/** A checkpoint is under 400 characters, a public key under 200. */
const TEXT_CHARACTERS_MAX = 4096;

/** @param bytes 32, random: the private key */
export function createSigningKey(bytes: Uint8Array): SigningKey {
  const key = Buffer.concat([PKCS8_START, bytes]);
  const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  key.fill(0);
  const publicKey = createPublicKey(privateKey);
  return {
    keyId: keyIdOf(publicKey),
    privateKey,
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  };
}

function keyIdOf(publicKey: KeyObject): string {
  const bytes = publicKey.export({ format: 'der', type: 'spki' }).subarray(-PUBLIC_KEY_BYTES);
  return createHash('sha256').update(bytes).digest('hex').slice(0, KEY_ID_DIGITS);
}

/** An Ed25519 public key from its PEM; `undefined` when it is something else. */
export function parsePublicKey(text: string): KeyObject | undefined {
  // A private key would read as one too, and has no business in such a file.
  if (text.length > TEXT_CHARACTERS_MAX || !text.includes('BEGIN PUBLIC KEY')) return undefined;
  try {
    const key = createPublicKey(text);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

type Unsigned = Omit<Checkpoint, 'signature'>;

const signedText = ({ writer, sequence, hash, at, keyId }: Unsigned): Buffer =>
  Buffer.from(String(canonicalize({ writer, sequence, hash, at, keyId })));

/** @param at RFC 3339 in UTC */
export function signCheckpoint(head: AuditHead, at: string, key: SigningKey): Checkpoint {
  const { writer, sequence, hash } = head;
  const unsigned = { writer, sequence, hash, at, keyId: key.keyId };
  const signature = sign(null, signedText(unsigned), key.privateKey).toString('base64url');
  return { ...unsigned, signature };
}

/** Whether `publicKey` belongs to the key that signed it, and it is as it was then. */
export function isGenuineCheckpoint(checkpoint: Checkpoint, publicKey: KeyObject): boolean {
  if (checkpoint.keyId !== keyIdOf(publicKey)) return false;
  const signature = Buffer.from(checkpoint.signature, 'base64url');
  return verify(null, signedText(checkpoint), publicKey, signature);
}

/** The checkpoint that `text` holds, genuine or not; `undefined` when it holds none. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const value = text.length <= TEXT_CHARACTERS_MAX ? parseObject(text) : undefined;
  if (value === undefined) return undefined;
  const { writer, sequence, hash, at, keyId, signature } = value;
  if (typeof writer !== 'string' || !isSequence(sequence) || typeof hash !== 'string') {
    return undefined;
  }
  if (typeof at !== 'string' || typeof keyId !== 'string' || typeof signature !== 'string') {
    return undefined;
  }
  return { writer, sequence, hash, at, keyId, signature };
}

/** One line, its members in the order of canonical JSON. */
export const checkpointText = (checkpoint: Checkpoint): string =>
  String(canonicalize({ ...checkpoint }));

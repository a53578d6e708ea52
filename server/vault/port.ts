import type { Seed, Serial, TokenParameters, UnixMillis } from '../../shared/types.ts';

import type { Kind } from '../store/port.ts';

/**
 * A seed under the data key: AES-256-GCM, base64url of nonce (12 bytes), ciphertext and tag (16
 * bytes). Serial, parameters and version are authenticated with it.
 */
export interface SealedSeed {
  readonly version: 1;
  /** Which data key, so that rotation can go on while both are in use. */
  readonly dataKey: string;
  readonly sealed: string;
}

/** What a sealed seed is bound to: swapping two ciphertexts makes both unreadable. */
export interface SeedContext {
  readonly serial: Serial;
  readonly parameters: TokenParameters;
}

export interface Vault {
  seal(seed: Seed, context: SeedContext): SealedSeed;
  /**
   * Whoever seals seeds now and commits them later holds the data keys meanwhile: until `release`
   * is called, no data key is removed that a seed may have been sealed with since.
   *
   * @returns `release`; calling it again does nothing
   */
  keepKeys(): () => void;
  /** @throws FobtwinError `internal` when the ciphertext is not of this context or key */
  open(sealed: SealedSeed, context: SeedContext): Seed;
  /**
   * HMAC-SHA-256 under a key derived for `purpose`: last wrong codes, shadow counters. The same
   * text gives the same hash in every run of the same data directory. Lower-case hexadecimal.
   */
  keyedHash(purpose: 'wrongCode' | 'shadow' | 'idempotency', text: string): string;
  /**
   * The seed that is tested in place of one that is not there: derived, always the same, never a
   * real one. It is opened like a token's, which takes as long; whoever opens it wipes it.
   */
  decoySeed(): Seed;
}

/** A data key, wrapped by the master key; kept in the store. */
export interface WrappedDataKey {
  readonly version: 1;
  readonly id: string;
  /** base64url of nonce, ciphertext and tag. */
  readonly wrapped: string;
  /** The same key under the master key that comes next: there only while that is exchanged. */
  readonly next?: string;
  /** Absent in records of the first versions. */
  readonly createdAt?: UnixMillis;
}

/** Where the exchange of the data key stands; one record. Without it there is one data key only. */
export interface RotationRecord {
  readonly version: 1;
  /** The data key that new seeds are sealed with. */
  readonly dataKey: string;
  readonly state: 'running' | 'done';
  readonly startedAt: UnixMillis;
  readonly finishedAt?: UnixMillis;
  /** The id of the record that was looked at last in this pass; the next slice goes on after it. */
  readonly after?: string;
  /** Seeds sealed anew so far. */
  readonly resealed: number;
  /** Seeds that do not open: they keep their data key, and the data key stays. */
  readonly unreadable: number;
}

/**
 * A kind of record that holds a sealed seed, as the room that owns it describes it: all that
 * rotation needs to know.
 */
export interface SealedRecords<T extends object> {
  readonly kind: Kind<T>;
  idOf(record: T): string;
  sealedSeedOf(record: T): SealedSeed;
  contextOf(record: T): SeedContext;
  withSealedSeed(record: T, sealedSeed: SealedSeed): T;
}

/** Where the root key is kept, wrapped by the master key: outside the store. */
export interface RootKeyPlace {
  /**
   * Puts another wrapped root key, with its master key's fingerprint, in the place of the one that
   * is there: durable when it resolves.
   */
  replace(wrapped: string, fingerprint: string): Promise<void>;
  /** Makes durable what stands there now, and removes what an interrupted `replace` left. */
  settle(): Promise<void>;
  /** The fingerprint that stands there now. */
  fingerprint(): Promise<string | undefined>;
}

import type { Seed, Serial, TokenParameters } from '../../shared/types.ts';

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
  /** @throws FobtwinError `internal` when the ciphertext is not of this context or key */
  open(sealed: SealedSeed, context: SeedContext): Seed;
  /**
   * HMAC-SHA-256 under a key derived for `purpose`: last wrong codes, shadow counters. The same
   * text gives the same hash in every run of the same data directory. Lower-case hexadecimal.
   */
  keyedHash(purpose: 'wrongCode' | 'shadow', text: string): string;
  /** The decoy's seed for an unknown serial or account: derived, constant, never a real one. */
  decoySeed(text: string): Seed;
}

/** The data key, wrapped by the master key; kept in the store. */
export interface WrappedDataKey {
  readonly version: 1;
  readonly id: string;
  /** base64url of nonce, ciphertext and tag. */
  readonly wrapped: string;
}

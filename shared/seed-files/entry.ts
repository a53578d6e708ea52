import type { Seed, Serial, TokenParameters } from '../types.ts';

/** One token as a seed file carries it, whatever the format. */
export interface SeedFileEntry {
  readonly serial: Serial;
  readonly seed: Seed;
  readonly parameters: TokenParameters;
  /** Event tokens: the next counter, inclusive (PSKC's Counter). 0 when the file has none. */
  readonly nextCounter: number;
  readonly manufacturer?: string;
  readonly model?: string;
  readonly issuer?: string;
}

/** PSKC's Manufacturer in every seed file that `fob` writes: a label, not attestation. */
export const EMULATOR_MANUFACTURER = 'Fobtwin emulator';

/** Limits of one seed file; a file beyond any of them is refused whole. */
export const SEED_FILE_LIMITS = {
  bytes: 256 * 1024 * 1024,
  entries: 100_000,
  /** Longest text of one XML element or CSV field, in characters. */
  fieldCharacters: 4096,
  /** Deepest XML nesting. */
  depth: 32,
} as const;

/**
 * A parser fed with pieces of text as they arrive. Entries come out through the callback it was
 * made with, in file order; `end` refuses a truncated file. Both throw `FobtwinError` with code
 * `invalidInput` and a field that names the place: `line 7`, or `KeyPackage 3`.
 */
export interface SeedFileParser {
  write(text: string): void;
  end(): void;
}

export type SeedFileFormat = 'pskc' | 'csv';
export type OnEntry = (entry: SeedFileEntry) => void;

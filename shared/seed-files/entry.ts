import type { FieldError } from '../errors.ts';
import type { AccountId, Seed, Serial, TokenParameters } from '../types.ts';

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
  /** Whom the supplier made it for. */
  readonly account?: AccountId;
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
  /** Iterations of PBKDF2 that a file may ask for: a second or two of one core. */
  iterations: 2_000_000,
} as const;

/**
 * A parser fed with pieces of text as they arrive. Entries come out through the callback it was
 * made with, in file order; `end` refuses a truncated file. All three throw `FobtwinError` with
 * code `invalidInput` and a field that names the place: `line 7`, or `KeyPackage 3`.
 */
export interface SeedFileParser {
  write(text: string): void;
  /**
   * To be awaited after every `write`, before the next or `end`: where a file's key is derived from
   * a passphrase, what follows is read only then. Absent where nothing is ever waited for.
   */
  ready?(): Promise<void>;
  end(): void;
}

/** `safenet` is the XML of SafeNet, formerly Aladdin. */
export type SeedFileFormat = 'pskc' | 'csv' | 'safenet';
export type OnEntry = (entry: SeedFileEntry) => void;

/** A token of a file that was passed over, since its caller takes what can be had. */
export interface RefusedRow {
  /** Counted from 1 among the tokens of the file. */
  readonly row: number;
  /** When that much could be read. */
  readonly serial?: Serial;
  /** A sentence for people; never what stands in the file. */
  readonly reason: string;
}

/**
 * Hears of each token that cannot be read. Without it the first is an exception. What puts the
 * whole file in doubt is an exception always: XML that is not well-formed, a MAC that does not
 * match, a limit of the file, an end that is missing.
 */
export type OnRefused = (row: RefusedRow, error: FieldError) => void;

import type { SeedFileCrypto } from './crypto.ts';
import { createCsvParser } from './csv.ts';
import type { CsvDialectName } from './csv-dialects.ts';
import type { OnEntry, OnRefused, SeedFileFormat, SeedFileParser } from './entry.ts';
import type { SeedFileKey } from './key.ts';
import { createPskcParser } from './pskc.ts';
import { createSafenetParser } from './safenet.ts';
import { refusal } from './values.ts';

export interface ParserOptions {
  /** Opens an encrypted file. Default: such a file is refused. */
  readonly key?: SeedFileKey;
  /** Must be there with `key`. */
  readonly crypto?: SeedFileCrypto;
  /** Of a CSV file. Default: found out from its lines; one that fits several is refused. */
  readonly dialect?: CsvDialectName;
  /** Default: the first token that cannot be read is an exception. */
  readonly onRefused?: OnRefused;
}

const PARSERS: Readonly<
  Record<SeedFileFormat, (onEntry: OnEntry, options: ParserOptions) => SeedFileParser>
> = {
  pskc: createPskcParser,
  csv: createCsvParser,
  safenet: createSafenetParser,
};

/**
 * A parser of a seed file whose format is already known: from its media type, its name, or
 * `sniffFormat`.
 *
 * @throws FobtwinError `invalidInput` when a key is handed in for a format that has no encryption
 */
export function createSeedFileParser(
  format: SeedFileFormat,
  onEntry: OnEntry,
  options: ParserOptions = {},
): SeedFileParser {
  if (options.key !== undefined && format !== 'pskc') {
    const next = 'Leave the key away if the file is to be plain; PSKC is what can be encrypted.';
    throw refusal({ field: 'key' }, 'notAllowed', 'a file of this format is not encrypted', next);
  }
  return PARSERS[format](onEntry, options);
}

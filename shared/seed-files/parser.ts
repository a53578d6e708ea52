import { createCsvParser } from './csv.ts';
import type { OnEntry, SeedFileFormat, SeedFileParser } from './entry.ts';
import { createPskcParser } from './pskc.ts';

const PARSERS: Readonly<Record<SeedFileFormat, (onEntry: OnEntry) => SeedFileParser>> = {
  pskc: createPskcParser,
  csv: createCsvParser,
};

/** A parser of a seed file whose format is already known, from its media type or its name. */
export function createSeedFileParser(format: SeedFileFormat, onEntry: OnEntry): SeedFileParser {
  return PARSERS[format](onEntry);
}

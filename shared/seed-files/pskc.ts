import type { OnEntry, SeedFileParser } from './entry.ts';
import { withFinalRefusal } from './final-refusal.ts';
import { type PskcOptions, PskcReader } from './pskc-reader.ts';

/**
 * Reads PSKC, RFC 6030: plain, or encrypted under a key or a passphrase. Under AES-CBC every seed
 * must have a MAC, and none is decrypted before it; key wrap has its own check. Entries come out as
 * soon as their KeyPackage is closed, so a file of any length takes the memory of one entry, and of
 * the serials seen.
 *
 * DTDs and entities are refused. A signature over the file is not checked.
 */
export function createPskcParser(onEntry: OnEntry, options: PskcOptions = {}): SeedFileParser {
  return withFinalRefusal(new PskcReader(onEntry, options));
}

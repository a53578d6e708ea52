import type { OnEntry, OnRefused, SeedFileParser } from './entry.ts';
import { withFinalRefusal } from './final-refusal.ts';
import { SafenetReader } from './safenet-reader.ts';

/**
 * Reads the XML of SafeNet, formerly Aladdin, for eToken PASS: event tokens of 6 digits, as
 * privacyIDEA (`parseSafeNetXML` in privacyidea/lib/importotp.py) and LinOTP
 * (linotp/lib/ImportOTP/safenet.py) read it. Token's `serial`, ProductName, and of its one
 * Application Seed in hexadecimal and MovingFactor, the next counter.
 *
 * Streaming, without DTDs and entities, in the memory of one token.
 */
export function createSafenetParser(
  onEntry: OnEntry,
  { onRefused }: { readonly onRefused?: OnRefused } = {},
): SeedFileParser {
  return withFinalRefusal(new SafenetReader(onEntry, onRefused));
}

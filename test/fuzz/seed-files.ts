import fc from 'fast-check';
import { FobtwinError } from '../../shared/errors.ts';
import { CSV_DIALECT_NAMES } from '../../shared/seed-files/csv-dialects.ts';
import { formatCsv, writeCsv } from '../../shared/seed-files/csv-format.ts';
import type { SeedFileEntry, SeedFileFormat } from '../../shared/seed-files/entry.ts';
import { formatPskc } from '../../shared/seed-files/pskc-writer.ts';
import { sniffFormat } from '../../shared/seed-files/sniff.ts';
import { parseAccountId, parseSeed, parseSerial } from '../../shared/types.ts';
import { arbitraryEntries } from '../shared/seed-files/arbitrary-entries.ts';
import { FIGURE_6, FIGURE_6_KEY, FIGURE_7 } from '../shared/seed-files/rfc6030.ts';
import {
  join,
  keyOf,
  passphrase,
  type ReadOptions,
  read,
  sealed,
} from '../shared/seed-files/sealing.ts';

export interface FuzzOptions {
  /** How long to go on; at least one round is made. */
  readonly seconds: number;
  /** Start of the random numbers; the same seed, the same files. */
  readonly seed: number;
}

export interface FuzzReport {
  readonly files: number;
  /** Of these, how many were read to their end in spite of all. */
  readonly read: number;
}

const FILES_PER_ROUND = 100;
/** A file of a few KiB is read in milliseconds; PBKDF2 may take a second or two. */
const FILE_MILLIS_MAX = 20_000;
const KEY = keyOf(FIGURE_6_KEY);
const PASSPHRASE = passphrase('qwerty');

/**
 * Files of every format, with random harm done to their bytes, go through the parsers: each is
 * either read to tokens that keep all limits, or refused as bad input, and soon.
 *
 * @throws what a parser threw that it must not, with the file that made it
 */
export async function fuzzSeedFiles({ seconds, seed }: FuzzOptions): Promise<FuzzReport> {
  const until = performance.now() + seconds * 1000;
  let count = 0;
  let wholes = 0;
  for (let round = 0; round === 0 || performance.now() < until; round += 1) {
    const property = fc.asyncProperty(harmed, options, async (file, { format, ...reading }) => {
      count += 1;
      const text = new TextDecoder().decode(await file());
      if (await isHarmless(format ?? sniffFormat(text), text, reading)) wholes += 1;
    });
    await fc.assert(property, { seed: seed + round, numRuns: FILES_PER_ROUND, endOnFailure: true });
  }
  return { files: count, read: wholes };
}

async function isHarmless(
  format: SeedFileFormat,
  text: string,
  options: ReadOptions,
): Promise<boolean> {
  const begun = performance.now();
  const pieces = [text.slice(0, text.length / 2), text.slice(text.length / 2)];
  const { entries, refused, error } = await read(format, pieces, options);
  const took = performance.now() - begun;
  if (took > FILE_MILLIS_MAX) throw new Error(`a file took ${Math.round(took)} ms to read`);
  if (error !== undefined) checkRefusal(error);
  for (const entry of entries) checkEntry(entry);
  for (const { field, code, reason } of refused) {
    if (field === '' || code === undefined || reason === '')
      throw new Error('a refusal says nothing');
  }
  return error === undefined;
}

function checkRefusal(error: unknown): void {
  const proper = error instanceof FobtwinError && error.code === 'invalidInput';
  if (!proper) throw new Error('a parser threw what is no refusal', { cause: error });
  if (error.errors.length !== 1) throw new Error('a refusal names no place', { cause: error });
}

function checkEntry({ serial, seed, parameters, nextCounter, ...texts }: SeedFileEntry): void {
  const limits: Readonly<Record<string, boolean>> = {
    serial: parseSerial(serial) === serial,
    seed: parseSeed(seed) !== undefined,
    digits: [6, 7, 8].includes(parameters.digits),
    algorithm: ['SHA1', 'SHA256', 'SHA512'].includes(parameters.algorithm),
    counter: Number.isSafeInteger(nextCounter) && nextCounter >= 0,
    step:
      parameters.type === 'event' ||
      (Number.isInteger(parameters.stepSeconds) &&
        parameters.stepSeconds >= 1 &&
        parameters.stepSeconds <= 3600),
    account: texts.account === undefined || parseAccountId(texts.account) === texts.account,
    labels: [texts.manufacturer, texts.model, texts.issuer].every(
      (label) => label === undefined || (label !== '' && label.length <= 200),
    ),
  };
  for (const [what, kept] of Object.entries(limits)) {
    if (!kept) throw new Error(`a token was read whose ${what} is beyond its limits`);
  }
}

const options: fc.Arbitrary<ReadOptions & { readonly format: SeedFileFormat | undefined }> = fc
  .record({
    key: fc.constantFrom(undefined, KEY, PASSPHRASE),
    dialect: fc.option(fc.constantFrom(...CSV_DIALECT_NAMES), { nil: undefined, freq: 3 }),
    partial: fc.boolean(),
    format: fc.constantFrom(
      undefined,
      undefined,
      'pskc' as const,
      'csv' as const,
      'safenet' as const,
    ),
  })
  .map(({ key, dialect, ...rest }) => ({
    ...rest,
    ...(key === undefined ? {} : { key }),
    ...(dialect === undefined ? {} : { dialect }),
  }));

const HEX = '3132333435363738393031323334353637383930';
const FOREIGN = [
  `A1,${HEX},hotp,6,1,sha1\nA2,${HEX},totp,8,60,sha256\n`,
  `# version: 2\nu,r,x,A1,${HEX},totp,8,60\n`,
  `P1,${HEX},17\n`,
  `TOTP;T1;SHA256;${HEX};0;60;8\nHOTP;H1;${HEX};12\n`,
  `OATH-HOTP,11.12.13 18:55,1,cccccccccccd,,${HEX},,,0,0,0,6,0,0\n`,
  '<Tokens><Token serial="1"><ProductName>x</ProductName><Applications><Application><Seed>' +
    `${HEX}</Seed><MovingFactor>1</MovingFactor></Application></Applications></Token></Tokens>`,
  FIGURE_6,
  FIGURE_7,
];

const files: fc.Arbitrary<() => Promise<string>> = fc.oneof(
  fc.constantFrom(...FOREIGN).map((text) => async () => text),
  arbitraryEntries(['manufacturer', 'account']).map((all) => async () => formatPskc(all)),
  arbitraryEntries(['account']).map((all) => async () => formatCsv(all)),
  arbitraryEntries(['account']).map((all) => () => sealed(all, KEY, { sealNumbers: true })),
  arbitraryEntries().map((all) => () => sealed(all, PASSPHRASE)),
  arbitraryEntries().map(
    (all) => () =>
      join(
        writeCsv(
          all.map((entry) => ({
            ...entry,
            parameters: { type: 'time', algorithm: 'SHA1', digits: 6, stepSeconds: 30 } as const,
            nextCounter: 0,
          })),
          { dialect: 'entra' },
        ),
      ),
  ),
);

/** Signs that mean something to a parser, beside those that chance brings. */
const SIGNS = [
  '<',
  '>',
  '&',
  '"',
  "'",
  ';',
  ',',
  '\n',
  '\r',
  '\0',
  '#',
  '=',
  '/',
  ' ',
  '\uFEFF',
  ']]>',
  '<!--',
  '<![CDATA[',
  '<!DOCTYPE k [<!ENTITY a "b">]>',
  '&a;',
  '&#0;',
  '&#x41;',
  '<?x?>',
  '</Key>',
  '<KeyPackage>',
  '<Key Id="1">',
  'xmlns="urn:x"',
  '99999999999999999999',
  '-1',
  '1e9',
  '0x1F',
].map((sign) => Buffer.from(sign));

type Harm = (bytes: Buffer) => Buffer;
const place = fc.double({ min: 0, max: 1, noNaN: true });

const harms: fc.Arbitrary<Harm> = fc.oneof(
  fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(
    ([where, by]): Harm =>
      (bytes) => {
        const changed = Buffer.from(bytes);
        const at = Math.floor(where * Math.max(0, bytes.length - 1));
        if (at < changed.length) changed[at] = (changed[at] ?? 0) ^ by;
        return changed;
      },
  ),
  fc.tuple(place, fc.constantFrom(...SIGNS)).map(
    ([where, sign]): Harm =>
      (bytes) => {
        const at = Math.floor(where * bytes.length);
        return Buffer.concat([bytes.subarray(0, at), sign, bytes.subarray(at)]);
      },
  ),
  fc.tuple(place, place).map(
    ([one, other]): Harm =>
      (bytes) => {
        const from = Math.floor(Math.min(one, other) * bytes.length);
        return Buffer.concat([
          bytes.subarray(0, from),
          bytes.subarray(Math.floor(Math.max(one, other) * bytes.length)),
        ]);
      },
  ),
  fc.tuple(place, place, place).map(
    ([one, other, where]): Harm =>
      (bytes) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)].map(
          (share) => share * bytes.length,
        );
        const at = Math.floor(where * bytes.length);
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, to), bytes.subarray(at)]);
      },
  ),
);

const harmed: fc.Arbitrary<() => Promise<Buffer>> = fc
  .tuple(files, fc.array(harms, { maxLength: 6 }))
  .map(([file, all]) => async () => {
    const whole: Buffer = Buffer.from(await file());
    return all.reduce((bytes, harm) => harm(bytes), whole);
  });

import fc from 'fast-check';
import type { SeedFileEntry } from '../../../shared/seed-files/entry.ts';
import {
  ALGORITHMS,
  DIGITS,
  parseSeed,
  parseSerial,
  SEED_BYTES_MAX,
  SEED_BYTES_MIN,
  type TokenParameters,
} from '../../../shared/types.ts';

/** Random tokens, and random ways of a file to come to harm. */

type Label = 'manufacturer' | 'model' | 'issuer' | 'account';

const FIRST = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'];
const LATER = [...FIRST, '.', '_', '-'];

const serialText = fc
  .tuple(fc.constantFrom(...FIRST), fc.string({ unit: fc.constantFrom(...LATER), maxLength: 63 }))
  .map(([first, later]) => first + later);

const ACCOUNT = [...'abzABZ019._@-'];
const accountText = fc
  .tuple(
    fc.constantFrom(...'aZ0'),
    fc.string({ unit: fc.constantFrom(...ACCOUNT), maxLength: 127 }),
  )
  .map(([first, later]) => first + later);

const algorithm = fc.constantFrom(...ALGORITHMS);
const digits = fc.constantFrom(...DIGITS);

const parameters: fc.Arbitrary<TokenParameters> = fc.oneof(
  fc.record({ type: fc.constant('event' as const), algorithm, digits }),
  fc.record({
    type: fc.constant('time' as const),
    algorithm,
    digits,
    stepSeconds: fc.integer({ min: 1, max: 3600 }),
  }),
);

/** Text with whatever needs escaping, but no white space around and nothing that a label lacks. */
export const label = fc
  .string({
    unit: fc.constantFrom(...'aZ09 &<>"\'%+:;,=/?#]!-Ä漢😀'),
    minLength: 1,
    maxLength: 30,
  })
  .map((text) => text.trim())
  .filter((text) => text !== '');

const optional = (name: string, value: fc.Arbitrary<string>) =>
  fc.option(value, { nil: undefined }).map((text) => (text === undefined ? {} : { [name]: text }));

/** One token; the labels are left away where the format has no place for them. */
export function arbitraryEntry(labels: readonly Label[] = []): fc.Arbitrary<SeedFileEntry> {
  return fc
    .record({
      serial: serialText,
      seed: fc.uint8Array({ minLength: SEED_BYTES_MIN, maxLength: SEED_BYTES_MAX }),
      parameters,
      counter: fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constant(Number.MAX_SAFE_INTEGER)),
      texts: fc.tuple(
        ...labels.map((name) => optional(name, name === 'account' ? accountText : label)),
      ),
    })
    .map(({ serial, seed, parameters, counter, texts }) => ({
      serial: proven(parseSerial(serial)),
      seed: proven(parseSeed(seed)),
      parameters,
      nextCounter: parameters.type === 'event' ? counter : 0,
      ...Object.assign({}, ...texts),
    }));
}

export function arbitraryEntries(labels: readonly Label[] = []): fc.Arbitrary<SeedFileEntry[]> {
  return fc.uniqueArray(arbitraryEntry(labels), {
    selector: ({ serial }) => serial,
    minLength: 1,
    maxLength: 8,
  });
}

/** A place in a text, as a share of its length. */
export const share = fc.double({ min: 0, max: 1, noNaN: true });

export const cuts = fc.array(share, { maxLength: 12 });

/** The text in pieces, cut at these shares of its length. */
export function cut(text: string, shares: readonly number[]): string[] {
  const places = shares.map((where) => Math.floor(where * text.length)).sort((a, b) => a - b);
  return [...places, text.length].map((end, index) => text.slice(places[index - 1] ?? 0, end));
}

const anyCharacter = fc.oneof(
  fc.constantFrom(...'<>&/"\'= \n;!?-],0'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);

/** One character of a text replaced by another. */
export const change = fc.tuple(share, anyCharacter).map(([where, character]) => (text: string) => {
  const at = Math.floor(where * (text.length - 1));
  return text.slice(0, at) + character + text.slice(at + 1);
});

function proven<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the generator made something that is not valid');
  return value;
}

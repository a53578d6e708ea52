import { CROCKFORD, crockfordOf } from './crockford.ts';
import type { Rng } from './rng.ts';

/**
 * Keys that people type, in groups of five: random characters of Crockford's base 32 (what is read
 * for one another is one), and a check character that finds every single mistyped character and
 * about 499 of 500 swaps of two neighbours (as the hybrid systems of ISO/IEC 7064, in base 32).
 */

const GROUP = /.{1,5}/g;
/** Nothing longer is looked at. */
const TEXT_MAX = 100;

/** `AAAAA-BBBBB`. @param characters with the check character; 5 bits of randomness each other */
export function makeGroupedKey(rng: Rng, characters: number): string {
  const random = crockfordOf(rng.bytes(characters - 1));
  return grouped(random + checkCharacter(random));
}

/**
 * Read as people type: white space and dashes dropped, lower case taken, I and L for 1, O for 0.
 *
 * @returns `undefined` for what no key of so many characters looks like, its check included
 */
export function parseGroupedKey(text: string, characters: number): string | undefined {
  if (text.length > TEXT_MAX) return undefined;
  const plain = text.replace(/[\s-]+/gu, '').toUpperCase();
  const read = plain.replace(/[IL]/g, '1').replaceAll('O', '0');
  const isKey = read.length === characters && [...read].every((each) => CROCKFORD.includes(each));
  return isKey && read.endsWith(checkCharacter(read.slice(0, -1))) ? grouped(read) : undefined;
}

const grouped = (characters: string): string => (characters.match(GROUP) ?? []).join('-');

/** Each step is one-to-one, so that one changed character never comes out even. */
function checkCharacter(body: string): string {
  const m = CROCKFORD.length;
  let product = m;
  for (const character of body) {
    const sum = (product + CROCKFORD.indexOf(character)) % m || m;
    product = (sum * 2) % (m + 1);
  }
  return CROCKFORD.charAt((m + 1 - product) % m);
}

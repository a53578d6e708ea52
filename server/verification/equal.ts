import type { Code, Digits } from '../../shared/types.ts';

/**
 * Whether two texts are the same, in a time that depends on their lengths only. Lengths are public
 * (a code's digits, a hash's size). No cryptography: an exclusive-or over characters, so that this
 * room stays free of `node:crypto` and runs wherever its callers do.
 */
export function equalText(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

/** What no token shows. */
const NO_NUMBER = -1;

/** A given code as the integer to compare with; of another length than the token's, as none. */
export const numberOf = (code: Code, digits: Digits): number =>
  code.length === digits ? Number(code) : NO_NUMBER;

/** Whether two integers of 32 bits are the same: no branch, whatever they are. */
export const equalNumber = (a: number, b: number): boolean => (a ^ b) === 0;

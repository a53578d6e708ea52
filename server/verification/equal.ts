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

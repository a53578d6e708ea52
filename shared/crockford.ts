/** Crockford's base 32: no I, L, O and U, which are taken for other characters or make words. */
export const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A character for the last five bits of each byte. */
export const crockfordOf = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => CROCKFORD.charAt(byte & 31)).join('');

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** RFC 4648 section 4, with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/**
 * RFC 4648 section 4, strictly, save that white space is dropped as XML Schema's base64Binary has
 * it. `atob` accepts missing padding and stray bits after the last byte; whatever does not encode
 * back to itself is refused, for it would read a different seed than was meant.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const normal = text.replace(/[ \t\r\n]/g, '');
  if (!BASE64.test(normal) || normal.length % 4 !== 0) return undefined;
  const bytes = Uint8Array.from(atob(normal), (character) => character.charCodeAt(0));
  return encodeBase64(bytes) === normal ? bytes : undefined;
}

import type { SeedFileHash } from './crypto.ts';

/** How XML Encryption encrypts a value (xmlenc-core1 section 5); key sizes in bytes. */
export interface CipherMethod {
  /** `wrap` proves by itself that nothing was changed; `cbc` needs a MAC (RFC 6030, 6.1.1). */
  readonly mode: 'cbc' | 'wrap';
  readonly keyBytes: number;
}

const XMLENC = 'http://www.w3.org/2001/04/xmlenc#';
const XMLENC11 = 'http://www.w3.org/2009/xmlenc11#';
const XMLDSIG = 'http://www.w3.org/2000/09/xmldsig#';
const XMLDSIG_MORE = 'http://www.w3.org/2001/04/xmldsig-more#';

const CIPHERS: ReadonlyMap<string, CipherMethod> = new Map(
  [16, 24, 32].flatMap((keyBytes): [string, CipherMethod][] => [
    [`${XMLENC}aes${keyBytes * 8}-cbc`, { mode: 'cbc', keyBytes }],
    [`${XMLENC}kw-aes${keyBytes * 8}`, { mode: 'wrap', keyBytes }],
    [`${XMLENC11}kw-aes-${keyBytes * 8}-pad`, { mode: 'wrap', keyBytes }],
  ]),
);

const HASHES: ReadonlyMap<string, SeedFileHash> = new Map([
  [`${XMLDSIG}hmac-sha1`, 'sha1'],
  [`${XMLDSIG_MORE}hmac-sha224`, 'sha224'],
  [`${XMLDSIG_MORE}hmac-sha256`, 'sha256'],
  [`${XMLDSIG_MORE}hmac-sha384`, 'sha384'],
  [`${XMLDSIG_MORE}hmac-sha512`, 'sha512'],
]);

/** RFC 6030 section 6.2 has the first; xmlenc-core1 section 5.4.2 the second. */
const PBKDF2_URIS: readonly string[] = [
  'http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2',
  `${XMLENC11}pbkdf2`,
];

export const ENCRYPTION_NAMESPACES = {
  ds: XMLDSIG,
  xenc: XMLENC,
  xenc11: XMLENC11,
  pkcs5: 'http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#',
} as const;

export const PBKDF2_URI = `${ENCRYPTION_NAMESPACES.pkcs5}pbkdf2`;

export const cipherOf = (uri: string): CipherMethod | undefined => CIPHERS.get(uri);
export const hmacOf = (uri: string): SeedFileHash | undefined => HASHES.get(uri);
export const isPbkdf2 = (uri: string): boolean => PBKDF2_URIS.includes(uri);

export const cbcUri = (keyBytes: number): string => `${XMLENC}aes${keyBytes * 8}-cbc`;
export const hmacUri = (hash: 'sha1' | 'sha256'): string =>
  `${hash === 'sha1' ? XMLDSIG : XMLDSIG_MORE}hmac-${hash}`;

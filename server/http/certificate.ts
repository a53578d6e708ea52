import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createSecureContext, type SecureVersion } from 'node:tls';
import { FobtwinError } from '../../shared/errors.ts';

/** Where the certificate and its key are; absolute. */
export interface CertificateFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** A certificate that can be served, with its key. */
export interface Certificate {
  /** PEM: the certificate first, then those that vouch for it. */
  readonly cert: string;
  readonly key: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
  /** Names and addresses that it is good for, as it says. */
  readonly names: string;
  /** SHA-256 of the certificate, as `openssl x509 -fingerprint -sha256` prints it. */
  readonly fingerprint: string;
}

/** RFC 9325 section 3.1.1: nothing older is offered. */
export const TLS_VERSION_MIN: SecureVersion = 'TLSv1.2';
/** Since so long before its end, a certificate is warned of. */
export const EXPIRY_WARNING_MILLIS = 14 * 86_400_000;
/** A chain of several certificates is under 20 KiB. */
const PEM_BYTES_MAX = 1024 * 1024;
const DAY_MILLIS = 86_400_000;

/**
 * Reads a certificate and its key, and makes sure that clients will be able to use them.
 *
 * @param now Unix milliseconds
 * @throws FobtwinError `fileUnreadable`, or `certificateUnusable` naming the file and its fault
 */
export async function readCertificate(
  { certificateFile, keyFile }: CertificateFiles,
  now: number,
): Promise<Certificate> {
  const cert = await readPem(certificateFile, '--tls-certificate');
  const key = await readPem(keyFile, '--tls-key', refuseOpenKey);
  const certificate = parseCertificate(cert, certificateFile);
  const validFrom = Date.parse(certificate.validFrom);
  const expiresAt = Date.parse(certificate.validTo);
  if (now >= expiresAt) {
    throw unusable(`The certificate in ${certificateFile} expired on ${dayOf(expiresAt)}`, RENEW);
  }
  if (now < validFrom) {
    throw unusable(
      `The certificate in ${certificateFile} is good from ${dayOf(validFrom)} on only`,
      "Check this computer's clock, or name a certificate that is good now.",
    );
  }
  if (!certificate.checkPrivateKey(parseKey(key, keyFile))) {
    throw unusable(
      `The key in ${keyFile} does not fit the certificate in ${certificateFile}`,
      'Name the key that the certificate was requested with; it is the first in its file.',
    );
  }
  refuseShortKey(certificate.publicKey, certificateFile);
  refuseUnservable(cert, key, certificateFile);
  const names = certificate.subjectAltName ?? certificate.subject;
  return { cert, key, expiresAt, names, fingerprint: certificate.fingerprint256 };
}

const RENEW = 'Renew it; with the same file names fobd takes the new one up by itself.';

const dayOf = (millis: number): string => new Date(millis).toISOString().slice(0, 10);

/** Whole days until the certificate ends, rounded down. */
export const daysLeft = ({ expiresAt }: Pick<Certificate, 'expiresAt'>, now: number): number =>
  Math.floor((expiresAt - now) / DAY_MILLIS);

type CheckMode = (file: string, mode: number) => void;

async function readPem(file: string, flag: string, checkMode?: CheckMode): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      checkMode?.(file, (await handle.stat()).mode);
      const { buffer, bytesRead } = await handle.read(
        Buffer.alloc(PEM_BYTES_MAX),
        0,
        PEM_BYTES_MAX,
        0,
      );
      return buffer.toString('latin1', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof FobtwinError) throw error;
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new FobtwinError(
      'fileUnreadable',
      missing ? `There is no file ${file}` : `${file} cannot be read`,
      { nextStep: `Name a PEM file that fobd's user can read with ${flag}.`, cause: error },
    );
  }
}

/** A group may read it (Debian's ssl-cert), others may not, and none but the owner may write. */
const KEY_MODE_REFUSED = 0o027;

function refuseOpenKey(file: string, mode: number): void {
  if (process.platform === 'win32' || (mode & KEY_MODE_REFUSED) === 0) return;
  throw unusable(
    `The key in ${file} can be read or changed by others (mode ${(mode & 0o777).toString(8)})`,
    `chmod 600 ${file}`,
  );
}

function parseCertificate(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    const isKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem);
    throw unusable(
      `${file} ${isKey ? 'holds a key, and no certificate' : 'holds no certificate in PEM form'}`,
      'It begins with -----BEGIN CERTIFICATE-----; name it with --tls-certificate.',
      cause,
    );
  }
}

function parseKey(pem: string, file: string): KeyObject {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
    throw unusable(
      `The key in ${file} is encrypted, and fobd asks nobody for a passphrase`,
      `Decrypt it into a file that only fobd's user can read: openssl pkey -in ${file} -out FILE`,
    );
  }
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw unusable(
      `${file} holds no private key in PEM form`,
      'It begins with -----BEGIN PRIVATE KEY-----; name it with --tls-key.',
      cause,
    );
  }
}

/** RFC 9325 section 4.5; clients refuse less. */
const RSA_BITS_MIN = 2048;

function refuseShortKey({ asymmetricKeyDetails }: KeyObject, file: string): void {
  const bits = asymmetricKeyDetails?.modulusLength ?? RSA_BITS_MIN;
  if (bits >= RSA_BITS_MIN) return;
  throw unusable(
    `The RSA key of the certificate in ${file} is too short: ${bits} bits`,
    BETTER_KEY,
  );
}

const BETTER_KEY = 'Make one with a key of P-256, or of RSA with 2048 bits or more.';

/** What OpenSSL itself refuses: a broken chain, a curve that TLS does not know. */
function refuseUnservable(cert: string, key: string, file: string): void {
  try {
    createSecureContext({ cert, key, minVersion: TLS_VERSION_MIN });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw unusable(`OpenSSL refuses the certificate in ${file} (${reason})`, BETTER_KEY, cause);
  }
}

const unusable = (message: string, nextStep: string, cause?: unknown): FobtwinError =>
  new FobtwinError('certificateUnusable', message, { nextStep, cause });

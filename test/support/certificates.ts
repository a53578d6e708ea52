import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { debianProgram } from './debian.ts';

/** Certificates as an operator makes them: by openssl. */

const execute = promisify(execFile);

export interface MadeCertificate {
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface CertificateWishes {
  /** Names the two files in `directory`. Default `tls`. */
  readonly name?: string;
  /** From now on; default 365. */
  readonly days?: number;
  /** openssl's arguments for the key. Default P-256. */
  readonly key?: readonly string[];
}

const P256 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

/** A certificate for localhost and 127.0.0.1 that vouches for itself. */
export async function makeCertificate(
  directory: string,
  { name = 'tls', days = 365, key = P256 }: CertificateWishes = {},
): Promise<MadeCertificate> {
  const certificateFile = path.join(directory, `${name}.pem`);
  const keyFile = path.join(directory, `${name}.key`);
  await openssl(
    ...['req', '-x509', ...key, '-nodes', '-days', String(days), '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-keyout', keyFile, '-out', certificateFile],
  );
  return { certificateFile, keyFile };
}

/** @throws PeerUnavailable where it is neither there nor to be had */
export async function openssl(...args: string[]): Promise<string> {
  const peer = await debianProgram('openssl');
  const { stdout } = await execute(peer.path, args, { env: peer.env });
  return stdout;
}

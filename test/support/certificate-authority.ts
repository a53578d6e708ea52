import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type MadeCertificate, openssl } from './certificates.ts';

/** An authority as an operator has one for his own machines: made by openssl, in a directory. */
export interface CertificateAuthority {
  readonly caFile: string;
  /** @param names DNS names, the first of which is the CN; none: no subjectAltName */
  issue(name: string, names?: readonly string[]): Promise<MadeCertificate>;
}

const P256 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export async function makeAuthority(directory: string, name = 'ca'): Promise<CertificateAuthority> {
  const file = (suffix: string) => path.join(directory, suffix);
  const caFile = file(`${name}.pem`);
  const caKey = file(`${name}.key`);
  await openssl(
    ...['req', '-x509', ...P256, '-days', '30', '-subj', `/CN=${name}`],
    ...['-keyout', caKey, '-out', caFile],
  );
  return {
    caFile,
    async issue(host, names = []) {
      const [certificateFile, keyFile, request, extensions] = [
        file(`${host}.pem`),
        file(`${host}.key`),
        file(`${host}.csr`),
        file(`${host}.ext`),
      ];
      await openssl(
        ...['req', '-new', ...P256, '-subj', `/CN=${host}`],
        ...['-keyout', keyFile, '-out', request],
      );
      const alternatives = names.map((dns) => `DNS:${dns}`).join(',');
      await writeFile(
        extensions,
        names.length === 0 ? 'basicConstraints=CA:FALSE\n' : `subjectAltName=${alternatives}\n`,
      );
      await openssl(
        ...['x509', '-req', '-in', request, '-CA', caFile, '-CAkey', caKey, '-CAcreateserial'],
        ...['-days', '30', '-extfile', extensions, '-out', certificateFile],
      );
      return { certificateFile, keyFile };
    },
  };
}

import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import {
  type CertificateFiles,
  daysLeft,
  readCertificate,
} from '../../../server/http/certificate.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { type MadeCertificate, makeCertificate, openssl } from '../../support/certificates.ts';

const DAY = 86_400_000;

describe('a certificate and its key', () => {
  let place: string;
  let good: MadeCertificate;
  // Certificates are made during the tests: each is valid by then.
  const now = Date.now() + 10 * 60_000;

  before(async () => {
    place = await mkdtemp(path.join(tmpdir(), 'fobd-certificate-'));
    good = await makeCertificate(place);
  });
  after(() => rm(place, { recursive: true, force: true }));

  async function refusal(files: CertificateFiles, at = now): Promise<FobtwinError> {
    const error = await readCertificate(files, at).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error instanceof FobtwinError) return error;
    throw new Error(`it was not refused: ${String(error)}`);
  }

  async function written(name: string, text: string): Promise<string> {
    const file = path.join(place, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  }

  it('are read, with when it ends and what it is good for', async () => {
    const read = await readCertificate(good, now);
    expect(daysLeft(read, now)).to.be.within(363, 365);
    expect(read.names).to.equal('DNS:localhost, IP Address:127.0.0.1');
    const said = await openssl(
      ...['x509', '-in', good.certificateFile, '-noout', '-fingerprint', '-sha256'],
    );
    expect(said).to.contain(read.fingerprint);
  });

  it('are taken from one file that holds both', async () => {
    const both =
      (await readFile(good.certificateFile, 'utf8')) + (await readFile(good.keyFile, 'utf8'));
    const file = await written('both.pem', both);
    await readCertificate({ certificateFile: file, keyFile: file }, now);
  });

  it('are refused after the end, and before the beginning', async () => {
    const late = await refusal(good, now + 366 * DAY);
    expect(late.code).to.equal('certificateUnusable');
    expect(late.message).to.match(/tls\.pem expired on \d{4}-\d\d-\d\d$/);
    const early = await refusal(good, now - 2 * DAY);
    expect(early.message).to.contain('tls.pem is good from');
    expect(early.nextStep).to.contain('clock');
  });

  it('are refused when the key is another one, naming both files', async () => {
    const other = await makeCertificate(place, { name: 'other' });
    const { message } = await refusal({ ...good, keyFile: other.keyFile });
    expect(message).to.contain('other.key does not fit').and.to.contain('tls.pem');
  });

  for (const [form, args] of [
    ['PKCS#8', ['pkey', '-aes256']],
    ['traditional', ['ec', '-aes256']],
  ] as const) {
    it(`are refused when the key is encrypted (${form}), saying how to decrypt it`, async () => {
      const keyFile = path.join(place, `encrypted-${args[0]}.key`);
      const [command, ...options] = args;
      await openssl(
        ...[command, '-in', good.keyFile, ...options, '-passout', 'pass:quiet-please'],
        ...['-out', keyFile],
      );
      await chmod(keyFile, 0o600);
      const { message, nextStep } = await refusal({ ...good, keyFile });
      expect(message).to.contain(keyFile).and.to.contain('encrypted');
      expect(nextStep).to.contain('openssl pkey');
    });
  }

  it('are refused when the key is open to others, and not when a group may read it', async () => {
    const keyFile = path.join(place, 'open.key');
    await copyFile(good.keyFile, keyFile);
    for (const mode of [0o644, 0o604, 0o660]) {
      await chmod(keyFile, mode);
      const { message, nextStep } = await refusal({ ...good, keyFile });
      expect(message).to.contain(`mode ${mode.toString(8)}`);
      expect(nextStep).to.equal(`chmod 600 ${keyFile}`);
    }
    await chmod(keyFile, 0o640);
    await readCertificate({ ...good, keyFile }, now);
  });

  it('are refused when a file is missing or is something else, naming it', async () => {
    const nowhere = path.join(place, 'nowhere.pem');
    const missing = await refusal({ ...good, certificateFile: nowhere });
    expect(missing.code).to.equal('fileUnreadable');
    expect(missing.message).to.contain(nowhere);
    const swapped = { certificateFile: good.keyFile, keyFile: good.certificateFile };
    await chmod(good.certificateFile, 0o600);
    expect((await refusal(swapped)).message).to.contain('holds a key, and no certificate');
    const text = await written('text.pem', 'hello\n');
    const noCertificate = await refusal({ ...good, certificateFile: text });
    expect(noCertificate.message).to.contain('text.pem holds no certificate');
    const noKey = await refusal({ ...good, keyFile: text });
    expect(noKey.message).to.contain('text.pem holds no private key');
  });

  it('are refused when clients would refuse them: a short key', async () => {
    const short = await makeCertificate(place, { name: 'short', key: ['-newkey', 'rsa:1024'] });
    const { message } = await refusal(short);
    expect(message).to.contain('short.pem').and.to.contain('1024 bits');
  });

  it('never show the key', async () => {
    const key = await readFile(good.keyFile, 'utf8');
    const other = await makeCertificate(place, { name: 'third' });
    const error = await refusal({ ...good, certificateFile: other.certificateFile });
    const said = `${error.message} ${error.nextStep} ${error.detail} ${String(error.cause)}`;
    for (const line of key.split('\n').filter((one) => one.length > 20 && !one.startsWith('--'))) {
      expect(said).not.to.contain(line);
    }
  });
});

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { type CertificateAuthority, makeAuthority } from '../../support/certificate-authority.ts';
import type { MadeCertificate } from '../../support/certificates.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';
import {
  type SmtpProcess,
  type SmtpProcessOptions,
  startSmtpProcess,
} from '../../support/smtp-process.ts';
import { type Mailing, mailTo, openMailing, registered } from './mailing.ts';

const LOGIN = { user: 'otp', password: 'kept in a file' };

describe('mail to a server that is a process of its own, with TLS and a login', () => {
  let place: string;
  let remove: () => Promise<void>;
  let authority: CertificateAuthority;
  let certificate: MadeCertificate;
  let peer: SmtpProcess | undefined;
  let mailing: Mailing | undefined;

  before(async () => {
    ({ place, remove } = await temporaryDirectory());
    authority = await makeAuthority(place);
    certificate = await authority.issue('localhost', ['localhost']);
    await writeFile(path.join(place, 'right'), `${LOGIN.password}\n`);
    await writeFile(path.join(place, 'wrong'), 'another one');
  });
  after(() => remove());
  afterEach(async () => {
    await mailing?.close();
    await peer?.close();
    mailing = undefined;
    peer = undefined;
  });

  const open = async (options: SmtpProcessOptions, more: object): Promise<Mailing> => {
    peer = await startSmtpProcess(options);
    const file = { host: 'localhost', caFile: authority.caFile, ...more };
    mailing = await openMailing({ mail: mailTo(peer.port, file) });
    await mailing.sending.listen();
    await mailing.write(registered('a-1'));
    return mailing;
  };
  const inPlace = (name: string) => path.join(place, name);

  for (const [security, secure] of [
    ['starttls', false],
    ['tls', true],
  ] as const) {
    it(`delivers over ${security}, signed in`, async () => {
      const options = { ...certificate, secure, login: LOGIN };
      const login = { user: LOGIN.user, passwordFile: inPlace('right') };
      const opened = await open(options, { security, ...login });
      await opened.until('a-1', ({ state }) => state === 'sent');
      await peer?.delivered(1);
      const to = ['jennifer@example.com'];
      expect(peer?.mails[0]).to.deep.include({ to, user: 'otp', secure: true });
    });
  }

  for (const [what, login] of [
    ['a wrong password', { user: LOGIN.user, passwordFile: 'wrong' }],
    ['another user', { user: 'somebody', passwordFile: 'right' }],
    ['no login', undefined],
  ] as const) {
    it(`keeps a mail that ${what} cannot send, and says so without the password`, async () => {
      const given = login && { ...login, passwordFile: inPlace(login.passwordFile) };
      const options = { ...certificate, login: LOGIN };
      const opened = await open(options, { security: 'starttls', ...given });
      const notice = await opened.until('a-1', ({ attempts }) => attempts === 1);
      expect(notice.state).to.equal('queued');
      expect(notice.failure).to.match(login === undefined ? /^E[A-Z]+ 530$/ : /^EAUTH 535$/);
      expect(JSON.stringify(opened.logged)).to.not.contain(LOGIN.password);
      expect(peer?.mails).to.have.length(0);
    });
  }

  it('says nothing to a server whose certificate is for another name', async () => {
    const other = await authority.issue('other.example', ['other.example']);
    const login = { user: LOGIN.user, passwordFile: inPlace('right') };
    const opened = await open({ ...other, login: LOGIN }, { security: 'starttls', ...login });
    const notice = await opened.until('a-1', ({ attempts }) => attempts === 1);
    expect(notice.state).to.equal('queued');
    expect(notice.failure).to.match(/^E(TLS|SOCKET)/);
    expect(peer?.refused).to.equal(0);
  });
});

import { expect } from 'chai';
import { type SmtpPeer, startMutePeer, startSmtpPeer } from '../../support/smtp-peer.ts';
import { CALLER, type Mailing, mailTo, openMailing, registered, START } from './mailing.ts';

const MINUTE = 60_000;

describe('mail over SMTP', () => {
  let peer: SmtpPeer;
  let mailing: Mailing;
  const open = async (more: object = {}): Promise<void> => {
    mailing = await openMailing({ mail: mailTo(peer.port, more) });
    await mailing.sending.listen();
  };
  beforeEach(async () => {
    peer = await startSmtpPeer();
  });
  afterEach(async () => {
    await mailing.close();
    await peer.close();
  });

  const sent = (id: string) => mailing.until(id, ({ state }) => state === 'sent');
  const failedOnce = (id: string) => mailing.until(id, ({ attempts }) => attempts === 1);
  const later = (millis: number): void => {
    mailing.clock.at = (mailing.clock.at + millis) as typeof START;
  };

  it('delivers both bodies, and records that it was sent', async () => {
    await open({ replyTo: 'help@example.com' });
    await mailing.write(registered('a-1'));
    const notice = await sent('a-1');
    expect(notice).to.deep.include({ attempts: 1, sentAt: START });
    const [mail] = peer.mails;
    expect(mail).to.deep.include({ from: 'otp@example.com', to: ['jennifer@example.com'] });
    const { parsed } = mail ?? {};
    expect(parsed?.subject).to.equal('Token FT00000001 is registered to your account');
    expect(parsed?.from).to.deep.include({ name: 'Fob Desk', address: 'otp@example.com' });
    expect(parsed?.replyTo?.[0]?.address).to.equal('help@example.com');
    expect(parsed?.text?.replace(/\s+/g, ' ')).to.contain('14 March 2027 at 09:30 UTC');
    expect(parsed?.html).to.contain('14 March 2027 at 09:30 UTC');
    expect(parsed?.messageId).to.match(/^<[0-9a-f]{32}@0123456789abcdef\.fobd>$/);
    expect(mail?.raw).to.match(/^Message-ID: </m);
    const auto = parsed?.headers.find(({ key }) => key === 'auto-submitted');
    expect(auto?.value).to.equal('auto-generated');
    const { items } = await mailing.store.auditPage({ after: 0, limit: 10 });
    expect(items.at(-1)).to.deep.include({ action: 'sendNotice', account: 'jennifer' });
  });

  it('writes the same notice once, and sends it once', async () => {
    await open();
    await mailing.write(registered('a-1'));
    await mailing.write(registered('a-1', { to: ['other@example.com'] }));
    await sent('a-1');
    await mailing.write(registered('a-2'));
    await sent('a-2');
    expect(peer.mails.map(({ to }) => to)).to.deep.equal([
      ['jennifer@example.com'],
      ['jennifer@example.com'],
    ]);
  });

  it('keeps a secret sealed until it was sent, and then not at all', async () => {
    await open();
    const values = { order: 'SO-10001', product: 'OTP Token', subscription: 's', expires: 'x' };
    const draft = registered('key', { template: 'licenceKey', values });
    peer.faults.push({ at: 'rcpt', with: 450 });
    await mailing.write({ ...draft, secrets: { licenceKey: 'AAAAA-BBBBB' } });
    const waiting = await failedOnce('key');
    expect(waiting.sealed).to.be.a('string');
    expect(JSON.stringify(waiting)).to.not.contain('AAAAA');
    later(MINUTE);
    const notice = await sent('key');
    expect(notice).to.not.have.property('sealed');
    expect(peer.mails[0]?.parsed.text).to.contain('    AAAAA-BBBBB');
    expect((await mailing.service.get('key')).text).to.contain('[not available]');
  });

  it('takes no header out of a name or a value', async () => {
    await open();
    const values = { serial: 'FT1\r\nBcc: thief@example.com\r\n\r\nno', at: 'now' };
    await mailing.write(registered('a-1', { values }));
    await sent('a-1');
    const [mail] = peer.mails;
    expect(mail?.parsed.headers.map(({ key }) => key)).to.not.include('bcc');
    expect(mail?.to).to.deep.equal(['jennifer@example.com']);
    expect(mail?.parsed.subject).to.contain('FT1 Bcc: thief@example.com no');
  });

  for (const text of ['a@example.com, b@example.com', 'a@b.c\r\nBcc: x@y.z', '<a@b.c>']) {
    it(`sends nothing to ${JSON.stringify(text)}, which is not one address`, async () => {
      await open();
      await mailing.write(registered('a-1', { to: [text] }));
      const notice = await mailing.until('a-1', ({ state }) => state === 'failed');
      expect(notice.failure).to.equal('not a mail address');
      expect(peer.seen).to.equal(0);
    });
  }

  it('writes to several addresses apart, and again only where it failed', async () => {
    await open();
    peer.faults.push({ at: 'rcpt', with: 450 });
    await mailing.write(registered('a-1', { to: ['old@example.com', 'new@example.com'] }));
    const waiting = await failedOnce('a-1');
    expect(waiting).to.deep.include({ state: 'queued', taken: ['new@example.com'] });
    later(MINUTE);
    await sent('a-1');
    expect(peer.mails.map(({ to }) => to)).to.deep.equal([
      ['new@example.com'],
      ['old@example.com'],
    ]);
    const ids = peer.mails.map(({ parsed }) => parsed.messageId);
    expect(new Set(ids)).to.have.length(1);
  });

  const temporary = [
    ['a 450 to the recipient', { at: 'rcpt', with: 450 }, 'EENVELOPE 450'],
    ['a 451 to the sender', { at: 'mail', with: 451 }, 'EENVELOPE 451'],
    ['a 452 to the mail', { at: 'data', with: 452 }, 'EMESSAGE 452'],
  ] as const;
  for (const [name, fault, failure] of temporary) {
    it(`tries again a minute after ${name}`, async () => {
      await open();
      peer.faults.push(fault);
      await mailing.write(registered('a-1'));
      const waiting = await failedOnce('a-1');
      expect(waiting).to.deep.include({ state: 'queued', failure });
      expect(waiting.nextAttemptAt).to.equal(START + MINUTE);
      later(MINUTE);
      const notice = await sent('a-1');
      expect(notice).to.deep.include({ attempts: 2 });
      expect(notice).to.not.have.property('failure');
      expect(peer.mails).to.have.length(1);
    });
  }

  for (const at of ['mail', 'rcpt', 'data'] as const) {
    it(`gives up at once after a 550 at ${at}, until somebody has it sent again`, async () => {
      await open();
      peer.faults.push({ at, with: 550 });
      await mailing.write(registered('a-1'));
      const notice = await mailing.until('a-1', ({ state }) => state === 'failed');
      expect(notice.failure).to.match(/ 550$/);
      await mailing.service.retry('a-1', CALLER);
      await sent('a-1');
    });
  }

  it('sends at once what was written before the clock was set back by a year', async () => {
    await open();
    later(365 * 24 * 60 * MINUTE);
    peer.faults.push({ at: 'rcpt', with: 450 });
    await mailing.write(registered('a-1', { at: mailing.clock.at }));
    await failedOnce('a-1');
    mailing.clock.at = START;
    await sent('a-1');
  });

  it('sends a second copy under the same Message-ID when the reply never came', async () => {
    await open();
    peer.faults.push({ at: 'data', with: 'drop' });
    await mailing.write(registered('a-1'));
    expect(await failedOnce('a-1')).to.deep.include({ state: 'queued' });
    later(MINUTE);
    await sent('a-1');
    expect(peer.seen).to.equal(2);
  });
});

describe('mail servers that do not work', () => {
  const attempt = async (port: number, more: object = {}): Promise<string | undefined> => {
    const mailing = await openMailing({ mail: mailTo(port, more) });
    try {
      await mailing.sending.listen();
      await mailing.write(registered('a-1'));
      const notice = await mailing.until('a-1', ({ attempts }) => attempts === 1);
      expect(notice.state).to.equal('queued');
      return notice.failure;
    } finally {
      await mailing.close();
    }
  };

  it('nobody listens', async () => {
    const peer = await startMutePeer();
    await peer.close();
    expect(await attempt(peer.port)).to.equal('ESOCKET');
  });

  it('the greeting never comes', async () => {
    const peer = await startMutePeer();
    expect(await attempt(peer.port)).to.equal('ETIMEDOUT');
    await peer.close();
  });

  for (const code of [421, 554]) {
    it(`greets with ${code}`, async () => {
      const peer = await startMutePeer(`${code} not today`);
      expect(await attempt(peer.port)).to.match(/^E[A-Z]+( \d+)?$/);
      await peer.close();
    });
  }

  it('offers no TLS where it is demanded: nothing is said in the clear', async () => {
    const peer = await startSmtpPeer();
    expect(await attempt(peer.port, { security: 'starttls' })).to.match(/^ETLS/);
    expect(peer.seen).to.equal(0);
    await peer.close();
  });

  it('shows a certificate that nobody vouches for', async () => {
    const peer = await startSmtpPeer({ disabledCommands: [] });
    expect(await attempt(peer.port, { security: 'starttls' })).to.match(/^E(TLS|SOCKET)/);
    expect(peer.seen).to.equal(0);
    await peer.close();
  });
});

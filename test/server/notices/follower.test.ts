import { expect } from 'chai';
import { type AccountRecord, accountKey } from '../../../server/accounts/record.ts';
import type { AuditDraft } from '../../../server/audit/entry.ts';
import { NOTICES, type NoticeRecord } from '../../../server/notices/record.ts';
import { put } from '../../../server/store/port.ts';
import type { Serial } from '../../../shared/types.ts';
import { CALLER, JENNIFER, type Mailing, openMailing, START } from './mailing.ts';

const SERIAL = 'FT00000001' as Serial;
const ACCOUNT: AccountRecord = {
  version: 1,
  id: JENNIFER,
  email: 'jennifer@example.com',
  createdAt: START,
  serials: [SERIAL],
};
const entry = (action: string, more: Partial<AuditDraft> = {}): AuditDraft => ({
  at: START,
  actor: 'localOwner',
  action,
  account: JENNIFER,
  serial: SERIAL,
  ...more,
});

describe('the follower of the audit log', () => {
  let mailing: Mailing;
  afterEach(() => mailing.close());

  const open = async (): Promise<void> => {
    mailing = await openMailing({ lab: true });
    await mailing.record(entry('addAccount'), put(accountKey(JENNIFER), ACCOUNT));
    await mailing.job.run(START);
  };
  const notices = async (): Promise<readonly NoticeRecord[]> =>
    (await mailing.store.scan(NOTICES, { limit: 500 })).items;
  const told = async (...drafts: readonly AuditDraft[]): Promise<readonly string[]> => {
    for (const draft of drafts) await mailing.record(draft);
    await mailing.job.run(START);
    return (await notices()).map(({ template }) => template);
  };

  const TOLD: readonly (readonly [string, AuditDraft])[] = [
    ['tokenLocked', entry('lock')],
    ['tokenLocked', entry('verify', { outcome: 'wrongCode', details: { sets: 'locked' } })],
    ['tokenLocked', entry('resync', { outcome: 'wrongCode', details: { sets: 'locked' } })],
    ['tokenDisabled', entry('verify', { outcome: 'wrongCode', details: { sets: 'disabled' } })],
    ['tokenResynced', entry('resync', { outcome: 'accepted' })],
    ['tokenLost', entry('lost')],
    ['tokenFound', entry('found')],
    ['tokenRevoked', entry('revoke')],
    ['tokenRegistered', entry('register', { outcome: 'accepted' })],
    ['tokenReplaced', entry('replace', { outcome: 'accepted', details: { with: 'FT2' } })],
    ['phoneAdded', entry('verifyPhone', { outcome: 'accepted', details: { phone: '…12' } })],
    ['phoneRemoved', entry('removePhone', { details: { phone: '…12' } })],
    ['passwordSet', entry('setPassword')],
  ];
  for (const [template, draft] of TOLD) {
    const came = `${draft.action} ${draft.outcome ?? ''}`.trim();
    it(`tells the account of ${template}, once (${came})`, async () => {
      await open();
      expect(await told(draft)).to.deep.equal([template]);
      const [notice] = await notices();
      expect(notice).to.deep.include({ to: ['jennifer@example.com'], account: JENNIFER });
      expect(notice?.id).to.equal('audit-0123456789abcdef-2');
      expect(await told()).to.have.length(1);
    });
  }

  it('tells nothing of what is refused, of others, and of what has its own mail', async () => {
    await open();
    const said = await told(
      entry('verify', { outcome: 'accepted' }),
      entry('verify', { outcome: 'wrongCode' }),
      entry('resync', { outcome: 'wrongCode' }),
      entry('register', { outcome: 'wrongCode' }),
      entry('register', { details: { refused: 'revoked' } }),
      entry('replace', { outcome: 'accepted', details: { replaces: 'FT0' } }),
      entry('revoke', { actor: 'system' }),
      { at: START, actor: 'localOwner', action: 'lock', serial: SERIAL },
      entry('constructor'),
    );
    expect(said).to.deep.equal([]);
  });

  it('writes nothing about what was before it began', async () => {
    mailing = await openMailing({ lab: false });
    await mailing.record(entry('lock'), put(accountKey(JENNIFER), ACCOUNT));
    const later = await openMailing({ lab: true, store: mailing.store });
    await later.job.run(START);
    expect(await notices()).to.have.length(0);
    await mailing.record(entry('lost'));
    await later.job.run(START);
    expect(await notices()).to.have.length(1);
  });

  it('goes on where it was with another process, each entry once', async () => {
    await open();
    for (let count = 0; count < 250; count += 1) await mailing.record(entry('lost'));
    const again = await openMailing({ lab: true, store: mailing.store });
    await Promise.all([mailing.job.run(START), again.job.run(START), mailing.job.run(START)]);
    expect(await notices()).to.have.length(250);
  });

  it('says undeliverable of an account without an address', async () => {
    await open();
    const { email: _email, ...without } = ACCOUNT;
    await mailing.record(entry('lost'), put(accountKey(JENNIFER), without));
    await mailing.job.run(START);
    const [notice] = await notices();
    expect(notice).to.deep.include({ state: 'undeliverable', to: [] });
    await mailing.record(entry('changeAccount'), put(accountKey(JENNIFER), ACCOUNT));
    const sent = await mailing.service.retry(notice?.id ?? '', CALLER);
    expect(sent).to.deep.include({ state: 'captured', to: ['jennifer@example.com'] });
  });

  it('shows captured mails in order of time, page by page', async () => {
    await open();
    for (const days of [40, 3, 500, 3, 0]) {
      const at = (START - days * 86_400_000) as typeof START;
      await mailing.record(entry('lost', { at }));
    }
    const first = await mailing.service.captured({ limit: 2 });
    const second = await mailing.service.captured({ after: first.next ?? '', limit: 2 });
    const last = await mailing.service.captured({ after: second.next ?? '', limit: 2 });
    const ages = [first, second, last].flatMap(({ items }) =>
      items.map(({ notice }) => (START - notice.at) / 86_400_000),
    );
    expect(ages).to.deep.equal([500, 40, 3, 3, 0]);
    expect(last.next).to.equal(null);
  });
});

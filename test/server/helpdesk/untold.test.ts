import { expect } from 'chai';
import type { Principal } from '../../../server/access/scopes.ts';
import { accountKey } from '../../../server/accounts/record.ts';
import { carryOut, tellUntold } from '../../../server/helpdesk/carry-out.ts';
import { DEFAULT_HELPDESK } from '../../../server/helpdesk/options.ts';
import {
  type CallerCheckRecord,
  CHECK_MILLIS,
  callerCheckKey,
} from '../../../server/helpdesk/record.ts';
import { KINDS } from '../../../server/kinds.ts';
import { NOTICES } from '../../../server/notices/record.ts';
import { createNoticeWriter } from '../../../server/notices/writer.ts';
import { openMemoryStore } from '../../../server/store/memory.ts';
import { put, replyOnly, type Store } from '../../../server/store/port.ts';
import { seededRng } from '../../../shared/rng.ts';
import type { AccountId, Serial, UnixMillis } from '../../../shared/types.ts';

const NOW = 1_767_225_600_000 as UnixMillis;
const ACCOUNT = 'jennifer' as AccountId;
const CHECK = '0123456789abcdef';
const AGENT: Principal = { actor: 'account:henry', scopes: new Set(['helpdesk']) };

describe('an action of the helpdesk that fobd stopped in', () => {
  let store: Store;
  const notices = createNoticeWriter({ key: new Uint8Array(32), rng: seededRng(1), lab: false });
  const caller = { principal: AGENT, now: NOW };
  const claim = {
    check: CHECK,
    reason: 'asked',
    account: ACCOUNT,
    intent: { action: 'unlock', serial: 'FT00000001' as Serial },
  } as const;

  beforeEach(async () => {
    store = await openMemoryStore({ kinds: KINDS, writer: 'test', auditKey: new Uint8Array(32) });
    const check: CallerCheckRecord = {
      version: 1,
      id: CHECK,
      account: ACCOUNT,
      method: 'code',
      by: 'account:henry',
      at: NOW,
      expiresAt: (NOW + CHECK_MILLIS) as UnixMillis,
    };
    const keys = [callerCheckKey(CHECK), accountKey(ACCOUNT)] as const;
    const email = 'jennifer@example.com';
    const account = { version: 1, id: ACCOUNT, createdAt: NOW, serials: [], email } as const;
    const writes = [put(keys[0], check), put(keys[1], account)];
    await store.transact(keys, () => ({ ...replyOnly(undefined), writes }));
  });
  afterEach(() => store.close());

  const begin = (act: () => Promise<unknown>) =>
    carryOut(claim, {}, caller, { store, notices, options: DEFAULT_HELPDESK }, act);
  const mails = async () => (await store.scan(NOTICES, { limit: 10 })).items;
  const check = () => store.transact([callerCheckKey(CHECK)], ([found]) => replyOnly(found));
  const later = (millis: number) => (NOW + millis) as UnixMillis;

  it('is told afterwards, once, and its check stays spent', async () => {
    void begin(() => new Promise(() => undefined));
    while ((await check())?.toTell === undefined) await new Promise(setImmediate);
    await tellUntold(later(59_999), { store, notices });
    expect(await mails()).to.deep.equal([]);
    await tellUntold(later(60_000), { store, notices });
    await tellUntold(later(120_000), { store, notices });
    expect((await mails()).map(({ to }) => to.join())).to.deep.equal(['jennifer@example.com']);
    expect(await check())
      .to.include({ usedFor: 'unlock' })
      .and.not.have.property('toTell');
  });

  it('is not told when it was refused, and its check is as before', async () => {
    const unspent = await check();
    const failure = new Error('refused');
    const thrown = await begin(() => Promise.reject(failure)).catch((error: unknown) => error);
    expect(thrown).to.equal(failure);
    expect(await check()).to.deep.equal(unspent);
    await tellUntold(later(120_000), { store, notices });
    expect(await mails()).to.deep.equal([]);
    const { items } = await store.auditPage({ after: 0, limit: 10 });
    expect(items.map(({ action }) => action)).to.deep.equal(['helpdeskUnlock', 'helpdeskRefused']);
  });
});

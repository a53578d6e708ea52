import { expect } from 'chai';
import { replyOnly } from '../../../server/store/port.ts';
import { DUE_CURSOR_KEY } from '../../../server/subscriptions/due-cursor.ts';
import { createSubscriptionService } from '../../../server/subscriptions/service.ts';
import type { AccountId } from '../../../shared/types.ts';
import {
  type Bought,
  type CredentialsRoom,
  credentialOf,
  DAY,
  openCredentialsRoom,
} from '../credentials/room.ts';
import { codeOfError } from '../tokens/room.ts';

describe('the job over subscriptions', () => {
  let room: CredentialsRoom;
  let holder: AccountId;

  beforeEach(async () => {
    room = await openCredentialsRoom();
    room.until(Date.UTC(2026, 0, 10, 9));
    holder = await room.person('jennifer');
  });
  afterEach(() => room.store.close());

  const run = (at: number, stepwise = false) => {
    room.until(at);
    return room.subscriptions.runDue(room.now, { stepwise });
  };
  const EXPIRES = Date.UTC(2027, 0, 10, 9);
  const REVOKES = Date.UTC(2028, 0, 10, 9);

  const ALL = [
    'expiryReminder:30:2027',
    'expiryReminder:15:2027',
    'expiryReminder:3:2027',
    'expired:0:2027',
    'revocationReminder:30:2028',
    'revocationReminder:15:2028',
    'revocationReminder:3:2028',
    'revoked:0:2028',
  ];

  it('writes 30, 15 and 3 days before revocation, and before expiry, each once', async () => {
    const bought = await room.redeemed(holder);
    const days = [30, 15, 3, 0].flatMap((each) => [EXPIRES - each * DAY, REVOKES - each * DAY]);
    for (const day of days.toSorted((a, b) => a - b)) {
      expect(await run(day - 1), 'a millisecond before').to.deep.equal({ taken: 0 });
      expect(await run(day)).to.deep.equal({ taken: 1 });
      expect(await run(day)).to.deep.equal({ taken: 0 });
    }
    expect(await room.stepMails(bought)).to.deep.equal(ALL);
    const mails = (await room.mails()).filter(({ id }) => id.includes('Reminder:'));
    expect(mails.map(({ values }) => values['days']).toSorted()).to.deep.equal([
      '15',
      '15',
      '3',
      '3',
      '30',
      '30',
    ]);
    expect(mails.every(({ to }) => to.join() === 'jennifer@example.com')).to.equal(true);
  });

  it('takes each step at its own moment where a lab has jumped over it', async () => {
    const bought = await room.redeemed(holder);
    expect(await run(REVOKES + 5 * DAY, true)).to.deep.equal({ taken: 8 });
    expect(await room.stepMails(bought)).to.deep.equal(ALL);
    expect((await room.subscription(bought)).revokedAt).to.equal(REVOKES);
    const entries = (await room.audit()).filter(({ actor }) => actor === 'system');
    const revocation = entries.filter(({ action }) => action === 'revokeSubscription');
    expect(revocation.map(({ at }) => at)).to.deep.equal([REVOKES]);
  });

  it('skips reminders that are overtaken, and tells the days that are left', async () => {
    const bought = await room.redeemed(holder);
    expect(await run(EXPIRES - 5 * DAY)).to.deep.equal({ taken: 2 });
    expect(await room.stepMails(bought)).to.deep.equal(['expiryReminder:15:2027']);
    const mail = (await room.mails()).find(({ id }) => id.includes('expiryReminder'));
    expect(mail?.values['days']).to.equal('5');
    expect(await run(REVOKES - DAY)).to.deep.equal({ taken: 5 });
    expect(await room.stepMails(bought)).to.deep.equal([
      'expiryReminder:15:2027',
      'expired:0:2027',
      'revocationReminder:3:2028',
    ]);
  });

  it('revokes what nobody renewed for a year, with its tokens, and audits each', async () => {
    const { credential, serial, ...bought } = await room.working(holder, 'FT01');
    await run(REVOKES, true);
    const { token } = await room.detail(serial);
    expect(token).to.include({ life: 'revoked', revokedAt: REVOKES });
    expect((await room.accounts.get(holder)).serials).to.deep.equal([]);
    const { credential: record } = await room.credentials.get(holder, credential);
    expect(record).to.include({ stage: 'revoked', revokedAt: REVOKES });
    const entry = (await room.audit()).find(({ action }) => action === 'revoke');
    expect(entry).to.deep.include({ actor: 'system', serial, account: holder, at: REVOKES });
    expect(entry?.details).to.deep.equal({ credential, final: true });
    expect(await codeOfError(room.renew(bought, 'SO-20000'))).to.equal('revoked');
  });

  it('writes to the purchaser while nobody has redeemed the key, and then revokes it', async () => {
    const buyer = await room.person('buyer');
    const bought = await room.buy(buyer, 'phone');
    await run(REVOKES, true);
    expect(await room.stepMails(bought)).to.deep.equal(ALL);
    const steps = (await room.mails()).filter(({ template }) => template === 'subscriptionRevoked');
    expect(steps.map(({ to, account }) => [...to, account])).to.deep.equal([
      ['buyer@example.com', 'buyer'],
    ]);
    const refused = room.credentials.redeem(holder, bought.key, room.by(holder));
    expect(await codeOfError(refused)).to.equal('revoked');
  });

  it('writes the reminders anew after a renewal', async () => {
    const bought = await room.redeemed(holder);
    await run(EXPIRES + 20 * DAY, true);
    await room.renew(bought, 'SO-20000');
    const again = Date.UTC(2028, 0, 30, 9);
    await run(again, true);
    expect(await room.stepMails(bought)).to.deep.equal([
      ...ALL.slice(0, 4),
      'expiryReminder:30:2028',
      'expiryReminder:15:2028',
      'expiryReminder:3:2028',
      'expired:0:2028',
    ]);
  });

  it('takes each step once where two processes run it over one store', async () => {
    const bought: Bought[] = [];
    for (let n = 0; n < 12; n += 1) bought.push(await room.redeemed(holder, 'mobile-id'));
    const { store, notices } = room;
    const others = [1, 2, 3].map(() => createSubscriptionService({ store, notices }));
    room.until(REVOKES);
    const all = [room.subscriptions, ...others];
    const taken = await Promise.all(all.map((each) => each.runDue(room.now, { stepwise: true })));
    expect(taken.reduce((sum, each) => sum + each.taken, 0)).to.equal(12 * 8);
    for (const each of bought) expect(await room.stepMails(each)).to.deep.equal(ALL);
    const entries = (await room.audit()).filter(({ action }) => action === 'revokeSubscription');
    expect(entries).to.have.length(12);
  });

  it('is taken up where it was broken off', async () => {
    const bought = await room.redeemed(holder);
    room.until(REVOKES);
    const steps = { taken: 0 };
    for (let broken = 0; ; broken += 1) {
      let left = broken;
      const breaking = createSubscriptionService({
        store: {
          ...room.store,
          scan: (...given) => room.store.scan(...given),
          transact: (keys, decide) => {
            left -= 1;
            if (left < 0) return Promise.reject(new Error('broken off'));
            return room.store.transact(keys, decide);
          },
        },
        notices: room.notices,
      });
      const run = await breaking.runDue(room.now, { stepwise: true }).catch(() => undefined);
      steps.taken += 1;
      if (run !== undefined) break;
    }
    expect(steps.taken).to.be.greaterThan(8);
    expect(await room.stepMails(bought)).to.deep.equal(ALL);
  });

  it('looks at no day twice, and again where something was written into one', async () => {
    const scanned: string[] = [];
    const { store, notices } = room;
    const watching = createSubscriptionService({
      store: {
        ...store,
        transact: (keys, decide) => store.transact(keys, decide),
        scan: (kind, range) => {
          if (range.index === 'due') scanned.push(range.value ?? '');
          return store.scan(kind, range);
        },
      },
      notices,
    });
    await watching.runDue(room.now);
    expect(scanned).to.deep.equal(['2026-01-10']);
    await room.redeemed(holder);
    room.pass(3 * DAY);
    scanned.length = 0;
    await watching.runDue(room.now);
    expect(scanned).to.deep.equal(['2026-01-10', '2026-01-11', '2026-01-12', '2026-01-13']);
    scanned.length = 0;
    await watching.runDue(room.now);
    expect(scanned).to.deep.equal(['2026-01-13']);
    const cursor = await store.transact([DUE_CURSOR_KEY], ([found]) => replyOnly(found));
    expect(cursor).to.deep.equal({ version: 1, doneThrough: '2026-01-12' });
  });

  it('ends no credential before its time, however late the job is', async () => {
    const { credential, serial } = await room.working(holder, 'FT01');
    room.until(REVOKES - 1);
    const before = await room.credentials.get(holder, credential);
    expect(before.credential.stage).to.equal('active');
    room.until(REVOKES);
    const refused = room.credentials.revoke(
      { account: holder, credential, confirmed: true },
      room.by(holder),
    );
    expect(await codeOfError(refused)).to.equal('revoked');
    expect((await room.detail(serial)).token.life).to.equal('registered');
    expect(credentialOf({ subscription: before.subscription.id }, 'hardwareToken')).to.equal(
      credential,
    );
  });
});

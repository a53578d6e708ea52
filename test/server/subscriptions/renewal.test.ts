import { expect } from 'chai';
import type { AccountId, OrderNumber, SubscriptionId, UnixMillis } from '../../../shared/types.ts';
import {
  type CredentialsRoom,
  credentialOf,
  DAY,
  openCredentialsRoom,
} from '../credentials/room.ts';
import { codeOfError } from '../tokens/room.ts';

describe('renewing and upgrading', () => {
  let room: CredentialsRoom;
  let jennifer: AccountId;

  beforeEach(async () => {
    room = await openCredentialsRoom();
    room.until(Date.UTC(2026, 0, 10, 9));
    jennifer = await room.person('jennifer');
  });
  afterEach(() => room.store.close());

  const EXPIRES = Date.UTC(2027, 0, 10, 9);

  it('keeps the same token, and lets it work for another year', async () => {
    const { serial, ...bought } = await room.working(jennifer, 'FT01');
    room.until(EXPIRES + 10 * DAY);
    await room.renew(bought, 'SO-20000');
    const until = Date.UTC(2028, 0, 20, 9);
    expect((await room.subscription(bought)).expiresAt).to.equal(until);
    expect((await room.detail(serial)).token.entitlement?.until).to.equal(until);
    expect((await room.accounts.get(jennifer)).serials).to.deep.equal([serial]);
  });

  it('is carried out once a line, by how many at once it may be', async () => {
    const bought = await room.redeemed(jennifer);
    room.until(EXPIRES - DAY);
    await Promise.all(Array.from({ length: 20 }, () => room.renew(bought, 'SO-20000')));
    await room.renew(bought, 'SO-20000');
    const record = await room.subscription(bought);
    expect(record.expiresAt).to.equal(Date.UTC(2028, 0, 10, 9));
    expect(record.renewals).to.have.length(1);
    const mails = (await room.mails()).filter(({ template }) => template === 'renewed');
    expect(mails.map(({ to, values }) => [...to, values['expires']])).to.deep.equal([
      ['jennifer@example.com', '2028-01-10T09:00:00.000Z'],
    ]);
    const entries = (await room.audit()).filter(({ action }) => action === 'renewSubscription');
    expect(entries).to.have.length(1);
  });

  it('of what is revoked is refused, whether the job has been there or not', async () => {
    const bought = await room.redeemed(jennifer);
    room.until(Date.UTC(2028, 0, 10, 9));
    expect(await codeOfError(room.renew(bought, 'SO-20000'))).to.equal('revoked');
    await room.subscriptions.runDue(room.now);
    expect(await codeOfError(room.renew(bought, 'SO-20000'))).to.equal('revoked');
    const unknown = { subscription: 'SO-99999-1-1' as SubscriptionId };
    expect(await codeOfError(room.renew(unknown, 'SO-20000'))).to.equal('notFound');
  });

  it('that was paid in time is carried out though a crash has put it off', async () => {
    const { serial, ...bought } = await room.working(jennifer, 'FT01');
    const revokes = Date.UTC(2028, 0, 10, 9);
    const paid = (at: number, order: string) => ({
      ...bought,
      order: order as OrderNumber,
      line: 1,
      paidAt: at as UnixMillis,
    });
    room.until(revokes + 60_000);
    const late = room.subscriptions.renew(paid(revokes, 'SO-20000'), room.owner);
    expect(await codeOfError(late)).to.equal('revoked');
    await room.subscriptions.renew(paid(revokes - 1, 'SO-20001'), room.owner);
    expect((await room.detail(serial)).token.entitlement?.until).to.equal(
      Date.UTC(2029, 0, 10, 9) - 1,
    );
  });

  it('takes the job back to a day that it had done', async () => {
    const bought = await room.redeemed(jennifer);
    room.until(Date.UTC(2027, 11, 20));
    await room.subscriptions.runDue(room.now, { stepwise: true });
    // Paid the day after the expiry, and carried out eleven months later: its year ends soon.
    const paidAt = (EXPIRES + DAY) as UnixMillis;
    const line = { ...bought, order: 'SO-20000' as OrderNumber, line: 1, paidAt };
    await room.subscriptions.renew(line, room.owner);
    expect(await room.subscriptions.runDue(room.now)).to.deep.equal({ taken: 1 });
    expect(await room.stepMails(bought)).to.include('expiryReminder:30:2028');
  });

  it('by a proofing upgrade leaves what works as it is, and makes proofing due', async () => {
    const { serial, credential, ...bought } = await room.working(jennifer, 'FT01');
    const line = { ...bought, order: 'SO-20000' as OrderNumber, line: 1, paidAt: room.now };
    const upgraded = await room.subscriptions.upgrade(line, room.owner);
    expect(upgraded.proofing).to.equal(true);
    const { credential: after } = await room.credentials.get(jennifer, credential);
    expect(after).to.deep.include({ stage: 'active', proofing: { state: 'due' } });
    expect((await room.detail(serial)).token.entitlement?.proofed).to.equal(false);
    const audited = (await room.audit()).length;
    await room.subscriptions.upgrade(line, room.owner);
    expect((await room.audit()).length).to.equal(audited);
  });

  describe('the list of available renewals', () => {
    it('shows the own ones only within the eligibility period', async () => {
      const { subscription } = await room.redeemed(jennifer);
      const offered = async () => {
        const query = { account: jennifer, of: 'own', limit: 50 } as const;
        return (await room.subscriptions.renewals(query, room.now)).items.map(({ id }) => id);
      };
      room.until(EXPIRES - 30 * DAY - 1);
      expect(await offered()).to.deep.equal([]);
      room.until(EXPIRES - 30 * DAY);
      expect(await offered()).to.deep.equal([subscription]);
      room.until(Date.UTC(2028, 0, 10, 9));
      expect(await offered()).to.deep.equal([]);
    });

    it('of what falls due soon takes only whose it is asked for', async () => {
      const organisation = 'Iron Builders LLC';
      const admin = await room.person('admin', { organisation });
      const own = await room.redeemed(admin, 'phone');
      const other = await room.redeemed(jennifer);
      room.until(EXPIRES - 20 * DAY);
      const ids = async (query: object) => {
        const asked = { days: 30, limit: 50, ...query };
        return (await room.subscriptions.upcoming(asked, room.now)).items.map(({ id }) => id);
      };
      await room.subscriptions.runDue(room.now);
      expect(await ids({})).to.have.members([own.subscription, other.subscription]);
      expect(await ids({ account: jennifer })).to.deep.equal([other.subscription]);
      expect(await ids({ organisation })).to.deep.equal([own.subscription]);
      expect(await ids({ account: jennifer, organisation })).to.deep.equal([]);
    });

    it("shows an administrator the organisation's, others' alone if asked, filtered", async () => {
      const organisation = 'Iron Builders LLC';
      const admin = await room.person('admin', { organisation, roles: ['organisationAdmin'] });
      const own = await room.redeemed(admin, 'phone');
      const others = await room.buy(admin, 'hardware-token');
      await room.credentials.redeem(jennifer, others.key, room.by(jennifer));
      room.until(EXPIRES);
      const ids = async (query: object) => {
        const asked = { account: admin, of: 'organisation', limit: 50, ...query } as const;
        return (await room.subscriptions.renewals(asked, room.now)).items.map(({ id }) => id);
      };
      expect(await ids({})).to.deep.equal([own.subscription, others.subscription]);
      expect(await ids({ of: 'others' })).to.deep.equal([others.subscription]);
      expect(await ids({ product: 'phone' })).to.deep.equal([own.subscription]);
      expect(await ids({ type: 'hardwareToken' })).to.deep.equal([others.subscription]);
      expect(await ids({ user: jennifer })).to.deep.equal([others.subscription]);
      expect(await ids({ before: EXPIRES })).to.deep.equal([]);
      expect(await ids({ before: EXPIRES + 1 })).to.have.length(2);
      const [detail] = await room.subscriptions.detailsOf([await room.subscription(others)]);
      expect(detail?.credentials.map(({ id }) => id)).to.deep.equal([
        credentialOf(others, 'hardwareToken'),
      ]);
    });

    it('of an organisation is shown to nobody but its administrators', async () => {
      const organisation = 'Iron Builders LLC';
      const clerk = await room.person('clerk', { organisation });
      const query = { account: clerk, of: 'organisation', limit: 50 } as const;
      const asked = room.subscriptions.renewals(query, room.now);
      expect(await codeOfError(asked)).to.equal('forbidden');
      const listed = room.subscriptions.ofOrganisation({ account: clerk, limit: 50 });
      expect(await codeOfError(listed)).to.equal('forbidden');
    });

    it('goes on page by page, over what is held and what nobody has redeemed', async () => {
      for (let n = 0; n < 3; n += 1) await room.redeemed(jennifer, 'mobile-id');
      for (let n = 0; n < 3; n += 1) await room.buy(jennifer, 'mobile-id');
      room.until(EXPIRES);
      const found: string[] = [];
      let after: string | null | undefined;
      for (let page = 0; page < 20 && after !== null; page += 1) {
        const query = { account: jennifer, of: 'own', limit: 2, after } as const;
        const { items, next }: Awaited<ReturnType<typeof room.subscriptions.renewals>> =
          await room.subscriptions.renewals(query, room.now);
        found.push(...items.map(({ id }) => id));
        after = next;
      }
      expect(after).to.equal(null);
      expect(new Set(found).size).to.equal(6);
      expect(found).to.have.length(6);
    });
  });

  it('is foreseen: what falls due soon, in order of the day', async () => {
    const first = await room.redeemed(jennifer, 'mobile-id');
    room.pass(2 * DAY);
    const second = await room.redeemed(jennifer, 'mobile-id');
    room.until(EXPIRES - 40 * DAY);
    const due = async (days: number) =>
      (await room.subscriptions.upcoming({ days, limit: 50 }, room.now)).items.map(({ id }) => id);
    expect(await due(9)).to.deep.equal([]);
    expect(await due(10)).to.deep.equal([first.subscription]);
    expect(await due(12)).to.deep.equal([first.subscription, second.subscription]);
  });
});

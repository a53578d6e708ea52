import { expect } from 'chai';
import { PROOFINGS } from '../../../server/proofing/record.ts';
import type { AccountId, OrderNumber, SubscriptionId } from '../../../shared/types.ts';
import { codeOfError } from '../tokens/room.ts';
import { NAME, openProofingRoom, type ProofingRoom } from './room.ts';

describe('a proofing that is due', () => {
  let room: ProofingRoom;

  beforeEach(async () => {
    room = await openProofingRoom();
  });
  afterEach(() => room.store.close());

  it('is there with the first question, and kept with the first change', async () => {
    const jen = await room.holder('jen');
    const before = await room.proofing.get(jen);
    expect(before).to.include({ state: 'profile', account: 'jen', questionAttempts: 0 });
    expect((await room.store.scan(PROOFINGS, { limit: 10 })).items).to.deep.equal([]);
    await room.confirm(jen);
    expect((await room.store.scan(PROOFINGS, { limit: 10 })).items).to.have.length(1);
  });

  it('follows from a proofing upgrade of a credential that works already', async () => {
    const jen = await room.person('jen', { legalName: NAME, country: 'US' });
    const { subscription } = await room.working(jen, 'FT1');
    const of = { account: jen, subscription };
    expect(await codeOfError(room.proofing.get(of))).to.equal('notFound');
    const line = { subscription, order: 'SO-20001' as OrderNumber, line: 1, paidAt: room.now };
    await room.subscriptions.upgrade(line, room.owner);
    expect((await room.proofing.get(of)).state).to.equal('profile');
  });

  it('is not found where no proofing was bought', async () => {
    const jen = await room.holder('jen', 'hardware-token');
    expect(await codeOfError(room.proofing.get(jen))).to.equal('notFound');
    expect(await codeOfError(room.confirm(jen))).to.equal('notFound');
  });

  it("reads the same for another account's subscription as for none at all", async () => {
    const jen = await room.holder('jen');
    const max = await room.person('max');
    const none = 'SO-99999-1-1' as SubscriptionId;
    const errors = await Promise.all(
      [jen.subscription, none].map((subscription) =>
        room.proofing.get({ account: max, subscription }).catch((error: Error) => error),
      ),
    );
    expect(errors[0]).to.deep.include({ message: (errors[1] as Error).message, code: 'notFound' });
    const theirs = { ...jen, account: max };
    for (const work of [
      () => room.confirm(theirs),
      () => room.begin(theirs),
      () => room.answer(theirs, {}),
      () => room.request(theirs),
    ]) {
      expect(await codeOfError(work())).to.equal('notFound');
    }
    const nobody = { account: 'nobody' as AccountId, subscription: none };
    expect(await codeOfError(room.proofing.get(nobody))).to.equal('notFound');
  });

  it('asks to confirm profile and country before a method is chosen', async () => {
    const jen = await room.holder('jen');
    expect(room.proofing.offered(await room.proofing.get(jen))).to.deep.equal([]);
    expect(await codeOfError(room.begin(jen))).to.equal('notAllowedNow');
    expect(await codeOfError(room.request(jen))).to.equal('notAllowedNow');
    const after = await room.confirm(jen);
    expect(after).to.include({ state: 'choice', legalName: NAME, country: 'US' });
    expect(room.proofing.offered(after)).to.deep.equal(['questions', 'video']);
    expect(await room.actions()).to.include('confirmProofingProfile');
  });

  it("refuses a name that is not the account's legal name", async () => {
    const jen = await room.holder('jen');
    const other = { legalName: 'Jennifer Blue', country: 'US' };
    expect(await codeOfError(room.confirm(jen, other))).to.equal('nameMismatch');
    expect((await room.proofing.get(jen)).state).to.equal('profile');
    const shouted = { legalName: '  JENNIFER  marie BLUE', country: 'US' };
    expect((await room.confirm(jen, shouted)).legalName).to.equal(NAME);
  });

  it('says so where the account has no legal name yet', async () => {
    const jen = await room.holder('jen', 'hardware-token-proofed', {});
    const error = await room.confirm(jen).catch((reason: Error) => reason);
    expect(error).to.include({ code: 'nameMismatch' });
    expect(error)
      .to.have.property('nextStep')
      .that.matches(/legal name set as it stands/);
  });

  it("takes any country where the account has none, else the account's own alone", async () => {
    const jen = await room.holder('jen', 'hardware-token-proofed', { legalName: NAME });
    const abroad = { legalName: NAME, country: 'DE' };
    expect((await room.confirm(jen, abroad)).country).to.equal('DE');
    const max = await room.holder('max');
    expect(await codeOfError(room.confirm(max, abroad))).to.equal('invalidInput');
  });

  it('goes on with a name that was put right meanwhile, once it is confirmed anew', async () => {
    const jen = await room.chooser('jen');
    await room.request(jen);
    await room.schedule(jen);
    await room.accounts.change(jen.account, { legalName: 'Jennifer Green' }, room.owner);
    expect(await codeOfError(room.decide(jen, true))).to.equal('nameMismatch');
    await room.confirm(jen, { legalName: 'Jennifer Green', country: 'US' });
    expect((await room.decide(jen, true)).proofing.state).to.equal('passed');
  });

  it('is refused once the subscription is revoked', async () => {
    const jen = await room.chooser('jen');
    room.pass(2 * 366 * 86_400_000);
    expect(await codeOfError(room.begin(jen))).to.equal('revoked');
    expect(await codeOfError(room.request(jen))).to.equal('revoked');
    expect((await room.proofing.get(jen)).state).to.equal('choice');
  });

  it('is listed for agents by state and by account', async () => {
    const jen = await room.chooser('jen');
    const max = await room.chooser('max');
    await room.request(max);
    const ids = async (query: Partial<Parameters<typeof room.proofing.list>[0]>) =>
      (await room.proofing.list({ limit: 50, ...query })).items.map(({ account }) => account);
    expect(await ids({})).to.have.members(['jen', 'max']);
    expect(await ids({ state: 'requested' })).to.deep.equal(['max']);
    expect(await ids({ account: jen.account })).to.deep.equal(['jen']);
    expect(await ids({ account: jen.account, state: 'requested' })).to.deep.equal([]);
  });
});

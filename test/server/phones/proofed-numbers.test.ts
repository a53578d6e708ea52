import { expect } from 'chai';
import type { Caller, ProvedBy } from '../../../server/access/scopes.ts';
import {
  type CredentialRecord,
  credentialIdOf,
  credentialKey,
} from '../../../server/credentials/record.ts';
import { put, replyOnly } from '../../../server/store/port.ts';
import type { PhoneId, Serial, SubscriptionId } from '../../../shared/types.ts';
import { errorOf } from '../accounts/room.ts';
import { openRoom, type Room, US_NUMBER, US_SECOND, USER } from './room.ts';

const PLANTED = US_SECOND;

/** Whom a Phone OTP's own proofing is lent to, where somebody else has the password too. */
describe('phones: which numbers a proofed Phone OTP counts', () => {
  let room: Room;

  beforeEach(async () => {
    room = await openRoom();
  });

  const passed = (proofedIn?: string): Partial<CredentialRecord> => ({
    proofing: { state: 'passed', at: room.now, method: 'questions' },
    ...(proofedIn === undefined ? {} : { proofedIn }),
  });
  /** The sign-in in which she was proofed, by the password. */
  const proofedIn = (session: string): Caller => {
    const { principal, now } = room.person('password');
    return { principal: { ...principal, session }, now };
  };
  /** Signed in with a Mobile ID that was bought with the password. */
  const buyer = (): Caller => {
    const serial = 'FT00000077' as Serial;
    return room.person('mobileId', USER, { serial, proofed: false });
  };
  /** Signed in by a code to the number, as it is issued now. */
  async function byCodeTo(phone: PhoneId): Promise<Caller> {
    await room.send(phone);
    const { credential, vouched, proofed = false } = (await room.issued())?.phone ?? {};
    room.pass(30);
    const issued: NonNullable<ProvedBy['issued']> = {
      ...{ by: 'phone', phone },
      ...(credential === undefined ? {} : { credential }),
      ...(vouched === true ? { vouched } : {}),
    };
    return room.person('phoneOtp', USER, { issued, proofed });
  }
  const isProofed = async (phone: PhoneId): Promise<boolean | undefined> =>
    (await byCodeTo(phone)).principal.proved?.proofed;

  async function change(of: SubscriptionId, to: Partial<CredentialRecord>): Promise<void> {
    const key = credentialKey(credentialIdOf(of, 'phoneOtp'));
    await room.store.transact([key], ([credential]) => {
      if (credential === undefined) throw new Error('no credential');
      return { ...replyOnly(undefined), writes: [put(key, { ...credential, ...to })] };
    });
  }

  /** A number that came with her unproofed token, before she was proofed for a Phone OTP. */
  async function withBonus(): Promise<PhoneId> {
    const serial = await room.tokens.registered('E6-00000001', USER);
    const bought = { registeredAt: room.now, serial };
    await room.subscribe('hardware-token', { stage: 'active', credential: bought });
    const own = room.person('hardwareToken', USER, { serial, proofed: false });
    const phone = await room.proved(US_NUMBER, own);
    await room.subscribe('phone-proofed', { credential: passed('hers') });
    return phone;
  }

  it('counts the first, and those confirmed by a code to one that counts', async () => {
    await room.subscribe('phone-proofed', { credential: passed() });
    const first = await room.proved(US_NUMBER, room.person('password'));
    expect(await isProofed(first)).to.equal(true);
    const second = await room.proved(US_SECOND, await byCodeTo(first));
    expect(await isProofed(second)).to.equal(true);
    expect(await room.phones.uncounted(USER, room.now)).to.deep.equal([]);
  });

  it('counts the first beside a token that is not proofed, and was signed in with', async () => {
    const serial = await room.tokens.registered('E6-00000001', USER);
    const bought = { registeredAt: room.now, serial };
    await room.subscribe('hardware-token', { stage: 'active', credential: bought });
    await room.subscribe('phone-proofed', { credential: passed() });
    const own = room.person('hardwareToken', USER, { serial, proofed: false });
    expect(await isProofed(await room.proved(US_NUMBER, own))).to.equal(true);
  });

  it('counts after an upgrade what it was registered with, and none planted before', async () => {
    const own = await room.subscribe('phone');
    const first = await room.proved(US_NUMBER, room.person('password'));
    const planted = await room.proved(PLANTED, buyer());
    await change(own, passed());
    expect(await isProofed(first)).to.equal(true);
    expect(await isProofed(planted)).to.equal(false);
    expect(await room.phones.uncounted(USER, room.now)).to.deep.equal([planted]);
    const thief = await byCodeTo(planted);
    expect((await errorOf(room.add('+12025550125', thief))).code).to.equal('strengthTooLow');
  });

  it('counts none that a thief registers it with beside an own one planted before', async () => {
    await room.subscribe('phone');
    const planted = await room.proved(PLANTED, room.person('password'));
    const hers = await room.subscribe('phone-proofed', { credential: passed('hers') });
    const thief = await byCodeTo(planted);
    await room.proved(PLANTED, thief);
    expect(await room.stageOf(hers)).to.equal('active');
    expect(await isProofed(planted)).to.equal(false);
  });

  it('counts none that a thief has made the first by removing hers', async () => {
    const hers = await withBonus();
    await room.phones.remove({ account: USER, phone: hers }, buyer());
    const planted = await room.proved(PLANTED, buyer());
    expect(await isProofed(planted)).to.equal(false);
    const again = await room.proved(US_NUMBER, proofedIn('hers'));
    expect(await isProofed(again)).to.equal(true);
  });

  it('counts the first after somebody known, or staff, has removed the others', async () => {
    for (const by of ['hers', 'staff']) {
      room = await openRoom();
      const old = await withBonus();
      const caller = by === 'hers' ? proofedIn('hers') : room.staff;
      await room.phones.remove({ account: USER, phone: old }, caller);
      expect(await isProofed(await room.proved(US_SECOND, room.person('password')))).to.equal(true);
    }
  });

  it('has none confirmed by the password once another is the first, whenever added', async () => {
    await room.subscribe('phone-proofed', { credential: passed('hers') });
    const { phone: planted } = await room.add(PLANTED, room.person('password'));
    const code = room.code();
    room.pass(30);
    await room.proved(US_NUMBER, proofedIn('hers'));
    for (const thief of [room.person('password'), buyer()]) {
      const refusal = await errorOf(room.verify(planted.id, code, thief));
      expect(refusal.code).to.equal('strengthTooLow');
    }
    expect((await room.phones.list(USER)).filter(({ verifiedAt }) => verifiedAt)).to.have.length(1);
    const { outcome } = await room.verify(planted.id, code, proofedIn('hers'));
    expect(outcome).to.equal('accepted');
  });

  it('lets whoever was just proofed past a planted number, in that sign-in alone', async () => {
    await room.subscribe('phone');
    const planted = await room.proved(PLANTED, room.person('password'));
    const hers = await room.subscribe('phone-proofed', { credential: passed('hers') });
    for (const other of [room.person('password'), proofedIn('thief')]) {
      expect((await errorOf(room.add(US_NUMBER, other))).code).to.equal('strengthTooLow');
      expect(await room.phones.mayChange(USER, other)).to.equal(false);
    }
    expect(await room.phones.mayChange(USER, proofedIn('hers'))).to.equal(true);
    const own = await room.proved(US_NUMBER, proofedIn('hers'));
    expect(await room.stageOf(hers)).to.equal('active');
    expect(await isProofed(own)).to.equal(true);
    expect(await isProofed(planted)).to.equal(false);
    await room.phones.remove({ account: USER, phone: planted }, proofedIn('hers'));
    expect(await room.phones.list(USER)).to.have.length(1);
  });

  it('lets whoever was just proofed confirm again what does not count', async () => {
    const own = await room.subscribe('phone');
    const first = await room.proved(US_NUMBER, room.person('password'));
    const second = await room.proved(US_SECOND, buyer());
    await change(own, passed('hers'));
    const again = { account: USER, phone: second, purpose: 'verification' } as const;
    expect((await errorOf(room.phones.send(again, buyer()))).code).to.equal('strengthTooLow');
    await room.phones.send(again, proofedIn('hers'));
    await room.verify(second, room.code(), proofedIn('hers'));
    room.pass(30);
    expect([await isProofed(first), await isProofed(second)]).to.deep.equal([true, true]);
  });

  it('counts none of one that is revoked for the next, unless it was known to all', async () => {
    const before = await room.subscribe('phone');
    const planted = await room.proved(PLANTED, room.person('password'));
    await change(before, { ...passed(), stage: 'revoked' });
    await room.subscribe('phone-proofed', { credential: passed('hers') });
    const own = await room.proved(US_NUMBER, proofedIn('hers'));
    expect([await isProofed(own), await isProofed(planted)]).to.deep.equal([true, false]);
  });

  it('counts what the helpdesk adds', async () => {
    await room.subscribe('phone-proofed', { credential: passed() });
    await room.proved(US_NUMBER, room.person('password'));
    const { phone } = await room.add(US_SECOND, room.staff);
    await room.verify(phone.id, room.code());
    room.pass(30);
    expect(await isProofed(phone.id)).to.equal(true);
  });
});

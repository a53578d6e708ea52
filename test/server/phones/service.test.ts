import { expect } from 'chai';
import { accountKey } from '../../../server/accounts/record.ts';
import { remove } from '../../../server/store/port.ts';
import type { AccountId, PhoneId, UnixMillis } from '../../../shared/types.ts';
import { errorOf } from '../accounts/room.ts';
import { TIME } from '../tokens/room.ts';
import { openRoom, type Room, UK_NUMBER, US_NUMBER, US_SECOND, USER } from './room.ts';

describe('phones: the activation sequence', () => {
  it('registers the first number with the code that came, which activates it', async () => {
    const room = await openRoom();
    const subscription = await room.subscribe('phone');
    const { phone, sent } = await room.add('(202) 555-0123', room.person('password'));
    expect(sent.purpose).to.equal('verification');
    expect(room.texts[0]).to.include({ number: US_NUMBER, country: 'US', kind: 'text' });
    expect(await room.stageOf(subscription)).to.equal('registration');
    const answer = await room.verify(phone.id, room.code());
    expect(answer).to.deep.include({ outcome: 'accepted' });
    expect(answer.phone).to.include({ number: US_NUMBER, verifiedAt: room.now });
    expect(await room.stageOf(subscription)).to.equal('active');
    expect(await room.actions()).to.include.members(['addPhone', 'verifyPhone']);
    expect((await room.lastEntry())?.details).to.include({
      phone: '+1 •••• •••123',
      credential: `${subscription}.phoneOtp`,
    });
  });

  it('does not take a code that proves a number for one that signs in', async () => {
    const room = await openRoom();
    await room.subscribe('phone');
    await room.add(US_NUMBER, room.person('password'));
    expect(await room.issued()).to.equal(undefined);
  });

  it('registers up to three phone numbers, and refuses a fourth', async () => {
    const room = await openRoom();
    await room.subscribe('phone');
    await room.proved(US_NUMBER, room.person('password'));
    await room.proved(US_SECOND, room.person('phoneOtp'));
    await room.proved('+12025550125', room.person('phoneOtp'));
    const fourth = await errorOf(room.add('+12025550126', room.person('phoneOtp')));
    expect(fourth.code).to.equal('phonesFull');
    expect(await room.phones.list(USER)).to.have.length(3);
  });

  it('refuses a number that is on the list already', async () => {
    const room = await openRoom();
    await room.subscribe('phone');
    await room.proved(US_NUMBER, room.person('password'));
    const again = await errorOf(room.add('202-555-0123', room.person('phoneOtp')));
    expect(again.code).to.equal('exists');
  });

  it('refuses a phone number in a wrong format', async () => {
    const room = await openRoom();
    await room.subscribe('phone');
    const error = await errorOf(room.add('555-0123', room.person('password')));
    expect(error.code).to.equal('phoneUnusable');
  });

  it('has a proved number register a second Phone OTP that waits for one', async () => {
    const room = await openRoom();
    await room.subscribe('phone');
    await room.proved(US_NUMBER, room.person('password'));
    const second = await room.subscribe('phone-proofed');
    const id = await room.proved(US_NUMBER, room.person('phoneOtp'));
    expect(await room.stageOf(second)).to.equal('active');
    expect(await room.phones.list(USER)).to.have.length(1);
    expect((await room.phones.list(USER))[0]?.id).to.equal(id);
  });

  it('goes no further while the credential waits for proofing or activation', async () => {
    for (const stage of ['proofing', 'activation', 'revoked'] as const) {
      const room = await openRoom();
      await room.subscribe('phone-proofed', { stage });
      const error = await errorOf(room.add(US_NUMBER, room.person('hardwareToken')));
      expect(error.code).to.equal('notAllowedNow');
    }
  });

  it('leaves the credential as it is when its year has ended before the code came', async () => {
    const room = await openRoom();
    const expiresAt = (room.now + 60_000) as UnixMillis;
    const subscription = await room.subscribe('phone', { expiresAt });
    const { phone } = await room.add(US_NUMBER, room.person('password'));
    room.pass(60);
    await room.verify(phone.id, room.code());
    expect(await room.stageOf(subscription)).to.equal('registration');
  });
});

describe('phones: products and countries', () => {
  it('refuses a number outside the 50 United States for the US product', async () => {
    const room = await openRoom();
    await room.subscribe('phone');
    const caller = room.person('password');
    const error = await errorOf(room.add(UK_NUMBER, caller, { country: 'GB' }));
    expect(error.code).to.equal('phoneCountryMismatch');
    expect(error.nextStep).to.contain('International');
  });

  it('requires the international product for US territories', async () => {
    const room = await openRoom();
    await room.subscribe('phone');
    const caller = room.person('password');
    const error = await errorOf(room.add('787 765 1234', caller, { country: 'PR' }));
    expect(error.code).to.equal('phoneCountryMismatch');
    await room.subscribe('international-phone');
    await room.proved('787 765 1234', caller, { country: 'PR' });
  });

  it('refuses a US number for the international product', async () => {
    const room = await openRoom();
    await room.subscribe('mobile-id-international-phone');
    const error = await errorOf(room.add(US_NUMBER, room.person('password')));
    expect(error.code).to.equal('phoneCountryMismatch');
    await room.proved(UK_NUMBER, room.person('password'), { country: 'GB' });
  });

  it('sends no code to a number that the present product is not for', async () => {
    const room = await openRoom();
    const expiresAt = (room.now + 3_600_000) as UnixMillis;
    await room.subscribe('international-phone', { expiresAt });
    const id = await room.proved(UK_NUMBER, room.person('password'), { country: 'GB' });
    await room.subscribe('phone', { stage: 'active' });
    await room.send(id);
    room.pass(3_600);
    expect((await errorOf(room.send(id))).code).to.equal('phoneCountryMismatch');
    expect(await room.phones.usable(USER, room.now)).to.deep.equal([]);
  });

  it('takes numbers of the countries in its settings only', async () => {
    const room = await openRoom({ countries: ['US'] });
    await room.subscribe('international-phone');
    const caller = room.person('password');
    const error = await errorOf(room.add(UK_NUMBER, caller, { country: 'GB' }));
    expect(error.code).to.equal('phoneUnusable');
  });
});

describe('phones: the bonus of a hardware token', () => {
  it('sets the first number at hardwareToken only, of any country', async () => {
    const room = await openRoom();
    await room.tokens.registered('E6-00000001', USER);
    const weak = await errorOf(room.add(UK_NUMBER, room.person('mobileId'), { country: 'GB' }));
    expect(weak.code).to.equal('strengthTooLow');
    const id = await room.proved(UK_NUMBER, room.person('hardwareToken'), { country: 'GB' });
    await room.send(id);
    expect((await room.issued())?.phone).to.include({ strength: 'phoneOtp', proofed: false });
  });

  it('keeps the phone working while the token is lost', async () => {
    const room = await openRoom();
    const serial = await room.tokens.registered('E6-00000001', USER);
    const id = await room.proved(US_NUMBER, room.person('hardwareToken'));
    await room.tokens.tokens.changeLife({ serial, verb: 'lost' }, room.staff);
    expect((await room.send(id)).purpose).to.equal('signIn');
  });

  it('keeps it while a replacement is awaited, proofed as the token was', async () => {
    const room = await openRoom();
    const credential = {
      registeredAt: room.now,
      proofing: { state: 'passed', at: room.now, method: 'video' },
    } as const;
    await room.subscribe('hardware-token-proofed', { credential });
    const id = await room.proved(US_NUMBER, room.person('hardwareToken'));
    await room.send(id);
    expect((await room.issued())?.phone).to.include({ proofed: true });
  });

  it('ends with what an administrator suspends, and with the token', async () => {
    const room = await openRoom();
    const serial = await room.tokens.registered('E6-00000001', USER, TIME);
    const id = await room.proved(US_NUMBER, room.person('hardwareToken'));
    await room.tokens.tokens.changeLife({ serial, verb: 'suspend' }, room.staff);
    expect((await errorOf(room.send(id))).code).to.equal('notAllowedNow');
    await room.tokens.tokens.changeLife({ serial, verb: 'resume' }, room.staff);
    await room.send(id);
    await room.tokens.tokens.changeLife({ serial, verb: 'revoke' }, room.staff);
    room.pass(30);
    expect((await errorOf(room.send(id))).code).to.equal('notAllowedNow');
  });

  it('comes with nothing else: a Mobile ID has no phones', async () => {
    const room = await openRoom();
    await room.subscribe('mobile-id', { stage: 'active' });
    const error = await errorOf(room.add(US_NUMBER, room.person('hardwareToken')));
    expect(error.code).to.equal('notAllowedNow');
    expect(error.nextStep).to.contain('Purchase');
  });
});

describe('phones: who may change them', () => {
  let room: Room;
  let first: PhoneId;

  beforeEach(async () => {
    room = await openRoom();
    await room.subscribe('phone');
    first = await room.proved(US_NUMBER, room.person('password'));
  });

  it('changes numbers only after a sign-in with the phone OTP, or stronger', async () => {
    const weak = room.person('password');
    expect((await errorOf(room.add(US_SECOND, weak))).code).to.equal('strengthTooLow');
    const remove = room.phones.remove({ account: USER, phone: first }, weak);
    expect((await errorOf(remove)).code).to.equal('strengthTooLow');
    await room.proved(US_SECOND, room.person('phoneOtp'));
    const left = await room.phones.remove({ account: USER, phone: first }, room.person('mobileId'));
    expect(left.map(({ number }) => number)).to.deep.equal([US_SECOND]);
  });

  it('lets whoever has phones:admin do so for others, and nobody else', async () => {
    await room.add(US_SECOND, room.staff);
    expect((await room.lastEntry())?.actor).to.equal('localOwner');
    const stranger = room.person('hardwareToken', 'red_k' as AccountId);
    expect((await errorOf(room.add('+12025550125', stranger))).code).to.equal('forbidden');
    const remove = room.phones.remove({ account: USER, phone: first }, stranger);
    expect((await errorOf(remove)).code).to.equal('forbidden');
  });

  it('keeps the last number of a Phone OTP', async () => {
    const remove = room.phones.remove({ account: USER, phone: first }, room.person('phoneOtp'));
    expect((await errorOf(remove)).code).to.equal('notAllowedNow');
    // One that is not proved is no other one.
    await room.add(US_SECOND, room.person('phoneOtp'));
    const again = room.phones.remove({ account: USER, phone: first }, room.person('phoneOtp'));
    expect((await errorOf(again)).code).to.equal('notAllowedNow');
  });

  it('forgets what was sent to a number that is removed, and remembers the number', async () => {
    await room.proved(US_SECOND, room.person('phoneOtp'));
    await room.send(first);
    await room.phones.remove({ account: USER, phone: first }, room.person('phoneOtp'));
    expect(await room.issued()).not.to.have.property('phone');
    const [earlier] = (await room.record())?.earlier ?? [];
    // When it was proved stays known: only what was held for a while is called back.
    expect(earlier).to.include({ number: US_NUMBER, removedAt: room.now });
    expect(earlier?.verifiedAt).to.be.a('number').that.is.below(room.now);
    expect((await errorOf(room.send(first))).code).to.equal('notFound');
    expect((await room.lastEntry())?.action).to.equal('removePhone');
  });

  it('knows no phone of another account, in the same words as one that there is not', async () => {
    const other = (await room.tokens.account('red_k')) as AccountId;
    const ofOther = room.phones.send({ account: other, phone: first }, room.staff);
    const ofNobody = room.phones.send({ account: 'nobody' as AccountId, phone: first }, room.staff);
    const ofNone = room.send('0000000000000000' as PhoneId, room.staff);
    const errors = await Promise.all([ofOther, ofNobody, ofNone].map(errorOf));
    expect(new Set(errors.map(({ code, message }) => `${code} ${message}`)).size).to.equal(1);
    expect(errors[0]?.code).to.equal('notFound');
    expect(await room.phones.list('nobody' as AccountId)).to.deep.equal([]);
  });

  it('does nothing for an account that is disabled, or gone', async () => {
    await room.tokens.accounts.setDisabled(USER, true, {}, room.staff);
    expect((await errorOf(room.send(first))).code).to.equal('notAllowedNow');
    await room.store.transact([accountKey(USER)], () => ({
      writes: [remove(accountKey(USER))],
      auditDrafts: [],
      reply: undefined,
    }));
    expect((await errorOf(room.send(first))).code).to.equal('notFound');
  });
});

import { expect } from 'chai';
import {
  afterUse,
  issuedCodeMac,
  issuedCodesKey,
  issuedMatch,
} from '../../../server/accounts/issued-codes.ts';
import { type Decision, put, replyOnly } from '../../../server/store/port.ts';
import type { Code, PhoneId, UnixMillis } from '../../../shared/types.ts';
import { errorOf } from '../accounts/room.ts';
import { ISSUED_CODES_KEY } from '../tokens/room.ts';
import { openRoom, type Room, US_NUMBER, US_SECOND, USER } from './room.ts';

const KEY = ISSUED_CODES_KEY;

describe('phones: codes', () => {
  let room: Room;
  let phone: PhoneId;

  beforeEach(async () => {
    room = await openRoom();
    await room.subscribe('phone');
    phone = await room.proved(US_NUMBER, room.person('password'));
  });

  const matchOf = async (code: Code) =>
    issuedMatch(await room.issued(), issuedCodeMac(USER, code, KEY), room.now);

  it('sends six digits that are valid for two minutes', async () => {
    const sent = await room.send(phone);
    expect(sent).to.include({ purpose: 'signIn', phone, expiresAt: room.now + 120_000 });
    const code = room.code();
    expect(code).to.match(/^\d{6}$/);
    expect(JSON.stringify(await room.issued())).not.to.contain(code);
    room.pass(119.999);
    expect((await matchOf(code))?.issued).to.include({ phone, strength: 'phoneOtp' });
    room.pass(0.001);
    expect(await matchOf(code)).to.equal(undefined);
  });

  it('makes the old code none with Resend Code', async () => {
    await room.send(phone);
    const old = room.code();
    room.pass(30);
    await room.send(phone);
    expect(room.code()).not.to.equal(old);
    expect(await matchOf(old)).to.equal(undefined);
    expect(await matchOf(room.code())).not.to.equal(undefined);
  });

  it('lets one phone code be used once, by however many at once', async () => {
    await room.send(phone);
    const mac = issuedCodeMac(USER, room.code(), KEY);
    const use = () =>
      room.store.transact([issuedCodesKey(USER)], ([record]): Decision<boolean> => {
        const match = issuedMatch(record, mac, room.now);
        if (record === undefined || match === undefined) return replyOnly(false);
        const writes = [put(issuedCodesKey(USER), afterUse(record, match))];
        return { writes, auditDrafts: [], reply: true };
      });
    const used = await Promise.all(Array.from({ length: 50 }, use));
    expect(used.filter((won) => won)).to.have.length(1);
  });

  it('ends with the subscription that it rests on', async () => {
    const own = await openRoom();
    const expiresAt = (own.now + 31_000) as UnixMillis;
    await own.subscribe('phone', { expiresAt });
    const id = await own.proved(US_NUMBER, own.person('password'));
    expect((await own.send(id)).expiresAt).to.equal(expiresAt);
    own.pass(1);
    expect((await errorOf(own.send(id))).code).to.equal('notAllowedNow');
  });

  it('speaks the digits one by one to a phone that takes no texts', async () => {
    const own = await openRoom();
    await own.subscribe('international-phone');
    await own.add('020 7946 0018', own.person('password'), { country: 'GB', kind: 'voice' });
    expect(own.texts[0]?.text).to.match(/: (\d), (\d), (\d), (\d), (\d), (\d)\. Again: \1, \2,/);
  });

  it('keeps the code and says so when no gateway took it', async () => {
    room.fails = true;
    const error = await errorOf(room.send(phone));
    expect(error.code).to.equal('unavailable');
    expect((await room.issued())?.phone).to.include({ phone });
    expect((await room.lastEntry())?.action).to.equal('failPhoneDelivery');
  });
});

describe('phones: proving a number', () => {
  let room: Room;
  let phone: PhoneId;

  beforeEach(async () => {
    room = await openRoom();
    await room.subscribe('phone');
    ({ phone } = (await room.add(US_NUMBER, room.person('password'))).sent);
  });

  it('refuses an expired code: two minutes by the clock', async () => {
    const code = room.code();
    room.pass(120);
    expect((await errorOf(room.verify(phone, code))).code).to.equal('codeExpired');
    await room.send(phone);
    expect((await room.verify(phone, room.code())).outcome).to.equal('accepted');
  });

  it('takes the code until its last moment', async () => {
    room.pass(119.999);
    expect((await room.verify(phone, room.code())).outcome).to.equal('accepted');
  });

  it('allows five wrong attempts, and then not even the right code', async () => {
    const code = room.code();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect((await room.verify(phone, room.wrong())).outcome).to.equal('wrongCode');
    }
    expect((await errorOf(room.verify(phone, code))).code).to.equal('codeExpired');
  });

  it('takes it once: fifty at once, one accepted', async () => {
    const code = room.code();
    const tried = await Promise.allSettled(
      Array.from({ length: 50 }, () => room.verify(phone, code)),
    );
    const accepted = tried.filter(({ status }) => status === 'fulfilled');
    expect(accepted).to.have.length(1);
    expect((await room.actions()).filter((action) => action === 'verifyPhone')).to.have.length(1);
  });

  it('does not take the code of one number for another', async () => {
    const code = room.code();
    room.pass(30);
    const { phone: second } = await room.add(US_SECOND, room.person('password'));
    if (code === room.code()) return;
    expect((await room.verify(second.id, code)).outcome).to.equal('wrongCode');
    expect((await room.verify(phone, code)).outcome).to.equal('accepted');
  });

  it('sends no code to sign in with to a number that is not proved', async () => {
    room.pass(30);
    const sent = await room.send(phone);
    expect(sent.purpose).to.equal('verification');
    expect(await room.issued()).to.equal(undefined);
    expect(await room.phones.usable(USER, room.now)).to.deep.equal([]);
    room.pass(30);
    const app = { actor: 'application:1', scopes: new Set(['sessions'] as const) };
    const refused = await errorOf(room.send(phone, { principal: app, now: room.now }));
    expect(refused.code).to.equal('notAllowedNow');
  });

  it('has nothing to prove where nothing was sent', async () => {
    await room.verify(phone, room.code());
    expect((await errorOf(room.verify(phone, '123456' as Code))).code).to.equal('notAllowedNow');
  });
});

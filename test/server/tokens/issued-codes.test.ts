import { expect } from 'chai';
import type { AccountId, Code, CodeType, Serial, UnixMillis } from '../../../shared/types.ts';
import { type EntitledRoom, PHONE, UNTIL } from './entitled-room.ts';
import { openEntitledRoom } from './open-entitled-room.ts';
import { COARSE, OWNER } from './room.ts';

const ACCOUNT = 'jennifer' as AccountId;
const SENT = '12345678' as Code;

describe('a code that fobd gave out, by account', () => {
  let room: EntitledRoom;

  beforeEach(async () => {
    room = await openEntitledRoom();
    await room.account(ACCOUNT);
  });
  afterEach(() => room.store.close());

  const verify = (code: Code, credentialType?: CodeType, principal = OWNER) =>
    room.tokens.verify({ account: ACCOUNT, code, credentialType }, room.as(principal));

  it('is accepted once, proves its strength, and names no serial', async () => {
    await room.issue(ACCOUNT, SENT);
    expect(await verify(SENT)).to.deep.equal({
      outcome: 'accepted',
      issued: { by: 'phone', phone: PHONE },
      strength: 'phoneOtp',
      proofed: false,
    });
    expect(await room.lastEntry()).to.deep.include({
      action: 'verify',
      outcome: 'accepted',
      account: ACCOUNT,
      details: { credentialType: 'phoneOtp', strength: 'phoneOtp', phone: PHONE },
    });
    expect((await verify(SENT)).outcome).to.equal('notRegistered');
  });

  it('is accepted once of fifty at once', async () => {
    await room.issue(ACCOUNT, SENT);
    const answers = await Promise.all(Array.from({ length: 50 }, () => verify(SENT)));
    const accepted = answers.filter(({ outcome }) => outcome === 'accepted');
    expect(accepted).to.have.length(1);
  });

  it('is accepted once of many at once under one key, and each of them reads so', async () => {
    await room.issue(ACCOUNT, SENT);
    const idempotencyKey = '11111111-2222-4333-8444-555555555555';
    const command = { account: ACCOUNT, code: SENT, idempotencyKey } as const;
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => room.tokens.verify(command, room.as(OWNER))),
    );
    for (const answer of answers) expect(answer).to.deep.equal(answers[0]);
    expect(answers[0]?.outcome).to.equal('accepted');
    const used = (await room.audit()).filter(({ action }) => action === 'verify');
    expect(used).to.have.length(1);
    expect((await verify(SENT)).outcome).to.equal('notRegistered');
  });

  it('has its last use used once, of more uses than it has at once', async () => {
    await room.issue(ACCOUNT, SENT, { by: 'temporary', usesLeft: 3, strength: 'mobileId' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => verify(SENT)));
    expect(answers.filter(({ outcome }) => outcome === 'accepted')).to.have.length(3);
    expect((await room.issued(ACCOUNT))?.temporary).to.equal(undefined);
  });

  it('works beside a token, and leaves that as it was', async () => {
    const serial = await room.registered('E1', ACCOUNT);
    const before = await room.detail(serial);
    await room.issue(ACCOUNT, SENT, { by: 'temporary', strength: 'mobileId', usesLeft: 2 });
    expect(await verify(SENT)).to.deep.include({ strength: 'mobileId' });
    expect((await room.issued(ACCOUNT))?.temporary?.usesLeft).to.equal(1);
    expect(await room.detail(serial)).to.deep.equal(before);
    expect(await verify(room.code(serial, 2))).to.deep.include({ serial, outcome: 'accepted' });
  });

  it('is no code any more when its two minutes are over', async () => {
    await room.issue(ACCOUNT, SENT);
    room.pass(119_999);
    await room.issue(ACCOUNT, '87654321', { expiresAt: (room.now + 1) as UnixMillis });
    expect((await verify('87654321' as Code)).outcome).to.equal('accepted');
    await room.issue(ACCOUNT, SENT, { expiresAt: room.now });
    expect((await verify(SENT)).outcome).to.equal('notRegistered');
  });

  it('loses an attempt with each counted wrong code, and none with its repetition', async () => {
    await room.registered('E1', ACCOUNT);
    await room.issue(ACCOUNT, SENT);
    await verify(room.wrong(1));
    await verify(room.wrong(1));
    expect((await room.issued(ACCOUNT))?.phone?.attemptsLeft).to.equal(4);
    await verify(room.wrong(2));
    expect((await room.issued(ACCOUNT))?.phone?.attemptsLeft).to.equal(3);
  });

  it('is spent by its attempts, also where the account has no token', async () => {
    await room.issue(ACCOUNT, SENT, { attemptsLeft: 2, expiresAt: UNTIL });
    await verify(room.wrong(1));
    await verify(room.wrong(2));
    expect((await verify(SENT)).outcome).to.equal('notRegistered');
  });

  it('is still accepted where wrong codes have locked the token', async () => {
    const serial = await room.registered('E1', ACCOUNT);
    for (let n = 0; n < 10; n += 1) {
      await verify(room.wrong(n));
      room.pass(300_000);
    }
    expect((await room.detail(serial)).token.holds).to.deep.equal(['locked']);
    expect(await room.lastEntry()).to.deep.include({ details: { sets: 'locked' } });
    await room.issue(ACCOUNT, SENT);
    expect((await verify(SENT)).outcome).to.equal('accepted');
  });

  it('waits as tokens do after wrong codes, and then begins anew', async () => {
    await room.issue(ACCOUNT, SENT);
    for (const n of [0, 1, 2]) await verify(room.wrong(n));
    expect(await verify(SENT, undefined, COARSE)).to.deep.include({ outcome: 'throttled' });
    room.pass(5000);
    expect((await verify(SENT)).outcome).to.equal('accepted');
    await room.issue(ACCOUNT, SENT);
    await verify(room.wrong(3));
    expect((await verify(SENT)).outcome, 'no wait was left').to.equal('accepted');
  });

  it('is not tested where another type is asked for', async () => {
    await room.issue(ACCOUNT, SENT);
    expect((await verify(SENT, 'hardwareToken')).outcome).to.equal('notRegistered');
    expect((await verify(SENT, 'temporary')).outcome).to.equal('notRegistered');
    expect((await verify(SENT, 'phoneOtp')).outcome).to.equal('accepted');
  });

  it('is none once its credential is revoked or its subscription over', async () => {
    const credential = await room.credential(ACCOUNT, 'phoneOtp', { stage: 'active' });
    await room.issue(ACCOUNT, SENT, { credential });
    expect((await verify(SENT)).outcome).to.equal('accepted');
    await room.issue(ACCOUNT, SENT, { credential, expiresAt: (UNTIL + 1000) as UnixMillis });
    room.pass(UNTIL - room.now);
    expect((await verify(SENT)).outcome).to.equal('notRegistered');
    room.pass(-1000);
    await room.credential(ACCOUNT, 'phoneOtp', { stage: 'revoked' });
    expect((await verify(SENT)).outcome).to.equal('notRegistered');
  });

  it('is none for a disabled account', async () => {
    await room.issue(ACCOUNT, SENT);
    await room.accounts.setDisabled(ACCOUNT, true, {}, room.as(OWNER));
    expect((await verify(SENT)).outcome).to.equal('disabled');
  });

  it('spent for a check of the caller is audited as that', async () => {
    await room.issue(ACCOUNT, SENT);
    const command = { account: ACCOUNT, code: SENT, purpose: 'callerCheck' } as const;
    expect((await room.tokens.verify(command, room.as(OWNER))).outcome).to.equal('accepted');
    expect(await room.lastEntry()).to.deep.include({ action: 'callerCheck', outcome: 'accepted' });
  });
});

describe('several types of an account', () => {
  let room: EntitledRoom;
  let hardware: Serial;
  let mobile: Serial;

  beforeEach(async () => {
    room = await openEntitledRoom();
    await room.account(ACCOUNT);
    hardware = await room.registered('E1', ACCOUNT);
    mobile = await room.mobileId('M1', ACCOUNT);
    const [code1, code2] = room.pair(mobile);
    const command = { serial: mobile, account: ACCOUNT, code1, code2 };
    expect((await room.tokens.register(command, room.as(OWNER))).outcome).to.equal('accepted');
  });
  afterEach(() => room.store.close());

  it('each prove what they are', async () => {
    expect(await room.verifyBy(ACCOUNT, room.code(hardware, 2))).to.deep.equal({
      outcome: 'accepted',
      serial: hardware,
      strength: 'hardwareToken',
    });
    expect(await room.verifyBy(ACCOUNT, room.code(mobile, 2))).to.deep.equal({
      outcome: 'accepted',
      serial: mobile,
      strength: 'mobileId',
    });
  });

  it('are locked together by the tenth wrong code', async () => {
    for (let n = 0; n < 10; n += 1) {
      await room.verifyBy(ACCOUNT, room.wrong(n));
      room.pass(300_000);
    }
    expect((await room.detail(hardware)).token.holds).to.deep.equal(['locked']);
    expect((await room.detail(mobile)).token.holds).to.deep.equal(['locked']);
  });

  it('are narrowed by credentialType: the others are not tested', async () => {
    const narrowed = (code: Code) =>
      room.tokens.verify({ account: ACCOUNT, code, credentialType: 'mobileId' }, room.as(OWNER));
    expect((await narrowed(room.code(hardware, 2))).outcome).to.equal('wrongCode');
    expect((await narrowed(room.code(mobile, 2))).outcome).to.equal('accepted');
  });

  it('are locked together whatever types the ten wrong codes were given for', async () => {
    const wrong = (n: number, credentialType: CodeType) => {
      room.pass(300_000);
      const command = { account: ACCOUNT, code: room.wrong(n), credentialType };
      return room.tokens.verify(command, room.as(OWNER));
    };
    for (let n = 0; n < 9; n += 1) await wrong(n, 'hardwareToken');
    await wrong(9, 'mobileId');
    expect((await room.detail(hardware)).token.holds).to.deep.equal(['locked']);
    expect((await room.detail(mobile)).token.holds).to.deep.equal(['locked']);
    const details = { sets: 'locked', also: hardware };
    expect(await room.lastEntry()).to.deep.include({ serial: mobile, details });
  });

  it('are locked by a tenth wrong code of a type that the account has none of', async () => {
    for (const round of [0, 1]) {
      for (let n = 0; n < 10; n += 1) {
        room.pass(300_000);
        const credentialType = n === 9 ? 'temporary' : 'hardwareToken';
        const command = { account: ACCOUNT, code: room.wrong(n), credentialType } as const;
        await room.tokens.verify(command, room.as(OWNER));
      }
      expect((await room.detail(hardware)).token.holds, `round ${round}`).to.include('locked');
      const about = { serial: mobile, details: { sets: 'locked', also: hardware } };
      if (round === 0) expect(await room.lastEntry()).to.deep.include(about);
    }
  });

  it('cost one wrong code the same work, whatever the account has', async () => {
    const workOf = async (account: AccountId, credentialType?: CodeType) => {
      room.made = 0;
      const command = { account, code: room.wrong(77), credentialType };
      await room.tokens.verify(command, room.as(OWNER));
      return room.made;
    };
    const none = 'nobody' as AccountId;
    await room.account('other');
    const one = 'other' as AccountId;
    await room.registered('E2', one);
    for (const type of [undefined, 'hardwareToken', 'mobileId', 'phoneOtp', 'temporary'] as const) {
      const work = await workOf(none, type);
      expect(work).to.be.greaterThan(0);
      expect(await workOf(one, type), `one token, ${type}`).to.equal(work);
      expect(await workOf(ACCOUNT, type), `two tokens, ${type}`).to.equal(work);
      room.pass(600_000);
    }
  });
});

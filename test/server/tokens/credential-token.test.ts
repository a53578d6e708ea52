import { expect } from 'chai';
import { credentialKey } from '../../../server/credentials/record.ts';
import { PHONES, phonesKey } from '../../../server/phones/record.ts';
import { remove } from '../../../server/store/port.ts';
import { yearAfter } from '../../../server/subscriptions/terms.ts';
import { tokenKey } from '../../../server/tokens/record.ts';
import type { AccountId, Code, CredentialId, Serial, UnixMillis } from '../../../shared/types.ts';
import { type EntitledRoom, PHONE, UNTIL } from './entitled-room.ts';
import { openEntitledRoom } from './open-entitled-room.ts';
import { COARSE, codeOfError, OWNER } from './room.ts';

const ACCOUNT = 'jennifer' as AccountId;

describe("a credential's token", () => {
  let room: EntitledRoom;
  let serial: Serial;
  let credential: CredentialId;

  beforeEach(async () => {
    room = await openEntitledRoom();
    await room.account(ACCOUNT);
    serial = await room.stock('E1');
    credential = await room.credential(ACCOUNT, 'hardwareToken');
  });
  afterEach(() => room.store.close());

  const register = () => room.registerUnder(serial, ACCOUNT, credential);
  const passTo = (at: UnixMillis) => room.pass(at - room.now);

  it('is registered with it, in one decision', async () => {
    expect((await register()).outcome).to.equal('accepted');
    const { token } = await room.detail(serial);
    expect(token.entitlement).to.deep.equal({ credential, until: UNTIL, proofed: false });
    const record = await room.read(credentialKey(credential));
    expect(record).to.deep.include({ stage: 'active', serial });
    expect((await room.lastEntry())?.details).to.deep.include({ credential });
  });

  it('is refused where the credential is not at registration, or is none of theirs', async () => {
    await room.credential(ACCOUNT, 'hardwareToken', { stage: 'proofing' });
    expect(await codeOfError(register())).to.equal('proofingRequired');
    await room.credential(ACCOUNT, 'hardwareToken', { serial: 'X9' as Serial, stage: 'active' });
    expect(await codeOfError(register())).to.equal('revokeFirst');
    await room.credential('other' as AccountId, 'hardwareToken');
    expect(await codeOfError(register())).to.equal('notFound');
    credential = await room.credential(ACCOUNT, 'mobileId');
    expect(await codeOfError(register())).to.equal('wrongProduct');
    expect((await room.detail(serial)).token.life).to.equal('stocked');
  });

  it('is refused where the subscription has ended', async () => {
    passTo(UNTIL);
    expect(await codeOfError(register())).to.equal('notAllowedNow');
    passTo(yearAfter(UNTIL));
    expect(await codeOfError(register())).to.equal('revoked');
  });

  it('is suspended when the subscription ends, by serial, by account and to resync', async () => {
    await register();
    passTo((UNTIL - 1) as UnixMillis);
    expect((await room.verify(serial, room.code(serial, 2))).outcome).to.equal('accepted');
    passTo(UNTIL);
    const code = room.code(serial, 3);
    expect((await room.verify(serial, code)).outcome).to.equal('suspended');
    expect((await room.verifyBy(ACCOUNT, code)).outcome).to.equal('suspended');
    const [code1, code2] = room.pair(serial, 5);
    const resync = room.tokens.resync({ serial, code1, code2 }, room.as(OWNER));
    expect((await resync).outcome).to.equal('suspended');
    expect((await room.verify(serial, code, COARSE)).outcome).to.equal('wrongCode');
    expect((await room.detail(serial)).token.holds, 'nothing is written').to.deep.equal([]);
    expect(await codeOfError(room.change(serial, 'resume'))).to.equal('notAllowedNow');
  });

  it('is revoked a year later, and a renewal lifts the suspension alone', async () => {
    await register();
    passTo(UNTIL);
    const { token } = await room.detail(serial);
    const renewed = { credential, until: yearAfter(UNTIL), proofed: false };
    await room.write(tokenKey(serial), { ...token, entitlement: renewed });
    expect((await room.verify(serial, room.code(serial, 2))).outcome).to.equal('accepted');
    passTo(yearAfter(yearAfter(UNTIL)));
    expect((await room.verify(serial, room.code(serial, 3))).outcome).to.equal('revoked');
    expect(await codeOfError(room.change(serial, 'lost'))).to.equal('revoked');
  });

  it('ends its credential when it is revoked, or leaves it where another was granted', async () => {
    await register();
    await room.change(serial, 'revoke');
    expect((await room.read(credentialKey(credential)))?.stage).to.equal('revoked');
  });

  it('hands its credential over to the token that replaces it', async () => {
    await register();
    const next = await room.stock('E2');
    const [code1, code2] = room.pair(next);
    const command = { serial, newSerial: next, code1, code2 };
    expect((await room.tokens.replace(command, room.as(OWNER))).outcome).to.equal('accepted');
    expect(await room.read(credentialKey(credential))).to.deep.include({
      stage: 'active',
      serial: next,
    });
    expect((await room.detail(next)).token.entitlement?.until).to.equal(UNTIL);
  });

  it('gives its place to no token of another type, and both stay as they were', async () => {
    await register();
    const mobile = await room.mobileId('M1', ACCOUNT);
    const [code1, code2] = room.pair(mobile);
    const command = { serial, newSerial: mobile, code1, code2 };
    expect(await codeOfError(room.tokens.replace(command, room.as(OWNER)))).to.equal(
      'wrongProduct',
    );
    expect((await room.detail(serial)).token.life).to.equal('registered');
    expect((await room.detail(mobile)).token.life).to.equal('stocked');
    expect((await room.read(credentialKey(credential)))?.serial).to.equal(serial);
  });

  it('is replaced by none that never expires, its credential being gone or another', async () => {
    await register();
    const next = await room.stock('E2');
    const [code1, code2] = room.pair(next);
    const replace = () =>
      codeOfError(room.tokens.replace({ serial, newSerial: next, code1, code2 }, room.as(OWNER)));
    await room.credential(ACCOUNT, 'hardwareToken', { stage: 'active', serial: 'E9' as Serial });
    expect(await replace()).to.equal('notAllowedNow');
    await room.store.transact([credentialKey(credential)], () => ({
      writes: [remove(credentialKey(credential))],
      auditDrafts: [],
      reply: undefined,
    }));
    expect(await replace()).to.equal('notAllowedNow');
    expect((await room.change(serial, 'revoke')).token.life).to.equal('revoked');
  });

  it('is suspended at the very moment of the end, whichever of the two comes first', async () => {
    await register();
    passTo(UNTIL);
    expect((await room.verify(serial, room.code(serial, 2))).outcome).to.equal('suspended');
    room.pass(-1);
    expect((await room.verify(serial, room.code(serial, 2))).outcome).to.equal('accepted');
  });

  it('does not suffice unproofed where proofing is demanded, and says what would', async () => {
    await register();
    const principal = { ...OWNER, requiresProofing: true };
    expect(await room.verify(serial, room.code(serial, 2), principal)).to.deep.equal({
      outcome: 'strengthTooLow',
      strength: 'hardwareToken',
      proofed: false,
      requiredProofing: true,
    });
  });

  it('weakens a session when its subscription ends', async () => {
    await register();
    passTo((UNTIL - 60_000) as UnixMillis);
    const { token } = await room.begin(ACCOUNT, 'hardwareToken', serial);
    expect((await room.find(token))?.strength).to.equal('hardwareToken');
    passTo(UNTIL);
    expect((await room.find(token))?.strength).to.equal('password');
    expect((await room.lastEntry())?.details).to.deep.include({ why: 'expired' });
  });

  it('is a Mobile ID of one account alone', async () => {
    await room.account('other');
    const mobile = await room.mobileId('M1', 'other' as AccountId);
    const [code1, code2] = room.pair(mobile);
    const command = { serial: mobile, account: ACCOUNT, code1, code2 };
    expect((await room.tokens.register(command, room.as(COARSE))).outcome).to.equal('wrongCode');
    expect(await codeOfError(room.tokens.register(command, room.as(OWNER)))).to.equal(
      'notAllowedNow',
    );
  });
});

describe('a session that rests on a code that fobd gave out', () => {
  it('ends with the phone, and with the time of a temporary code', async () => {
    const room = await openEntitledRoom();
    await room.account(ACCOUNT);
    const phone = { id: PHONE, number: '+12025550123', country: 'US', kind: 'text' } as const;
    const there = { ...phone, addedAt: room.now, verifiedAt: room.now };
    const record = { version: 1, phones: [there], earlier: [], sentAt: [] } as const;
    await room.write(phonesKey(ACCOUNT), record);
    expect(PHONES.name).to.equal('phones');
    const { token } = await room.begin(ACCOUNT);
    await room.issue(ACCOUNT, '12345678');
    const raised = await room.sessions.elevate(token, '12345678' as Code, room.caller());
    expect(raised.session).to.deep.include({ strength: 'phoneOtp' });
    await room.write(phonesKey(ACCOUNT), { ...record, phones: [] });
    expect((await room.find(token))?.strength).to.equal('password');
    const until = (room.now + 600_000) as UnixMillis;
    await room.issue(ACCOUNT, '87654321', { by: 'temporary', expiresAt: until });
    await room.sessions.elevate(token, '87654321' as Code, room.caller());
    room.pass(599_999);
    expect((await room.find(token))?.strength).to.equal('phoneOtp');
    room.pass(1);
    expect((await room.find(token))?.strength).to.equal('password');
    await room.store.close();
  });
});

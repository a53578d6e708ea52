import { expect } from 'chai';
import type { Serial } from '../../../shared/types.ts';
import { accountOf, codeOfError, OWNER, openRoom, type Room, serialOf, TIME } from './room.ts';

describe('replacing a token', () => {
  let room: Room;
  let old: Serial;
  let next: Serial;
  beforeEach(async () => {
    room = await openRoom();
    await room.account('jennifer');
    old = await room.registered('OLD', 'jennifer', TIME);
    next = await room.stock('NEW');
  });
  afterEach(() => room.store.close());

  const replace = (
    serial: Serial,
    newSerial: Serial,
    [code1, code2] = room.pair(newSerial),
    reason = 'left in a train',
  ) => room.tokens.replace({ serial, newSerial, code1, code2, reason }, room.as(OWNER));
  const bad = () => [room.wrong(1), room.wrong(2)] as const;
  const serials = async () => (await room.accounts.get(accountOf('jennifer'))).serials;

  it('revokes the old and registers the new in one decision; both histories say so', async () => {
    await room.tokens.changeLife({ serial: old, verb: 'lost' }, room.as(OWNER));
    const kept = await room.registered('KEPT', 'jennifer');
    const answer = await replace(old, next);
    expect(answer.outcome).to.equal('accepted');
    expect(answer.detail).to.deep.equal(await room.detail(next));
    expect(answer.detail.token).to.include({
      life: 'registered',
      account: 'jennifer',
      registeredAt: room.now,
    });
    const { token } = await room.detail(old);
    expect(token).to.include({ life: 'revoked', revokedAt: room.now, account: 'jennifer' });
    expect(token.holds).to.deep.equal(['lost']);
    expect(await serials()).to.deep.equal([kept, next]);
    const said = { action: 'replace', outcome: 'accepted', account: 'jennifer' };
    const [first, second] = (await room.audit()).slice(-2);
    expect(first).to.deep.include({
      ...said,
      serial: old,
      details: { with: next, reason: 'left in a train' },
    });
    expect(second).to.deep.include({
      ...said,
      serial: next,
      details: { replaces: old, reason: 'left in a train', factor: 1 },
    });
    expect((await room.verify(next, room.code(next, 1))).outcome, 'burnt').to.equal('replayed');
    expect((await room.verify(next, room.code(next, 2))).outcome).to.equal('accepted');
  });

  it('leaves the old alone when the pair fails; that counts as one of a registration', async () => {
    const before = await room.detail(old);
    for (let n = 0; n < 5; n += 1) {
      expect((await replace(old, next, bad())).outcome).to.equal('wrongCode');
    }
    expect(await room.detail(old)).to.deep.equal(before);
    expect((await room.detail(next)).factor.failedPairs).to.equal(5);
    expect((await room.detail(next)).token).to.include({ life: 'stocked' });
    expect(await serials()).to.deep.equal([old]);
    const waiting = await replace(old, next);
    expect(waiting).to.include({ outcome: 'throttled', retryAfterSeconds: 86_400 });
    room.pass(86_400_000);
    expect((await replace(old, next)).outcome).to.equal('accepted');
  });

  it('answers locked, untested, for a new serial that is spent', async () => {
    const wide = await openRoom({
      registrationFailedPairsPerAccountDay: 100,
      registrationFailedPairsPerSerial: 2,
    });
    await wide.account('jennifer');
    const serial = await wide.registered('OLD', 'jennifer');
    const newSerial = await wide.stock('NEW');
    const owner = wide.as(OWNER);
    for (let n = 0; n < 2; n += 1) {
      const command = { serial, newSerial, code1: wide.wrong(1), code2: wide.wrong(2) };
      expect((await wide.tokens.replace(command, owner)).outcome).to.equal('wrongCode');
    }
    const [code1, code2] = wide.pair(newSerial);
    const made = wide.made;
    const { outcome } = await wide.tokens.replace({ serial, newSerial, code1, code2 }, owner);
    expect(outcome).to.equal('locked');
    expect(wide.made).to.equal(made);
    await wide.store.close();
  });

  it('says plainly what stands in the way, and records nothing of it', async () => {
    const other = await room.registered('OTHER', 'jennifer');
    const gone = await room.registered('GONE', 'jennifer');
    await room.tokens.changeLife({ serial: gone, verb: 'revoke' }, room.as(OWNER));
    const entries = (await room.audit()).length;
    for (const [serial, newSerial, code] of [
      ['NONE', next, 'notFound'],
      [old, 'NONE', 'notFound'],
      [gone, next, 'revoked'],
      [old, gone, 'revoked'],
      [next, next, 'invalidInput'],
      [old, other, 'alreadyRegistered'],
    ] as const) {
      const asking = replace(serialOf(serial), serialOf(newSerial), bad());
      expect(await codeOfError(asking), `${serial} ${newSerial}`).to.equal(code);
    }
    const stocked = await room.stock('STOCK');
    expect(await codeOfError(replace(stocked, next, bad()))).to.equal('notAllowedNow');
    const same = [room.wrong(1), room.wrong(1)] as const;
    expect(await codeOfError(replace(old, next, same))).to.equal('invalidInput');
    expect(await room.audit()).to.have.length(entries + 1);
  });

  it('happens once: of two administrators with one new token, the second is refused', async () => {
    const second = await room.registered('SECOND', 'jennifer');
    const pair = room.pair(next);
    const both = await Promise.allSettled([replace(old, next, pair), replace(second, next, pair)]);
    expect(both.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected']);
    expect((await room.detail(second)).token.life).to.equal('registered');
    expect(await serials()).to.deep.equal([second, next]);
  });
});

import { expect } from 'chai';
import {
  COARSE,
  codeOfError,
  EVENT,
  holding,
  OWNER,
  openRoom,
  type Room,
  serialOf,
  TIME,
} from './room.ts';

describe('resync', () => {
  let room: Room;
  beforeEach(async () => {
    room = await openRoom();
    await room.account('jennifer');
  });
  afterEach(() => room.store.close());

  const resync = (serial: string, pair: readonly [string, string], principal = OWNER) =>
    room.tokens.resync(
      { serial: serialOf(serial), code1: pair[0] as never, code2: pair[1] as never },
      room.as(principal),
    );
  const failPairs = async (serial: string, times: number) => {
    for (let n = 0; n < times; n += 1) {
      const { outcome } = await resync(serial, [room.wrong(2 * n), room.wrong(2 * n + 1)]);
      expect(outcome).to.equal('wrongCode');
    }
  };

  it('finds an event token far ahead, burns both codes, and goes on from there', async () => {
    const serial = await room.registered('FT1', 'jennifer', EVENT);
    expect((await room.verify(serial, room.code(serial, 500))).outcome).to.equal('wrongCode');
    const pair = room.pair(serial, 500);
    const answer = await resync(serial, pair);
    expect(answer.outcome).to.equal('accepted');
    expect(answer.detail).to.deep.equal(await room.detail(serial));
    expect(answer.detail?.factor.failures.failuresSinceSuccess).to.equal(0);
    for (const code of pair) {
      expect((await room.verify(serial, code)).outcome).to.equal('replayed');
    }
    expect((await room.verify(serial, room.code(serial, 502))).outcome).to.equal('accepted');
    const entry = (await room.audit()).findLast(({ action }) => action === 'resync');
    expect(entry).to.include({ outcome: 'accepted', serial, account: 'jennifer' });
  });

  it("finds a time token's drift", async () => {
    const serial = await room.registered('FT1', 'jennifer', TIME);
    room.pass(3_600_000);
    const truth = room.now;
    room.pass(50 * 30_000);
    const pair = room.pair(serial);
    room.now = truth;
    room.pass(30_000);
    expect((await resync(serial, pair)).outcome).to.equal('accepted');
    const { factor } = (await room.detail(serial)).factor;
    const offset = factor.type === 'time' ? factor.drift?.offsetSeconds : undefined;
    expect(offset).to.be.closeTo(50 * 30 + 15, 30);
  });

  it('lifts locked, the count, the wait, and nothing else', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    await room.fail(serial, 10);
    expect((await room.verify(serial, room.code(serial, 2))).outcome).to.equal('locked');
    expect(await resync(serial, room.pair(serial, 2), COARSE)).to.deep.equal({
      outcome: 'accepted',
    });
    expect((await room.lastEntry())?.details, 'it sets no hold').to.deep.equal({ factor: 3 });
    const { token, factor } = await room.detail(serial);
    expect(token.holds).to.deep.equal([]);
    expect(factor.failures).to.include({
      failuresInRow: 0,
      failuresSinceSuccess: 0,
      waitUntil: 0,
    });
    expect((await room.verify(serial, room.code(serial, 4))).outcome).to.equal('accepted');
  });

  it('is refused to what an administrator holds', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    for (const [verb, outcome] of [
      ['suspend', 'suspended'],
      ['lock', 'locked'],
      ['lost', 'lost'],
    ] as const) {
      await room.tokens.changeLife({ serial, verb }, room.as(OWNER));
      expect((await resync(serial, room.pair(serial, 2))).outcome).to.equal(outcome);
      expect(await resync(serial, room.pair(serial, 2), COARSE)).to.deep.equal({
        outcome: 'wrongCode',
      });
    }
    expect((await room.detail(serial)).factor.failedPairs).to.equal(0);
  });

  it('locks with the fifth failed pair; only an unlock gives another', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    await failPairs(serial, 5);
    expect((await room.lastEntry())?.details).to.deep.equal({ sets: 'locked' });
    expect((await room.detail(serial)).token.holds).to.deep.equal(['locked']);
    const good = room.pair(serial, 2);
    expect((await resync(serial, good)).outcome).to.equal('locked');
    await room.tokens.changeLife({ serial, verb: 'unlock' }, room.as(holding('tokens:unlock')));
    expect((await resync(serial, good)).outcome).to.equal('accepted');
  });

  it('gives the budget back with a success', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    await failPairs(serial, 4);
    expect((await room.verify(serial, room.code(serial, 2))).outcome).to.equal('accepted');
    await failPairs(serial, 4);
    expect((await room.detail(serial)).token.holds).to.deep.equal([]);
  });

  it('of an unknown, a revoked and a stocked serial', async () => {
    const detail = holding('tokens:resync', 'verify:detail');
    const pair = [room.wrong(0), room.wrong(1)] as const;
    expect(await codeOfError(resync('FT9', pair))).to.equal('notFound');
    expect(await resync('FT9', pair, detail)).to.deep.equal({ outcome: 'notRegistered' });
    expect(await resync('FT9', pair, COARSE)).to.deep.equal({ outcome: 'wrongCode' });
    const revoked = await room.registered('FT1', 'jennifer');
    await room.tokens.changeLife({ serial: revoked, verb: 'revoke' }, room.as(OWNER));
    expect(await codeOfError(resync(revoked, room.pair(revoked, 2)))).to.equal('revoked');
    expect(await resync(revoked, pair, detail)).to.deep.equal({ outcome: 'revoked' });
    const stocked = await room.stock('FT2');
    expect((await resync(stocked, room.pair(stocked))).outcome).to.equal('notRegistered');
    expect((await room.detail(stocked)).factor.failedPairs).to.equal(0);
  });

  it('refuses two equal codes before anything is counted', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    const pair = [room.wrong(), room.wrong()] as const;
    expect(await codeOfError(resync(serial, pair))).to.equal('invalidInput');
    expect((await room.detail(serial)).factor.failedPairs).to.equal(0);
  });
});

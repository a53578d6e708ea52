import { expect } from 'chai';
import type { Code } from '../../../shared/types.ts';
import {
  accountOf,
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

const DAY = 86_400_000;

describe('registration', () => {
  let room: Room;
  beforeEach(async () => {
    room = await openRoom();
    await room.account('jennifer');
  });
  afterEach(() => room.store.close());

  const register = (
    serial: string,
    [code1, code2]: readonly [Code, Code],
    { account = 'jennifer', principal = OWNER } = {},
  ) =>
    room.tokens.register(
      { serial: serialOf(serial), account: accountOf(account), code1, code2 },
      room.as(principal),
    );
  const wrongPair = (n: number): readonly [Code, Code] => [
    room.wrong(2 * n),
    room.wrong(2 * n + 1),
  ];

  for (const parameters of [EVENT, TIME]) {
    it(`${parameters.type}: binds token and account to each other at once`, async () => {
      const serial = await room.stock('FT1', parameters);
      const pair = room.pair(serial);
      const answer = await register(serial, pair);
      expect(answer.outcome).to.equal('accepted');
      const { token, factor } = await room.detail(serial);
      expect(answer.detail).to.deep.equal({ token, factor });
      expect(token).to.include({
        life: 'registered',
        account: 'jennifer',
        registeredAt: room.now,
      });
      expect(factor).to.include({ failedPairs: 0, lastAcceptedAt: room.now });
      expect((await room.accounts.get(accountOf('jennifer'))).serials).to.deep.equal([serial]);
      expect(await room.lastEntry()).to.include({
        action: 'register',
        outcome: 'accepted',
        serial,
        account: 'jennifer',
      });
    });
  }

  it('finds a time token whose second code was typed 45 s after the first', async () => {
    const serial = await room.stock('FT1', TIME);
    const [first] = room.pair(serial);
    room.pass(15_000);
    const [second] = room.pair(serial);
    expect((await register(serial, [first, second])).outcome).to.equal('accepted');
  });

  it('shows the token only to those who may read tokens', async () => {
    const serial = await room.stock('FT1');
    expect(await register(serial, room.pair(serial), { principal: COARSE })).to.deep.equal({
      outcome: 'accepted',
    });
  });

  it('counts swapped codes, and a good first code alone, as a failed pair', async () => {
    const serial = await room.stock('FT1');
    const [code1, code2] = room.pair(serial);
    const swapped = await register(serial, [code2, code1], { principal: COARSE });
    const half = await register(serial, [code1, room.wrong()], { principal: COARSE });
    expect(swapped).to.deep.equal({ outcome: 'wrongCode' });
    expect(half).to.deep.equal(swapped);
    expect((await room.detail(serial)).factor.failedPairs).to.equal(2);
    expect((await register(serial, [code1, code2])).outcome).to.equal('accepted');
  });

  it('refuses two equal codes before anything is counted', async () => {
    const serial = await room.stock('FT1');
    const code = room.wrong();
    const entries = (await room.audit()).length;
    expect(await codeOfError(register(serial, [code, code]))).to.equal('invalidInput');
    expect(await codeOfError(register('FT9', [code, code]))).to.equal('invalidInput');
    expect((await room.detail(serial)).factor.failedPairs).to.equal(0);
    expect(await room.audit()).to.have.length(entries);
  });

  it('gives an account five failed pairs in rolling 24 hours, over all serials', async () => {
    const serials = [await room.stock('FT1'), await room.stock('FT2'), 'FT9', 'FT1', 'FT2'];
    for (const [n, serial] of serials.entries()) {
      const answer = await register(serial, wrongPair(n), { principal: COARSE });
      expect(answer).to.deep.equal({ outcome: 'wrongCode' });
      room.pass(60_000);
    }
    const good = room.pair(serialOf('FT1'));
    const wait = DAY / 1000 - 300;
    const answer = await register('FT1', good, { principal: COARSE });
    expect(answer).to.deep.equal({ outcome: 'throttled', retryAfterSeconds: wait });
    room.pass(wait * 1000);
    expect((await register('FT1', good)).outcome).to.equal('accepted');
  });

  it('spends a serial after twenty failed pairs until the helpdesk unlocks', async () => {
    const serial = await room.stock('FT1');
    for (let n = 0; n < 20; n += 1) {
      if (n % 5 === 0) await room.account(`a${n}`);
      const account = `a${n - (n % 5)}`;
      expect((await register(serial, wrongPair(n), { account })).outcome).to.equal('wrongCode');
    }
    const good = room.pair(serial);
    expect((await register(serial, good)).outcome).to.equal('locked');
    expect(await register(serial, good, { principal: COARSE })).to.deep.equal({
      outcome: 'wrongCode',
    });
    expect((await room.detail(serial)).token.holds).to.deep.equal([]);
    await room.tokens.changeLife({ serial, verb: 'unlock' }, room.as(holding('tokens:unlock')));
    expect((await register(serial, good)).outcome).to.equal('accepted');
  });

  it('never registers a held token, and tells why to those who may know', async () => {
    const serial = await room.stock('FT1');
    await room.tokens.changeLife({ serial, verb: 'suspend' }, room.as(OWNER));
    const pair = room.pair(serial);
    expect((await register(serial, pair)).outcome).to.equal('suspended');
    expect(await register(serial, pair, { principal: COARSE })).to.deep.equal({
      outcome: 'wrongCode',
    });
    expect((await room.detail(serial)).factor.failedPairs).to.equal(0);
    expect((await room.detail(serial)).token.life).to.equal('stocked');
  });

  describe('of what is not to be had', () => {
    it('an unknown serial: 404 to readers, a wrong pair to others', async () => {
      expect(await codeOfError(register('FT9', wrongPair(0)))).to.equal('notFound');
      expect(await room.lastEntry()).to.deep.include({
        action: 'register',
        serial: 'FT9',
        details: { refused: 'notFound' },
      });
      const answer = await register('FT9', wrongPair(0), { principal: COARSE });
      expect(answer).to.deep.equal({ outcome: 'wrongCode' });
      expect(await room.lastEntry()).to.deep.include({
        outcome: 'wrongCode',
        details: { because: 'serialUnknown' },
      });
    });

    it('an unknown account: likewise, and the good pair is not burnt by it', async () => {
      const serial = await room.stock('FT1');
      const pair = room.pair(serial);
      const to = { account: 'nobody' };
      expect(await codeOfError(register(serial, pair, to))).to.equal('notFound');
      expect(await register(serial, pair, { ...to, principal: COARSE })).to.deep.equal({
        outcome: 'wrongCode',
      });
      expect((await room.detail(serial)).factor.failedPairs).to.equal(1);
      expect((await register(serial, pair)).outcome).to.equal('accepted');
    });

    it('a registered token, of another account or of the same', async () => {
      const serial = await room.registered('FT1', 'jennifer');
      await room.account('mallory');
      const pair = room.pair(serial, 2);
      for (const account of ['mallory', 'jennifer']) {
        expect(await codeOfError(register(serial, pair, { account }))).to.equal(
          'alreadyRegistered',
        );
        const answer = await register(serial, pair, { account, principal: COARSE });
        expect(answer).to.deep.equal({ outcome: 'wrongCode' });
      }
      expect((await room.detail(serial)).token.account).to.equal('jennifer');
      expect((await room.verify(serial, pair[0])).outcome).to.equal('accepted');
    });

    it('a revoked token', async () => {
      const serial = await room.registered('FT1', 'jennifer');
      await room.tokens.changeLife({ serial, verb: 'revoke' }, room.as(OWNER));
      const pair = room.pair(serial, 2);
      expect(await codeOfError(register(serial, pair))).to.equal('revoked');
      const detail = holding('tokens:register', 'verify:detail');
      for (const principal of [COARSE, detail]) {
        expect(await register(serial, pair, { principal })).to.deep.equal({
          outcome: 'wrongCode',
        });
      }
    });
  });

  it('gives one of two accounts that ask for one token at once', async () => {
    await room.account('mallory');
    const serial = await room.stock('FT1');
    const pair = room.pair(serial);
    const answers = await Promise.all([
      register(serial, pair, { principal: COARSE }),
      register(serial, pair, { account: 'mallory', principal: COARSE }),
    ]);
    expect(answers.map(({ outcome }) => outcome)).to.deep.equal(['accepted', 'wrongCode']);
    expect((await room.accounts.get(accountOf('mallory'))).serials).to.deep.equal([]);
  });

  it('stops at thirty-two tokens an account, and begins again when one is revoked', async () => {
    for (let n = 10; n < 42; n += 1) await room.registered(`FT${n}`, 'jennifer');
    const serial = await room.stock('FT99');
    const pair = room.pair(serial);
    expect(await codeOfError(register(serial, pair))).to.equal('notAllowedNow');
    expect(await register(serial, pair, { principal: COARSE })).to.deep.equal({
      outcome: 'wrongCode',
    });
    expect(await room.lastEntry()).to.deep.include({
      outcome: 'wrongCode',
      details: { because: 'accountFull' },
    });
    const revoked = serialOf('FT20');
    await room.tokens.changeLife({ serial: revoked, verb: 'revoke' }, room.as(OWNER));
    expect((await register(serial, pair)).outcome).to.equal('accepted');
    const { serials } = await room.accounts.get(accountOf('jennifer'));
    expect(serials).to.have.length(32);
    expect(serials).not.to.include(revoked);
    expect(serials.at(-1)).to.equal(serial);
  });
});

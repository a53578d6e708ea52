import { expect } from 'chai';
import { trafficOf } from '../../support/watched-store.ts';
import { EVENT, holding, OWNER, openRoom, type Room, serialOf, TIME } from './room.ts';

const COARSE_VERIFY = holding('verify');

describe('verify by serial', () => {
  let room: Room;
  beforeEach(async () => {
    room = await openRoom();
    await room.account('jennifer');
  });
  afterEach(() => room.store.close());

  for (const parameters of [EVENT, TIME]) {
    it(`${parameters.type}: accepts a fresh code once, with serial and strength`, async () => {
      const serial = await room.registered('FT1', 'jennifer', parameters);
      room.pass(60_000);
      const [code] = room.pair(serial, 2);
      const accepted = { outcome: 'accepted', serial, strength: 'hardwareToken' };
      expect(await room.verify(serial, code, COARSE_VERIFY)).to.deep.equal(accepted);
      expect(await room.verify(serial, code, COARSE_VERIFY)).to.deep.equal({
        outcome: 'wrongCode',
      });
      expect(await room.verify(serial, code)).to.deep.equal({ outcome: 'replayed' });
    });

    it(`${parameters.type}: the codes that registered are burnt`, async () => {
      const serial = await room.stock('FT1', parameters);
      const [code1, code2] = room.pair(serial);
      const account = (await room.account('anna')) ?? '';
      await room.tokens.register({ serial, account, code1, code2 }, room.as(OWNER));
      expect((await room.verify(serial, code1)).outcome).to.equal('replayed');
      expect((await room.verify(serial, code2)).outcome).to.equal('replayed');
    });
  }

  it('records the truth: outcome, serial, account, application, and no code', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    const code = room.code(serial, 2);
    await room.verify(serial, code, COARSE_VERIFY);
    await room.verify(serial, code, COARSE_VERIFY);
    await room.verify(serialOf('FT9'), code, COARSE_VERIFY);
    const entries = (await room.audit()).slice(-3);
    const asked = {
      action: 'verify',
      actor: COARSE_VERIFY.actor,
      at: room.now,
      account: 'jennifer',
    };
    expect(entries[0]).to.include({ ...asked, outcome: 'accepted', serial });
    expect(entries[1]).to.include({ ...asked, outcome: 'replayed', serial });
    expect(entries[2]).to.include({ action: 'verify', outcome: 'notRegistered', serial: 'FT9' });
    expect(entries[2]).not.to.have.property('account');
    expect(JSON.stringify(entries)).not.to.include(code);
  });

  it('names the application that asked', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    const application = '0011223344556677' as never;
    await room.verify(serial, room.wrong(), { ...COARSE_VERIFY, application });
    expect(await room.lastEntry()).to.include({ application });
  });

  it('makes callers wait after the third failure and says how long, to everybody', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    for (let n = 0; n < 3; n += 1) await room.verify(serial, room.wrong(n));
    const good = room.code(serial, 2);
    const throttled = { outcome: 'throttled', retryAfterSeconds: 5 };
    expect(await room.verify(serial, good)).to.deep.equal(throttled);
    expect(await room.verify(serial, good, COARSE_VERIFY)).to.deep.equal(throttled);
    room.pass(5_000);
    expect((await room.verify(serial, good)).outcome).to.equal('accepted');
    expect((await room.detail(serial)).factor.failures.failuresInRow).to.equal(0);
  });

  it('counts a client that repeats one wrong code within a minute once', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    for (let n = 0; n < 8; n += 1) await room.verify(serial, room.wrong());
    expect((await room.detail(serial)).factor.failures.failuresInRow).to.equal(1);
    room.pass(60_000);
    await room.verify(serial, room.wrong());
    expect((await room.detail(serial)).factor.failures.failuresInRow).to.equal(2);
  });

  it('locks at the tenth failure, which itself reads wrongCode; unlock lifts it', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    await room.fail(serial, 9);
    expect((await room.detail(serial)).token.holds).to.deep.equal([]);
    expect((await room.verify(serial, room.wrong(50))).outcome).to.equal('wrongCode');
    expect((await room.detail(serial)).token.holds).to.deep.equal(['locked']);
    const good = room.code(serial, 2);
    expect(await room.verify(serial, good)).to.deep.equal({ outcome: 'locked' });
    expect(await room.verify(serial, good, COARSE_VERIFY)).to.deep.equal({ outcome: 'wrongCode' });
    await room.tokens.changeLife({ serial, verb: 'unlock' }, room.as(holding('tokens:unlock')));
    expect((await room.verify(serial, good)).outcome).to.equal('accepted');
  });

  it('disables after a hundred failures since the last success; only enable lifts it', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    for (let lock = 0; lock < 10; lock += 1) {
      await room.fail(serial, 10);
      await room.tokens.changeLife({ serial, verb: 'unlock' }, room.as(OWNER));
    }
    expect((await room.detail(serial)).token.holds).to.deep.equal(['disabled']);
    const good = room.code(serial, 2);
    expect((await room.verify(serial, good)).outcome).to.equal('disabled');
    await room.tokens.changeLife({ serial, verb: 'enable' }, room.as(OWNER));
    expect((await room.verify(serial, good)).outcome).to.equal('accepted');
  });

  it('answers by the strongest reason of several', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    const steps = [
      ['suspend', 'suspended'],
      ['lock', 'locked'],
      ['lost', 'lost'],
      ['revoke', 'revoked'],
    ] as const;
    for (const [verb, outcome] of steps) {
      await room.tokens.changeLife({ serial, verb }, room.as(OWNER));
      expect(await room.verify(serial, room.code(serial, 2))).to.deep.equal({ outcome });
      expect(await room.lastEntry()).to.include({ action: 'verify', outcome });
    }
  });

  it('never counts on a token what was refused untested', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    await room.tokens.changeLife({ serial, verb: 'suspend' }, room.as(OWNER));
    const { factor } = await room.detail(serial);
    for (let n = 0; n < 12; n += 1) await room.verify(serial, room.wrong(n));
    expect((await room.detail(serial)).factor).to.deep.equal(factor);
    await room.tokens.changeLife({ serial, verb: 'resume' }, room.as(OWNER));
    expect((await room.verify(serial, room.code(serial, 2))).outcome).to.equal('accepted');
  });
});

describe('verify by account', () => {
  let room: Room;
  beforeEach(async () => {
    room = await openRoom();
  });
  afterEach(() => room.store.close());

  it('tests the latest registered token without a hold, and names it', async () => {
    const account = await room.account('jennifer');
    const first = await room.registered('FT1', 'jennifer');
    const second = await room.registered('FT2', 'jennifer');
    expect((await room.verifyBy(account, room.code(first, 2))).outcome).to.equal('wrongCode');
    expect(await room.verifyBy(account, room.code(second, 2))).to.deep.equal({
      outcome: 'accepted',
      serial: second,
      strength: 'hardwareToken',
    });
    await room.tokens.changeLife({ serial: second, verb: 'suspend' }, room.as(OWNER));
    expect((await room.verifyBy(account, room.code(first, 2))).outcome).to.equal('accepted');
    expect(await room.lastEntry()).to.include({ outcome: 'accepted', serial: first, account });
  });

  it('without any answers with what holds the latest', async () => {
    const account = await room.account('jennifer');
    const first = await room.registered('FT1', 'jennifer');
    const second = await room.registered('FT2', 'jennifer');
    await room.tokens.changeLife({ serial: first, verb: 'lost' }, room.as(OWNER));
    await room.tokens.changeLife({ serial: second, verb: 'lock' }, room.as(OWNER));
    expect((await room.verifyBy(account, room.code(second, 2))).outcome).to.equal('locked');
    await room.tokens.changeLife({ serial: second, verb: 'revoke' }, room.as(OWNER));
    expect((await room.verifyBy(account, room.code(second, 2))).outcome).to.equal('lost');
    await room.tokens.changeLife({ serial: first, verb: 'revoke' }, room.as(OWNER));
    expect((await room.verifyBy(account, room.code(second, 2))).outcome).to.equal('notRegistered');
  });

  it('counts on the account, and locks the token at the tenth', async () => {
    const account = await room.account('jennifer');
    const serial = await room.registered('FT1', 'jennifer');
    for (let n = 0; n < 10; n += 1) {
      expect((await room.verifyBy(account, room.wrong(n))).outcome).to.equal('wrongCode');
      expect((await room.detail(serial)).factor.failures.failuresInRow).to.equal(0);
      room.pass(300_000);
    }
    expect((await room.detail(serial)).token.holds).to.deep.equal(['locked']);
    expect((await room.verifyBy(account, room.code(serial, 2))).outcome).to.equal('locked');
    expect((await room.verify(serial, room.code(serial, 2))).outcome).to.equal('locked');
    await room.tokens.changeLife({ serial, verb: 'unlock' }, room.as(OWNER));
    expect((await room.verifyBy(account, room.code(serial, 2))).outcome).to.equal('accepted');
  });

  it("waits for the account's wait and for the token's", async () => {
    const account = await room.account('jennifer');
    const serial = await room.registered('FT1', 'jennifer');
    const good = room.code(serial, 2);
    const throttled = { outcome: 'throttled', retryAfterSeconds: 5 };
    for (let n = 0; n < 3; n += 1) await room.verifyBy(account, room.wrong(n));
    expect(await room.verifyBy(account, good)).to.deep.equal(throttled);
    expect((await room.verify(serial, room.wrong(9))).outcome).to.equal('wrongCode');
    room.pass(5_000);
    for (let n = 0; n < 2; n += 1) await room.verify(serial, room.wrong(n));
    expect(await room.verifyBy(account, good)).to.deep.equal(throttled);
    room.pass(5_000);
    expect((await room.verifyBy(account, good)).outcome).to.equal('accepted');
  });

  it('decides on the tokens that the account has at that moment', async () => {
    const account = await room.account('jennifer');
    await room.registered('FT1', 'jennifer');
    const second = await room.stock('FT2');
    const [code1, code2] = room.pair(second);
    const ask = () => room.verifyBy(account, room.code(second, 2));
    expect((await ask()).outcome).to.equal('wrongCode');
    const command = { serial: second, account, code1, code2 };
    expect((await room.tokens.register(command, room.as(OWNER))).outcome).to.equal('accepted');
    // Nothing is read before it that could be something else by then.
    const { result, reads } = await trafficOf(room.store, ask);
    expect(reads).to.have.length(1);
    expect(result).to.include({ outcome: 'accepted', serial: second });
  });
});

describe('one good code, a hundred times at once', () => {
  const ROUNDS = 50;
  const AT_ONCE = 100;
  for (const by of ['serial', 'account'] as const) {
    it(`by ${by}: accepted once, replayed otherwise, in each of ${ROUNDS} rounds`, async () => {
      const room = await openRoom();
      const account = await room.account('jennifer');
      const serial = await room.registered('FT1', 'jennifer');
      for (let round = 0; round < ROUNDS; round += 1) {
        const code = room.code(serial, 2 + round);
        const asking = Array.from({ length: AT_ONCE }, () =>
          by === 'serial' ? room.verify(serial, code) : room.verifyBy(account, code),
        );
        const outcomes = (await Promise.all(asking)).map(({ outcome }) => outcome);
        expect(outcomes.filter((each) => each === 'accepted')).to.have.length(1);
        expect(outcomes.filter((each) => each === 'replayed')).to.have.length(AT_ONCE - 1);
      }
      const verdict = await room.store.verifyAudit();
      expect(verdict.sound).to.equal(true);
      await room.store.close();
    });
  }
});

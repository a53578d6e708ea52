import { expect } from 'chai';
import { accountOf, COARSE, codeOfError, holding, OWNER, openRoom, type Room } from './room.ts';

const SEES_ALL = holding('verify', 'verify:detail');

describe('codes for an account that is disabled', () => {
  let room: Room;
  beforeEach(async () => {
    room = await openRoom();
    await room.account('jennifer');
  });
  afterEach(() => room.store.close());

  const disable = (disabled: boolean) =>
    room.accounts.setDisabled(accountOf('jennifer'), disabled, {}, room.as(OWNER));

  it('are refused, good ones too, and read as wrong by whom may not know', async () => {
    const account = accountOf('jennifer');
    const serial = await room.registered('FT1', 'jennifer');
    await disable(true);
    const good = room.code(serial, 2);
    expect(await room.verifyBy(account, good, SEES_ALL)).to.deep.equal({ outcome: 'disabled' });
    expect(await room.lastEntry()).to.include({ action: 'verify', outcome: 'disabled', account });
    expect(await room.verifyBy(account, good, COARSE)).to.deep.equal({ outcome: 'wrongCode' });
  });

  it('are refused by serial too, also where the serial was asked about before', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    expect(await room.verify(serial, room.code(serial, 2))).to.include({ outcome: 'accepted' });
    const before = await room.detail(serial);
    await disable(true);
    for (const ask of [SEES_ALL, COARSE]) {
      const outcome = ask === SEES_ALL ? 'disabled' : 'wrongCode';
      expect(await room.verify(serial, room.code(serial, 3), ask)).to.deep.equal({ outcome });
    }
    expect(await room.detail(serial)).to.deep.equal(before);
    await disable(false);
    expect(await room.verify(serial, room.code(serial, 3))).to.include({ outcome: 'accepted' });
  });

  it('get it no further token', async () => {
    const old = await room.registered('FT1', 'jennifer');
    const serial = await room.stock('FT2');
    await disable(true);
    const [code1, code2] = room.pair(serial);
    const command = { serial, account: accountOf('jennifer'), code1, code2 };
    const register = room.tokens.register(command, room.as(OWNER));
    expect(await codeOfError(register)).to.equal('notAllowedNow');
    const coarse = await room.tokens.register(command, room.as(COARSE));
    expect(coarse.outcome).to.equal('wrongCode');
    const replace = { serial: old, newSerial: serial, code1, code2 };
    expect(await codeOfError(room.tokens.replace(replace, room.as(OWNER)))).to.equal(
      'notAllowedNow',
    );
    expect((await room.detail(serial)).token.life).to.equal('stocked');
  });

  it('count on nothing of the account or its token, and burn nothing', async () => {
    const account = accountOf('jennifer');
    const serial = await room.registered('FT1', 'jennifer');
    const before = await room.detail(serial);
    await disable(true);
    for (let n = 0; n < 30; n += 1) {
      await room.verifyBy(account, room.wrong(n), SEES_ALL);
      room.pass(300_000);
    }
    expect(await room.verifyBy(account, room.code(serial, 2), SEES_ALL)).to.include({
      outcome: 'disabled',
    });
    await disable(false);
    expect(await room.detail(serial)).to.deep.equal(before);
    expect(await room.verifyBy(account, room.code(serial, 2), SEES_ALL)).to.include({
      outcome: 'accepted',
    });
  });

  it('cost the work of a wrong one', async () => {
    const account = accountOf('jennifer');
    await room.registered('FT1', 'jennifer');
    const madeBy = async (): Promise<number> => {
      const before = room.made;
      await room.verifyBy(account, room.wrong(), COARSE);
      return room.made - before;
    };
    const ofWrong = await madeBy();
    await disable(true);
    expect(await madeBy()).to.equal(ofWrong);
  });

  it('make callers wait as wrong ones do', async () => {
    const account = accountOf('jennifer');
    await disable(true);
    for (let n = 0; n < 3; n += 1) await room.verifyBy(account, room.wrong(n), COARSE);
    expect(await room.verifyBy(account, room.wrong(9), COARSE)).to.deep.equal({
      outcome: 'throttled',
      retryAfterSeconds: 5,
    });
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import type { Principal } from '../../../server/access/scopes.ts';
import { noteUse } from '../../../server/backup/since-backup.ts';
import {
  type AccountId,
  isAtLeast,
  type Serial,
  STRENGTHS,
  type Strength,
} from '../../../shared/types.ts';
import { openSessionRoom, type SessionRoom } from '../sessions/room.ts';
import { holding } from './room.ts';

const ACCOUNT = 'jennifer' as AccountId;

describe('a required strength', () => {
  let room: SessionRoom;
  let emulated: Serial;

  beforeEach(async () => {
    room = await openSessionRoom();
    await room.account(ACCOUNT);
    emulated = await room.emulatedHolder(ACCOUNT, 'EM1');
  });
  afterEach(() => room.store.close());

  const demanding = (requiredStrength: Strength): Principal => ({
    ...holding('verify'),
    requiredStrength,
  });
  const DEMANDING = demanding('hardwareToken');
  const TOO_LOW = {
    outcome: 'strengthTooLow',
    strength: 'mobileId',
    requiredStrength: 'hardwareToken',
  };

  for (const by of ['serial', 'account'] as const) {
    const verify = (code: string, principal?: Principal) =>
      by === 'serial'
        ? room.verify(emulated, code as Parameters<SessionRoom['verify']>[1], principal)
        : room.verifyBy(ACCOUNT, code as Parameters<SessionRoom['verify']>[1], principal);

    it(`is said where a right code proves less, by ${by}, and the code is used up`, async () => {
      expect(await verify(room.code(emulated, 2), DEMANDING)).to.deep.equal(TOO_LOW);
      expect(await room.lastEntry()).to.deep.include({
        action: 'verify',
        outcome: 'strengthTooLow',
        serial: emulated,
        account: ACCOUNT,
        details: { factor: 2, strength: 'mobileId', requiredStrength: 'hardwareToken' },
      });
      expect(await verify(room.code(emulated, 2))).to.deep.equal({ outcome: 'replayed' });
      expect(await verify(room.code(emulated, 2), DEMANDING)).to.deep.equal({
        outcome: 'wrongCode',
      });
    });

    it(`clears failures by a right code that proves less, by ${by}`, async () => {
      await verify(room.wrong(1));
      await verify(room.wrong(2));
      expect(await verify(room.code(emulated, 2), DEMANDING)).to.deep.equal(TOO_LOW);
      await verify(room.wrong(3));
      await verify(room.wrong(4));
      expect((await verify(room.code(emulated, 3))).outcome).to.equal('accepted');
    });

    it(`tells a wrong, a used or a refused code nothing, by ${by}`, async () => {
      const wrong = { outcome: 'wrongCode' };
      expect(await verify(room.wrong(), DEMANDING)).to.deep.equal(wrong);
      expect(await verify(room.code(emulated, 1), DEMANDING)).to.deep.equal(wrong);
      await room.change(emulated, 'suspend');
      expect(await verify(room.code(emulated, 2), DEMANDING)).to.deep.equal(wrong);
    });

    it(`changes nothing for those who demand none or less, by ${by}`, async () => {
      const accepted = { outcome: 'accepted', serial: emulated, strength: 'mobileId' };
      expect(await verify(room.code(emulated, 2), holding('verify'))).to.deep.equal(accepted);
      expect(await verify(room.code(emulated, 3), demanding('mobileId'))).to.deep.equal(accepted);
      expect(await verify(room.code(emulated, 4), demanding('password'))).to.deep.equal(accepted);
    });
  }

  it('is reached by a token that nobody marked as emulated', async () => {
    const serial = await room.registered('FT1', ACCOUNT);
    expect(await room.verify(serial, room.code(serial, 2), DEMANDING)).to.deep.equal({
      outcome: 'accepted',
      serial,
      strength: 'hardwareToken',
    });
  });

  it('burns its code in a restore too', async () => {
    await room.verify(emulated, room.code(emulated, 5), DEMANDING);
    const used = new Map<string, number | undefined>();
    for (const entry of await room.audit()) noteUse(entry, used);
    expect(used.get(emulated)).to.equal(5);
  });

  it('has one of many uses of one code answered by anything but a refusal', async () => {
    const code = room.code(emulated, 2);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        room.verifyBy(ACCOUNT, code, n % 2 === 0 ? DEMANDING : demanding('mobileId')),
      ),
    );
    const refused = answers.filter(({ outcome }) => outcome === 'wrongCode');
    expect(refused).to.have.length(19);
  });

  it('is met by every strength that is no weaker', () => {
    const strength = fc.constantFrom(...STRENGTHS);
    fc.assert(
      fc.property(strength, strength, strength, (a, b, c) => {
        expect(isAtLeast(a, a)).to.equal(true);
        expect(isAtLeast(a, b) || isAtLeast(b, a)).to.equal(true);
        if (a !== b && isAtLeast(a, b)) expect(isAtLeast(b, a)).to.equal(false);
        if (isAtLeast(a, b) && isAtLeast(b, c)) expect(isAtLeast(a, c)).to.equal(true);
      }),
    );
    expect(STRENGTHS.filter((one) => isAtLeast(one, 'mobileId'))).to.deep.equal([
      'mobileId',
      'hardwareToken',
    ]);
  });
});

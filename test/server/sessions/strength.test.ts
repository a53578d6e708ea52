import { expect } from 'chai';
import type { Principal } from '../../../server/access/scopes.ts';
import { phonesKey } from '../../../server/phones/record.ts';
import { put, replyOnly } from '../../../server/store/port.ts';
import type { AccountId, LifeVerb, PhoneId, Serial, Strength } from '../../../shared/types.ts';
import { codeOfError, holding } from '../tokens/room.ts';
import { HOUR, MINUTE, openSessionRoom, type SessionRoom } from './room.ts';

const JENNIFER = 'jennifer' as AccountId;

describe('the strength of a session', () => {
  let room: SessionRoom;
  let serial: Serial;

  beforeEach(async () => {
    room = await openSessionRoom();
    serial = await room.holder('jennifer', 'FT1');
  });
  afterEach(() => room.store.close());

  const demanding = (requiredStrength: Strength): Principal => ({
    ...holding('sessions'),
    requiredStrength,
  });
  const elevate = (token: string, counter: number, principal?: Principal) =>
    room.sessions.elevate(token, room.code(serial, counter), room.caller(principal));

  describe('while time passes', () => {
    const WEAKENING: readonly (readonly [LifeVerb, string])[] = [
      ['lost', 'lost'],
      ['suspend', 'suspended'],
      ['lock', 'adminLocked'],
      ['revoke', 'revoked'],
    ];
    for (const [verb, why] of WEAKENING) {
      it(`falls to password when its token is ${why}, recorded once`, async () => {
        const { token, session } = await room.begin('jennifer', 'hardwareToken', serial);
        room.pass(MINUTE);
        await room.change(serial, verb);
        for (let times = 0; times < 2; times += 1) {
          expect(await room.find(token)).to.deep.include({
            strength: 'password',
            strengthAt: session.authenticatedAt,
          });
        }
        const [listed] = await room.sessions.list(JENNIFER, room.now);
        expect(listed).not.to.have.property('serial');
        expect(await room.entries('weakenSession')).to.deep.equal([
          {
            actor: 'system',
            action: 'weakenSession',
            account: 'jennifer',
            serial,
            details: { session: session.id, from: 'hardwareToken', why },
          },
        ]);
      });
    }

    it('falls when a hundred failures have disabled the token', async () => {
      const { token } = await room.begin('jennifer', 'hardwareToken', serial);
      for (let n = 0; n < 100; n += 1) {
        if (n % 9 === 0) await room.change(serial, 'unlock');
        await room.verify(serial, room.wrong(n));
        room.pass(301_000);
        await room.find(token);
      }
      expect((await room.detail(serial)).token.holds).to.include('disabled');
      const [entry] = await room.entries('weakenSession');
      expect(entry?.details).to.include({ why: 'disabled' });
    });

    it('stands while strangers lock the token by wrong codes', async () => {
      const { token } = await room.begin('jennifer', 'hardwareToken', serial);
      for (let n = 0; n < 10; n += 1) {
        await room.verify(serial, room.wrong(n));
        room.pass(301_000);
        await room.find(token);
      }
      expect((await room.detail(serial)).token.holds).to.deep.equal(['locked']);
      expect(await room.find(token)).to.include({ strength: 'hardwareToken' });
    });

    it('does not come back when the token is found again: the code is asked anew', async () => {
      const { token } = await room.begin('jennifer', 'hardwareToken', serial);
      await room.change(serial, 'lost');
      expect(await room.find(token)).to.include({ strength: 'password' });
      await room.change(serial, 'found');
      expect(await room.find(token)).to.include({ strength: 'password' });
      expect(await elevate(token, 2)).to.include({ outcome: 'accepted' });
      expect(await room.find(token)).to.include({ strength: 'hardwareToken' });
    });
  });

  describe('reached by a phone that came with the token', () => {
    const PHONE = '00112233445566aa' as PhoneId;

    beforeEach(async () => {
      const phone = { id: PHONE, number: '+12025550123', country: 'US', kind: 'text' } as const;
      const proved = { ...phone, addedAt: room.now, verifiedAt: room.now };
      const record = { version: 1, phones: [proved], earlier: [], sentAt: [] } as const;
      await room.store.transact([phonesKey(JENNIFER)], () => ({
        ...replyOnly(undefined),
        writes: [put(phonesKey(JENNIFER), record)],
      }));
    });

    const begun = async () => {
      const issued = { by: 'phone', phone: PHONE, bonusOf: serial } as const;
      const proof = { account: JENNIFER, strength: 'phoneOtp', issued } as const;
      return room.sessions.begin(proof, room.caller());
    };

    for (const [verb, why] of [
      ['revoke', 'revoked'],
      ['suspend', 'suspended'],
      ['lock', 'adminLocked'],
    ] as const) {
      it(`falls to password when the token is ${why}: the bonus ends with it`, async () => {
        const { token, session } = await begun();
        expect(await room.find(token)).to.include({ strength: 'phoneOtp' });
        await room.change(serial, verb);
        expect(await room.find(token)).to.include({ strength: 'password' });
        const [entry] = await room.entries('weakenSession');
        expect(entry?.details).to.deep.equal({ session: session.id, from: 'phoneOtp', why });
      });
    }

    it('stands while the token is lost: that is what the phone is for', async () => {
      const { token } = await begun();
      await room.change(serial, 'lost');
      expect(await room.find(token)).to.include({ strength: 'phoneOtp' });
      await room.change(serial, 'found');
      expect(await room.find(token)).to.include({ strength: 'phoneOtp' });
    });

    it('stands while strangers lock or disable the token by wrong codes', async () => {
      const { token } = await begun();
      for (let n = 0; n < 10; n += 1) {
        await room.verify(serial, room.wrong(n));
        room.pass(301_000);
        await room.find(token);
      }
      expect((await room.detail(serial)).token.holds).to.deep.equal(['locked']);
      expect(await room.find(token)).to.include({ strength: 'phoneOtp' });
    });
  });

  describe('elevate', () => {
    it('raises the strength to what the code proves', async () => {
      const { token, session } = await room.begin('jennifer');
      room.pass(MINUTE);
      const principal = holding('sessions');
      const answer = await elevate(token, 2, principal);
      const raised = { strength: 'hardwareToken', serial, strengthAt: room.now };
      expect(answer.outcome).to.equal('accepted');
      expect(answer.session).to.deep.include({ ...raised, id: session.id });
      expect(answer.session?.authenticatedAt).to.equal(session.authenticatedAt);
      expect(await room.find(token)).to.deep.include(raised);
      expect(await room.entries('verify', 'elevate')).to.deep.equal([
        {
          actor: principal.actor,
          action: 'verify',
          outcome: 'accepted',
          account: 'jennifer',
          serial,
          details: { factor: 2 },
        },
        {
          actor: principal.actor,
          action: 'elevate',
          outcome: 'accepted',
          account: 'jennifer',
          serial,
          details: { session: session.id, strength: 'hardwareToken' },
        },
      ]);
    });

    it('refuses a wrong, a used and a malformed code, and raises nothing', async () => {
      const { token } = await room.begin('jennifer');
      const { sessions } = room;
      expect(await sessions.elevate(token, room.wrong(), room.caller())).to.deep.equal({
        outcome: 'wrongCode',
      });
      expect(await elevate(token, 1)).to.deep.equal({ outcome: 'replayed' });
      expect(await elevate(token, 1, holding('sessions'))).to.deep.equal({ outcome: 'wrongCode' });
      for (const text of ['', '12345', '１２３４５６', '1234567890']) {
        const tried = sessions.elevate(token, text, room.caller());
        expect(await codeOfError(tried), text).to.equal('invalidInput');
      }
      expect(await room.find(token)).to.include({ strength: 'password' });
      expect(await room.entries('elevate')).to.deep.equal([]);
    });

    it('tells of a wait', async () => {
      const { token } = await room.begin('jennifer');
      for (let n = 0; n < 3; n += 1) {
        await room.sessions.elevate(token, room.wrong(n), room.caller());
      }
      expect(await elevate(token, 2)).to.deep.equal({ outcome: 'throttled', retryAfterSeconds: 5 });
    });

    it('has one code accepted once, by whichever of two at once', async () => {
      const { token } = await room.begin('jennifer');
      const other = await room.begin('jennifer');
      const answers = await Promise.all([
        ...Array.from({ length: 5 }, () => elevate(token, 2)),
        ...Array.from({ length: 5 }, () => elevate(other.token, 2)),
      ]);
      const outcomes = answers.map(({ outcome }) => outcome).toSorted();
      expect(outcomes).to.deep.equal(['accepted', ...Array(9).fill('replayed')]);
      const strengths = (await room.sessions.list(JENNIFER, room.now)).map((one) => one.strength);
      expect(strengths.toSorted()).to.deep.equal(['hardwareToken', 'password']);
    });

    it('throws for a session that is over, and tries no code', async () => {
      const { token } = await room.begin('jennifer');
      room.pass(HOUR);
      expect(await codeOfError(elevate(token, 2))).to.equal('unauthenticated');
      expect(await room.entries('verify')).to.deep.equal([]);
    });

    it('never lowers what was reached', async () => {
      const emulated = await room.emulatedHolder(JENNIFER, 'EM1');
      const { token, session } = await room.begin('jennifer', 'hardwareToken', serial);
      room.pass(MINUTE);
      const code = room.code(emulated, 2);
      const answer = await room.sessions.elevate(token, code, room.caller());
      expect(answer.outcome).to.equal('accepted');
      expect(answer.session).to.deep.include({
        strength: 'hardwareToken',
        serial,
        strengthAt: session.strengthAt,
      });
    });

    it('raises as far as it can, and says when that is too little', async () => {
      const emulated = await room.emulatedHolder(JENNIFER, 'EM1');
      const { token, session } = await room.begin('jennifer');
      const caller = room.caller(demanding('hardwareToken'));
      const code = room.code(emulated, 2);
      const answer = await room.sessions.elevate(token, code, caller);
      expect(answer).to.deep.include({
        outcome: 'strengthTooLow',
        requiredStrength: 'hardwareToken',
      });
      expect(answer.session).to.deep.include({ strength: 'mobileId', serial: emulated });
      expect(await room.find(token)).to.include({ strength: 'mobileId' });
      expect((await room.entries('elevate'))[0]).to.deep.include({
        outcome: 'strengthTooLow',
        details: {
          session: session.id,
          strength: 'mobileId',
          requiredStrength: 'hardwareToken',
        },
      });
      expect(await room.sessions.elevate(token, code, caller)).to.deep.equal({
        outcome: 'wrongCode',
      });
    });
  });
});

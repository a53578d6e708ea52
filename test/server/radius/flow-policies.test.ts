import { expect } from 'chai';
import { ATTRIBUTE_TYPES } from '../../../server/radius/packet.ts';
import type { ClientPolicy } from '../../../server/radius/port.ts';
import { EMULATOR_MANUFACTURER } from '../../../shared/seed-files/entry.ts';
import type { Serial } from '../../../shared/types.ts';
import { OUTCOME_TEXTS } from '../../../shared/wire/texts.ts';
import { accountOf, entryOf, OWNER, START, stream } from '../tokens/room.ts';
import { openSignIns, type SignIns, textOf } from './sign-ins.ts';

const CODE: ClientPolicy = { mode: 'code', wrongCodesPerMinute: 30 };
const CHALLENGE: ClientPolicy = { mode: 'challenge' };
const APPENDED: ClientPolicy = { mode: 'appended' };

describe('signing in by RADIUS, as the policy has it', () => {
  let signIns: SignIns;
  beforeEach(async () => {
    signIns = await openSignIns();
  });
  afterEach(() => signIns.room.store.close());

  describe('during a roll-out', () => {
    const UNTIL = START + 3_600_000;
    for (const policy of [CHALLENGE, APPENDED]) {
      const { mode } = policy;
      it(`${mode}: takes the password alone of whoever has no token, until then`, async () => {
        signIns.client({ ...policy, passwordOnlyUntil: signIns.at(new Date(UNTIL).toISOString()) });
        expect((await signIns.ask({ password: 'hunter2' })).code).to.equal('accessAccept');
        expect((await signIns.ask({ password: 'hunter3' })).code).to.equal('accessReject');
        signIns.room.pass(UNTIL - signIns.room.now);
        expect((await signIns.ask({ password: 'hunter2' })).code).not.to.equal('accessAccept');
      });

      it(`${mode}: wants the code of whoever has one`, async () => {
        const serial = await signIns.room.registered('FT1', 'jennifer');
        signIns.client({ ...policy, passwordOnlyUntil: signIns.at('2099-01-01T00:00:00Z') });
        const first = await signIns.ask({ password: 'hunter2' });
        expect(first.code).not.to.equal('accessAccept');
        const code = signIns.room.code(serial, 2);
        const password = mode === 'appended' ? `hunter2${code}` : code;
        const { state } = first;
        expect((await signIns.ask({ password, state })).code).to.equal('accessAccept');
      });
    }
  });

  describe('with a required strength', () => {
    it('says what would suffice, and uses the code up', async () => {
      const { room } = signIns;
      const serial = 'EM1' as Serial;
      const entry = { ...entryOf(serial), manufacturer: EMULATOR_MANUFACTURER };
      await room.tokens.importEntries(stream([entry]), { dryRun: false }, room.as(OWNER));
      const [code1, code2] = room.pair(serial);
      const command = { serial, account: accountOf('jennifer'), code1, code2 };
      await room.tokens.register(command, room.as(OWNER));
      signIns.client({ ...CODE, requiredStrength: 'hardwareToken' });
      signIns.client({ ...CODE, requiredStrength: 'mobileId' }, 'milder');
      const password = room.code(serial, 2);
      expect(await signIns.ask({ password })).to.include({
        code: 'accessReject',
        text: 'This needs a code of a hardware token; what was given is not enough.',
      });
      const next = room.code(serial, 3);
      expect((await signIns.ask({ password: next, client: 'milder' })).code).to.equal(
        'accessAccept',
      );
      expect((await signIns.ask({ password, client: 'milder' })).code).to.equal('accessReject');
    });
  });

  describe('in groups', () => {
    beforeEach(async () => {
      const { room } = signIns;
      const change = { organisation: 'Acme', roles: ['organisationAdmin'] as const };
      await room.accounts.change(accountOf('jennifer'), change, room.as(OWNER));
      await room.account('charlie');
      signIns.passwords.set('charlie', 'rosebud');
    });

    it('has the policy of the first that the account is of', async () => {
      const serial = await signIns.room.registered('FT1', 'jennifer');
      signIns.client({
        ...CHALLENGE,
        groups: [
          { name: 'users', role: 'user', mode: 'challenge' },
          { name: 'elsewhere', organisation: 'Other', mode: 'challenge' },
          { name: 'admins', organisation: 'Acme', role: 'organisationAdmin', mode: 'appended' },
          { name: 'acme', organisation: 'Acme', mode: 'challenge' },
        ],
      });
      const password = `hunter2${signIns.room.code(serial, 2)}`;
      expect((await signIns.ask({ password })).code).to.equal('accessAccept');
      const charlie = await signIns.ask({ user: 'charlie', password: 'rosebud' });
      expect(charlie.code).to.equal('accessChallenge');
    });

    it('fills reply attributes by strength and group', async () => {
      const serial = await signIns.room.registered('FT1', 'jennifer');
      const filling = (type: number) => ({
        fill: (facts: object) => ({ type, value: Buffer.from(JSON.stringify(facts)) }),
      });
      signIns.client({
        ...CHALLENGE,
        passwordOnlyUntil: signIns.at('2099-01-01T00:00:00Z'),
        groups: [{ name: 'acme', organisation: 'Acme', mode: 'appended' }],
        replies: [
          filling(ATTRIBUTE_TYPES.class),
          { ...filling(11), strengths: ['password'] },
          { ...filling(18), strengths: ['hardwareToken'], groups: ['acme'] },
        ],
      });
      const { attributes } = await signIns.ask({
        password: `hunter2${signIns.room.code(serial, 2)}`,
      });
      expect(attributes.map(({ type }) => type)).to.deep.equal([25, 18]);
      expect(JSON.parse(textOf(attributes, 25) ?? '')).to.deep.equal({
        account: 'jennifer',
        strength: 'hardwareToken',
        serial: 'FT1',
        group: 'acme',
      });
      const charlie = await signIns.ask({ user: 'charlie', password: 'rosebud' });
      expect(charlie.attributes.map(({ type }) => type)).to.deep.equal([25, 11]);
    });
  });

  describe('in next-code mode', () => {
    for (const policy of [CODE, CHALLENGE, APPENDED]) {
      const { mode } = policy;
      it(`${mode}: a challenge asks for the next code, which completes the sign-in`, async () => {
        await signIns.room.store.close();
        signIns = await openSignIns({ policy: { nextCodeSeconds: 90 } });
        const { room } = signIns;
        const serial = await room.registered('FT1', 'jennifer');
        signIns.client({ ...policy, nextCode: true });
        const far = room.code(serial, 400);
        const given = mode === 'appended' ? `hunter2${far}` : far;
        const state =
          mode === 'challenge' ? (await signIns.ask({ password: 'hunter2' })).state : undefined;
        const asked = await signIns.ask({ password: given, state });
        expect(asked).to.include({
          code: 'accessChallenge',
          text: OUTCOME_TEXTS.nextCodeRequired,
        });
        const password = room.code(serial, 401);
        const done = await signIns.ask({ password, state: asked.state });
        expect(done.code).to.equal('accessAccept');
      });
    }

    it('is not told to a client that has not asked for it', async () => {
      await signIns.room.store.close();
      signIns = await openSignIns({ policy: { nextCodeSeconds: 90 } });
      const serial = await signIns.room.registered('FT1', 'jennifer');
      signIns.client(CODE);
      const said = await signIns.ask({ password: signIns.room.code(serial, 400) });
      expect(said).to.include({ code: 'accessReject', text: OUTCOME_TEXTS.wrongCode });
    });
  });
});

import { expect } from 'chai';
import type { ClientPolicy } from '../../../server/radius/port.ts';
import type { Serial } from '../../../shared/types.ts';
import { OUTCOME_TEXTS, SIGN_IN_TEXTS } from '../../../shared/wire/texts.ts';
import { accountOf, EVENT, OWNER } from '../tokens/room.ts';
import { openSignIns, type SignIns } from './sign-ins.ts';

const CODE: ClientPolicy = { mode: 'code', wrongCodesPerMinute: 30 };
const CHALLENGE: ClientPolicy = { mode: 'challenge' };
const APPENDED: ClientPolicy = { mode: 'appended' };

describe('signing in by RADIUS', () => {
  let signIns: SignIns;
  beforeEach(async () => {
    signIns = await openSignIns();
  });
  afterEach(() => signIns.room.store.close());

  describe('with a code alone', () => {
    let serial: Serial;
    beforeEach(async () => {
      serial = await signIns.room.registered('FT1', 'jennifer');
      signIns.client(CODE);
    });

    it('accepts a good code once', async () => {
      const password = signIns.room.code(serial, 2);
      expect(await signIns.ask({ password })).to.include({ code: 'accessAccept', text: '' });
      expect(await signIns.ask({ password })).to.include({
        code: 'accessReject',
        text: OUTCOME_TEXTS.wrongCode,
      });
      const entries = (await signIns.room.audit()).slice(-2);
      expect(entries.map(({ actor, action, outcome }) => [actor, action, outcome])).to.deep.equal([
        ['radius:vpn', 'verify', 'accepted'],
        ['radius:vpn', 'verify', 'replayed'],
      ]);
      expect(JSON.stringify(await signIns.room.audit())).not.to.include(password);
      expect(signIns.checked).to.deep.equal([]);
    });

    it('knows the account by whatever letters it is typed in', async () => {
      const password = signIns.room.code(serial, 2);
      expect((await signIns.ask({ user: 'JENNIFER', password })).code).to.equal('accessAccept');
    });

    for (const [who, user] of [
      ['an unknown one', 'nobody'],
      ['a name that no account can have', 'EXAMPLE\\nobody'],
      ['a long one', 'n'.repeat(253)],
    ] as const) {
      it(`answers ${who} as a wrong code`, async () => {
        const known = await signIns.ask({ password: signIns.room.wrong() });
        const unknown = await signIns.ask({ user, password: signIns.room.code(serial, 2) });
        expect(unknown).to.deep.equal(known);
        expect(await signIns.room.lastEntry()).to.include({ action: 'verify' });
      });
    }

    it('refuses whoever is disabled, and says no more than to anybody', async () => {
      const { room } = signIns;
      await room.accounts.setDisabled(accountOf('jennifer'), true, {}, room.as(OWNER));
      const said = await signIns.ask({ password: room.code(serial, 2) });
      expect(said).to.include({ code: 'accessReject', text: OUTCOME_TEXTS.wrongCode });
    });

    for (const password of [undefined, '', '12345', '123456789', 'secret', '１２３４５６']) {
      it(`tests nothing for ${JSON.stringify(password)}, which is no code`, async () => {
        const before = (await signIns.room.audit()).length;
        expect((await signIns.ask({ password })).code).to.equal('accessReject');
        expect(await signIns.room.audit()).to.have.length(before);
      });
    }

    it('says how long to wait', async () => {
      for (let n = 0; n < 3; n += 1) await signIns.ask({ password: signIns.room.wrong(n) });
      const said = await signIns.ask({ password: signIns.room.code(serial, 2) });
      expect(said.text).to.equal(`${OUTCOME_TEXTS.throttled} Wait: 5 s.`);
    });

    it('limits wrong codes by source, whomever they are for, and no other source', async () => {
      signIns.client({ mode: 'code', wrongCodesPerMinute: 4 });
      const guess = (n: number, station: string) =>
        signIns.ask({ user: `user${n}`, password: signIns.room.wrong(), station });
      for (let n = 0; n < 4; n += 1) {
        expect((await guess(n, '203.0.113.5')).text).to.equal(OUTCOME_TEXTS.wrongCode);
      }
      const before = (await signIns.room.audit()).length;
      expect((await guess(4, '203.0.113.5')).text).to.match(/Wait: \d+ s\.$/);
      expect(await signIns.room.audit(), 'untested').to.have.length(before);
      expect((await guess(4, '203.0.113.6')).text).to.equal(OUTCOME_TEXTS.wrongCode);
    });

    it('counts by the client where it does not say where a person is', async () => {
      signIns.client({ mode: 'code', wrongCodesPerMinute: 1 });
      const wrong = { password: signIns.room.wrong(), station: '00-11-22-33-44-55' };
      await signIns.ask({ ...wrong, user: 'a', source: '192.0.2.1' });
      expect((await signIns.ask({ ...wrong, user: 'b', source: '192.0.2.1' })).text).to.match(
        /Wait/,
      );
      expect((await signIns.ask({ ...wrong, user: 'b', source: '192.0.2.2' })).text).not.to.match(
        /Wait/,
      );
    });

    it('counts no good code by source', async () => {
      signIns.client({ mode: 'code', wrongCodesPerMinute: 1 });
      for (let counter = 2; counter < 8; counter += 1) {
        const { code } = await signIns.ask({ password: signIns.room.code(serial, counter) });
        expect(code).to.equal('accessAccept');
      }
    });

    it('keeps the limit by account that every edge has', async () => {
      await signIns.room.store.close();
      signIns = await openSignIns({ limits: { wrongCodesPerMinuteOfAccount: 2 } });
      signIns.client(CODE);
      for (let n = 0; n < 2; n += 1) await signIns.ask({ password: signIns.room.wrong(n) });
      const before = (await signIns.room.audit()).length;
      expect((await signIns.ask({ password: signIns.room.wrong(2) })).text).to.match(/Wait: \d+ s/);
      expect(await signIns.room.audit()).to.have.length(before);
    });
  });

  describe('with the password, then the code', () => {
    let serial: Serial;
    beforeEach(async () => {
      serial = await signIns.room.registered('FT1', 'jennifer');
      signIns.client(CHALLENGE);
    });
    const begin = async (): Promise<string> => {
      const said = await signIns.ask({ password: 'hunter2' });
      expect(said).to.include({ code: 'accessChallenge', text: SIGN_IN_TEXTS.enterCode });
      if (said.state === undefined) throw new Error('no State');
      return said.state;
    };

    it('challenges, and accepts the code that comes back with the State', async () => {
      const state = await begin();
      expect(state).to.match(/^\d{20}$/);
      const password = signIns.room.code(serial, 2);
      expect((await signIns.ask({ password, state })).code).to.equal('accessAccept');
      expect(JSON.stringify(await signIns.room.audit())).not.to.include(state);
    });

    it('lets a State be answered once, whether the code was good or not', async () => {
      const state = await begin();
      const wrong = await signIns.ask({ password: signIns.room.wrong(), state });
      expect(wrong).to.include({ code: 'accessReject', text: OUTCOME_TEXTS.wrongCode });
      const again = await signIns.ask({ password: signIns.room.code(serial, 2), state });
      expect(again).to.include({ code: 'accessReject', text: SIGN_IN_TEXTS.beginAgain });
      const fresh = await begin();
      const password = signIns.room.code(serial, 2);
      expect((await signIns.ask({ password, state: fresh })).code).to.equal('accessAccept');
    });

    it('lets nobody else answer it: another client, another name, a State of his own', async () => {
      signIns.client(CHALLENGE, 'other');
      const password = signIns.room.code(serial, 2);
      const state = await begin();
      for (const asked of [
        { password, state, client: 'other' },
        { password, state: '01234567890123456789' },
        { password, state: 'x'.repeat(253) },
        { password, state, user: 'charlie' },
      ]) {
        expect(await signIns.ask(asked)).to.include({
          code: 'accessReject',
          text: SIGN_IN_TEXTS.beginAgain,
        });
      }
      // The attempt under another name was an answer: the challenge is over.
      expect((await signIns.ask({ password, state })).code).to.equal('accessReject');
    });

    it('gives two minutes', async () => {
      const [early, late] = [await begin(), await begin()];
      signIns.elapsed += 119_999;
      const password = signIns.room.code(serial, 2);
      expect((await signIns.ask({ password, state: early })).code).to.equal('accessAccept');
      signIns.elapsed += 1;
      const next = signIns.room.code(serial, 3);
      expect((await signIns.ask({ password: next, state: late })).text).to.equal(
        SIGN_IN_TEXTS.beginAgain,
      );
    });

    it('challenges nobody without the right password, and tests no code', async () => {
      const before = (await signIns.room.audit()).length;
      for (const user of ['jennifer', 'nobody']) {
        expect(await signIns.ask({ user, password: 'hunter3' })).to.include({
          code: 'accessReject',
          text: SIGN_IN_TEXTS.wrongPassword,
        });
      }
      expect(await signIns.room.audit()).to.have.length(before);
    });

    it('challenges whoever has no token as well: it comes to nothing', async () => {
      await signIns.room.account('charlie');
      signIns.passwords.set('charlie', 'rosebud');
      const { code, state } = await signIns.ask({ user: 'charlie', password: 'rosebud' });
      expect(code).to.equal('accessChallenge');
      const password = signIns.room.wrong();
      expect((await signIns.ask({ user: 'charlie', password, state })).text).to.equal(
        OUTCOME_TEXTS.wrongCode,
      );
    });

    it('hands the password on with where the person is', async () => {
      await signIns.ask({ password: 'hunter2', station: '2001:db8::1:2:3:4' });
      await signIns.ask({ password: 'hunter2', station: 'desk 4', source: '10.1.2.3' });
      expect(signIns.checked.map(({ source }) => source)).to.deep.equal(['2001:db8::', '10.1.2.3']);
    });

    it('says when to come back, and that an account is disabled', async () => {
      signIns.passwordAnswer = { outcome: 'throttled', retryAfterSeconds: 40 };
      expect((await signIns.ask({ password: 'x' })).text).to.match(/Wait: 40 s\.$/);
      signIns.passwordAnswer = { outcome: 'disabled' };
      expect(await signIns.ask({ password: 'x' })).to.include({
        code: 'accessReject',
        text: SIGN_IN_TEXTS.accountDisabled,
      });
    });

    it('says nothing while the directory cannot be reached', async () => {
      signIns.isDirectoryDown = true;
      expect((await signIns.ask({ password: 'hunter2' })).code).to.equal('silence');
    });
  });

  describe('with the code behind the password', () => {
    let serial: Serial;
    beforeEach(async () => {
      serial = await signIns.room.registered('FT1', 'jennifer');
      signIns.client(APPENDED);
    });

    it('accepts both in one, once', async () => {
      const password = `hunter2${signIns.room.code(serial, 2)}`;
      expect((await signIns.ask({ password })).code).to.equal('accessAccept');
      expect((await signIns.ask({ password })).text).to.equal(SIGN_IN_TEXTS.wrongPasswordOrCode);
    });

    it('splits by the digits of the token that is tested', async () => {
      const { room } = signIns;
      const long = await room.registered('FT8', 'jennifer', { ...EVENT, digits: 8 });
      const password = `hunter2${room.code(long, 2)}`;
      expect((await signIns.ask({ password })).code).to.equal('accessAccept');
      await room.tokens.changeLife({ serial: long, verb: 'lost' }, room.as(OWNER));
      const other = `hunter2${room.code(serial, 2)}`;
      expect((await signIns.ask({ password: other })).code).to.equal('accessAccept');
    });

    it('is one reply and the same work, whichever of the two is wrong', async () => {
      const { room } = signIns;
      const good = room.code(serial, 2);
      const replies = [
        await signIns.ask({ password: `hunter3${good}` }),
        await signIns.ask({ password: `hunter2${room.wrong()}` }),
        await signIns.ask({ password: `hunter3${room.wrong(1)}` }),
        await signIns.ask({ user: 'nobody', password: `hunter2${good}` }),
      ];
      for (const said of replies) expect(said).to.deep.equal(replies[0]);
      const entries = (await room.audit()).slice(-4);
      expect(entries.map(({ action }) => action)).to.deep.equal(Array(4).fill('verify'));
      expect(entries.map(({ account }) => account === 'jennifer')).to.deep.equal([
        false,
        true,
        false,
        false,
      ]);
      // Neither burnt nor counted by those who did not know the password.
      expect((await signIns.ask({ password: `hunter2${good}` })).code).to.equal('accessAccept');
    });

    it('tells nobody by a wait that the password was right', async () => {
      const { room } = signIns;
      for (let n = 0; n < 3; n += 1) await signIns.ask({ password: `hunter2${room.wrong(n)}` });
      const said = await signIns.ask({ password: `hunter2${room.code(serial, 2)}` });
      expect(await room.lastEntry()).to.include({ outcome: 'throttled' });
      expect(said.text).to.equal(SIGN_IN_TEXTS.wrongPasswordOrCode);
    });

    for (const password of [undefined, '', 'hunter2', '123456', 'hunter2 12345a']) {
      it(`tests nothing for ${JSON.stringify(password)}`, async () => {
        const said = await signIns.ask({ password });
        expect(said.text).to.equal(SIGN_IN_TEXTS.wrongPasswordOrCode);
        expect(signIns.checked).to.deep.equal([]);
      });
    }

    it('does not tell of a disabled account', async () => {
      signIns.passwordAnswer = { outcome: 'disabled' };
      const said = await signIns.ask({ password: `hunter2${signIns.room.code(serial, 2)}` });
      expect(said.text).to.equal(SIGN_IN_TEXTS.wrongPasswordOrCode);
    });
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { PASSWORDS, passwordKey } from '../../../server/accounts/password-record.ts';
import { replyOnly } from '../../../server/store/port.ts';
import { errorOf, GOOD, idOf, openRoom, QUICK, Room, START } from './room.ts';

const NOBODY = 'nobody-of-this-name';

describe('own passwords', () => {
  it('accept the right one under any case of the name, and record who and from where', async () => {
    const room = await openRoom();
    await room.add('Jennifer');
    expect(await room.check('  jenNIFER ', GOOD, '192.0.2.7')).to.deep.equal({
      outcome: 'accepted',
      account: 'Jennifer',
      passwordSetAt: START,
    });
    const [entry] = await room.signIns();
    expect(entry).to.deep.include({
      outcome: 'accepted',
      account: 'Jennifer',
      details: { source: '192.0.2.7' },
    });
  });

  it('keep nothing of a password but a keyed hash', async () => {
    const room = await openRoom();
    await room.add('jennifer');
    await room.check('jennifer', 'wrong password');
    const hash = await room.store.transact([passwordKey(idOf('jennifer'))], ([record]) =>
      replyOnly(record?.hash),
    );
    expect(hash).to.match(/^\$argon2id\$v=19\$m=8,t=1,p=1\$/);
    const other = new Room(room.store, { rootKey: new Uint8Array(32).fill(2) });
    expect((await other.check('jennifer', GOOD)).outcome).to.equal('wrongPassword');
    const dump = JSON.stringify(await room.log());
    expect(dump).not.to.include('wrong password').and.not.to.include(GOOD);
  });

  it('answer and record a wrong one the same whether or not anybody has the name', async () => {
    const room = await openRoom();
    await room.add('jennifer');
    await room.accounts.add({ id: idOf('without') }, room.caller);
    const answers = [];
    for (const user of ['jennifer', 'without', NOBODY, '', '\u0000', 'x'.repeat(5000)]) {
      answers.push(await room.check(user, 'a wrong one', '192.0.2.7'));
    }
    for (const answer of answers) expect(answer).to.deep.equal({ outcome: 'wrongPassword' });
    const signIns = await room.signIns();
    expect(signIns.map(({ account }) => account)).to.deep.equal([
      'jennifer',
      'without',
      ...Array.from({ length: 4 }, () => undefined),
    ]);
    for (const { outcome, details } of signIns) {
      expect({ outcome, details }).to.deep.equal({
        outcome: 'wrongPassword',
        details: { source: '192.0.2.7' },
      });
    }
  });

  it('make everybody wait after three wrong ones, from 5 s to 300 s, nobody included', async () => {
    for (const user of ['jennifer', NOBODY]) {
      const room = await openRoom();
      await room.add('jennifer');
      const waits: number[] = [];
      for (let count = 1; count <= 11; count += 1) {
        expect((await room.check(user, `wrong ${count}`)).outcome).to.equal('wrongPassword');
        if (count < 3) continue;
        const answer = await room.check(user, GOOD);
        const wait = answer.outcome === 'throttled' ? answer.retryAfterSeconds : 0;
        waits.push(wait);
        room.wait(wait);
      }
      expect(waits, user).to.deep.equal([5, 10, 20, 40, 80, 160, 300, 300, 300]);
    }
  });

  it('begin to count anew after a right one', async () => {
    const room = await openRoom();
    await room.add('jennifer');
    for (let round = 0; round < 3; round += 1) {
      await room.check('jennifer', `wrong ${round}`);
      await room.check('jennifer', `wrong too ${round}`);
      expect((await room.check('jennifer', GOOD)).outcome).to.equal('accepted');
    }
  });

  it('count a wrong one once when a client repeats it within a minute', async () => {
    const room = await openRoom();
    await room.add('jennifer');
    for (let time = 0; time < 10; time += 1) await room.check('jennifer', 'the same wrong');
    expect((await room.check('jennifer', 'another')).outcome).to.equal('wrongPassword');
    room.wait(60);
    expect((await room.check('jennifer', 'another')).outcome).to.equal('wrongPassword');
    expect((await room.check('jennifer', GOOD)).outcome).to.equal('throttled');
  });

  it('are spent by a hundred wrong ones until one is set, and no guesser is told', async () => {
    for (const user of ['jennifer', NOBODY]) {
      const room = await openRoom();
      await room.add('jennifer');
      const outcomes = await room.fail(user, 100);
      expect(new Set(outcomes)).to.deep.equal(new Set(['wrongPassword']));
      expect((await room.check(user, GOOD)).outcome, user).to.equal('wrongPassword');
      room.wait(300);
      if (user === NOBODY) continue;
      expect((await room.signIns()).at(-1)).to.include({ outcome: 'locked', account: user });
      await room.passwords.set(idOf(user), `${GOOD} again`, room.caller);
      expect((await room.check(user, `${GOOD} again`)).outcome).to.equal('accepted');
    }
  });

  it('tell of a disabled account to who knows the password alone', async () => {
    const room = await openRoom();
    await room.add('jennifer');
    await room.accounts.setDisabled(idOf('jennifer'), true, {}, room.caller);
    expect(await room.check('jennifer', 'wrong')).to.deep.equal({ outcome: 'wrongPassword' });
    expect(await room.check('jennifer', GOOD)).to.deep.equal({ outcome: 'disabled' });
    await room.accounts.setDisabled(idOf('jennifer'), false, {}, room.caller);
    expect((await room.check('jennifer', GOOD)).outcome).to.equal('accepted');
  });

  it('judge no more of many at once than one after the other', async () => {
    const room = await openRoom();
    await room.add('jennifer');
    const wrong = Array.from({ length: 30 }, (_, guess) => room.check('jennifer', `no ${guess}`));
    const answers = await Promise.all([...wrong, room.check('jennifer', GOOD)]);
    const outcomes = answers.map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'wrongPassword')).to.have.length(3);
    expect(outcomes.at(-1)).to.equal('throttled');
  });

  it('are hashed anew at a sign-in when more is asked for', async () => {
    const room = await openRoom();
    await room.add('jennifer');
    const dearer = new Room(room.store, {
      hashing: { parameters: { ...QUICK, memoryKibibytes: 16 } },
    });
    expect((await dearer.check('jennifer', 'wrong')).outcome).to.equal('wrongPassword');
    const hashNow = async () => (await room.store.scan(PASSWORDS, { limit: 1 })).items[0]?.hash;
    expect(await hashNow()).to.include('m=8,');
    expect((await dearer.check('jennifer', GOOD)).outcome).to.equal('accepted');
    expect(await hashNow()).to.include('m=16,');
    expect((await dearer.check('jennifer', GOOD)).outcome).to.equal('accepted');
    expect((await room.store.scan(PASSWORDS, { limit: 1 })).items[0]?.setAt).to.equal(START);
  });

  it('are one password however a keyboard composes it', async () => {
    const room = await openRoom();
    await room.add('jennifer', 'caf\u00e9 au lait chaud');
    expect((await room.check('jennifer', 'cafe\u0301 au\u00a0lait chaud')).outcome).to.equal(
      'accepted',
    );
    expect((await room.check('jennifer', 'Caf\u00e9 au lait chaud')).outcome).to.equal(
      'wrongPassword',
    );
  });

  it('can be taken away, once', async () => {
    const room = await openRoom();
    await room.add('jennifer');
    await room.passwords.remove(idOf('jennifer'), room.caller);
    expect((await room.check('jennifer', GOOD)).outcome).to.equal('wrongPassword');
    const again = await errorOf(room.passwords.remove(idOf('jennifer'), room.caller));
    expect(again.code).to.equal('notAllowedNow');
    for (const work of [
      room.passwords.remove(idOf(NOBODY), room.caller),
      room.passwords.set(idOf(NOBODY), GOOD, room.caller),
    ]) {
      expect((await errorOf(work)).code).to.equal('notFound');
    }
  });

  it('refuse more than may wait, and count nothing then', async () => {
    const room = await openRoom({ hashing: { parameters: QUICK, atOnce: 1, waitingMax: 1 } });
    await room.accounts.add({ id: idOf('jennifer') }, room.caller);
    const asked = Array.from({ length: 5 }, () => room.check('jennifer', 'same wrong'));
    const settled = await Promise.allSettled(asked);
    const refused = settled.filter(({ status }) => status === 'rejected');
    expect(refused).to.have.length(3);
    for (const one of refused) expect(one).to.have.nested.property('reason.code', 'unavailable');
    expect(await room.signIns()).to.have.length(2);
  });

  describe('when they are set', () => {
    const refusedAs = (...rows: [string, string, string][]) =>
      rows.map(([what, password, code]) => ({ what, password, code }));
    for (const { what, password, code } of refusedAs(
      ['an empty one', '', 'tooShort'],
      ['seven characters', 'gLk4$xY', 'tooShort'],
      ['seven characters of two halves each', '\u{1F600}'.repeat(7), 'tooShort'],
      ['257 characters', `${'x!'.repeat(128)}y`, 'tooLong'],
      ['a megabyte', 'y'.repeat(1_000_000), 'tooLong'],
      ['a newline in it', 'seven tame\nwalruses', 'badFormat'],
      ['half a surrogate pair', 'seven tame \ud800 walruses', 'badFormat'],
      ['the commonest of all', 'password', 'breached'],
      ['a common one in other case', 'SunShine', 'breached'],
      [
        'a common one in wide letters',
        '\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44',
        'breached',
      ],
      ['the id', 'jennifer.blue', 'notAllowed'],
      ['the id with a year', 'JenniferBlue2026', 'notAllowed'],
      ['the e-mail address', 'j.blue+vpn@example.com', 'notAllowed'],
      ["the e-mail address's first part", 'j-blue-vpn', 'notAllowed'],
      ['the organisation', 'Examples & Sons 1', 'notAllowed'],
      ['the legal name', 'jennifer marie blue', 'notAllowed'],
    )) {
      it(`refuse ${what}: ${code}`, async () => {
        const room = await openRoom();
        const account = {
          id: idOf('jennifer.blue'),
          legalName: 'Jennifer Marie Blue',
          organisation: 'Examples & Sons',
          email: 'j.blue+vpn@example.com',
        };
        await room.accounts.add(account, room.caller);
        const error = await errorOf(room.passwords.set(account.id, password, room.caller));
        expect(error.errors).to.deep.equal([{ field: '/password', code }]);
        if (password.length > 10) expect(JSON.stringify(error)).not.to.include(password);
        expect(await room.log()).to.have.length(1);
      });
    }

    it('take any other text of 8 to 256 characters', async () => {
      const room = await openRoom();
      await room.accounts.add({ id: idOf('jennifer') }, room.caller);
      await fc.assert(
        fc.asyncProperty(
          fc.string({ unit: 'grapheme', minLength: 12, maxLength: 100 }),
          async (text) => {
            fc.pre([...text.normalize('NFKC')].length >= 8 && !/\p{Cc}/u.test(text));
            await room.passwords.set(idOf('jennifer'), text, room.caller);
            const { outcome } = await room.check('jennifer', text);
            expect(outcome).to.equal('accepted');
          },
        ),
        { numRuns: 50 },
      );
    });
  });
});

describe('limits on passwords', () => {
  const elapsedMillis = () => 0;
  const numbers = { passwordsPerMinuteOfSource: 5, wrongPasswordsPerMinuteOfAccount: 4 };
  const limits = { ...numbers, elapsedMillis };

  it('turn a source away after its wrong ones, untested and unrecorded', async () => {
    const room = await openRoom({ limits });
    await room.add('jennifer');
    for (let guess = 0; guess < 5; guess += 1) {
      expect((await room.check(`user${guess}`, 'wrong', '192.0.2.7')).outcome).to.equal(
        'wrongPassword',
      );
    }
    const answer = await room.check('jennifer', GOOD, '192.0.2.7');
    expect(answer.outcome).to.equal('throttled');
    expect(answer).to.have.property('retryAfterSeconds').within(1, 60);
    expect(await room.signIns()).to.have.length(5);
    expect((await room.check('jennifer', GOOD, '192.0.2.8')).outcome).to.equal('accepted');
  });

  it('never count good ones', async () => {
    const room = await openRoom({ limits });
    await room.add('jennifer');
    for (let time = 0; time < 20; time += 1) {
      expect((await room.check('jennifer', GOOD, '192.0.2.7')).outcome).to.equal('accepted');
    }
  });

  it('turn a name away in any case, from any source, whether anybody has it', async () => {
    for (const user of ['jennifer', NOBODY]) {
      const room = await openRoom({ limits });
      await room.add('jennifer');
      for (let guess = 0; guess < 4; guess += 1) {
        await room.check(guess % 2 ? user : user.toUpperCase(), 'same', `192.0.2.${guess}`);
      }
      expect((await room.check(user, GOOD, '192.0.2.9')).outcome).to.equal('throttled');
      expect(await room.signIns()).to.have.length(4);
    }
  });

  it('can be turned off', async () => {
    const room = await openRoom({
      limits: { ...limits, passwordsPerMinuteOfSource: 0, wrongPasswordsPerMinuteOfAccount: 0 },
    });
    for (let guess = 0; guess < 50; guess += 1) {
      const { outcome } = await room.check(`user${guess}`, 'wrong', '192.0.2.7');
      expect(outcome).to.equal('wrongPassword');
    }
  });
});

import { expect } from 'chai';
import type { DirectoryEntry } from '../../../server/accounts/directory/port.ts';
import { ACCOUNT_NAMES } from '../../../server/accounts/names.ts';
import { errorOf, GOOD, idOf, MemoryDirectory, openRoom, type Room } from './room.ts';

const JENNIFER: DirectoryEntry = {
  id: '5e0c7a39-1111-4000-8000-000000000001',
  userName: 'jblue',
  principalName: 'jennifer.blue@corp.example',
  legalName: 'Jennifer Blue',
  email: 'jennifer@example.com',
  organisation: 'Example Ltd',
  country: 'us',
  disabled: false,
};

interface World {
  readonly room: Room;
  readonly directory: MemoryDirectory;
}

async function open(patience?: {
  readonly failuresBeforeWait: number;
  readonly waitSeconds: number;
}): Promise<World> {
  const directory = new MemoryDirectory();
  directory.put(JENNIFER, GOOD);
  return { directory, room: await openRoom({ directory, patience }) };
}

const accountsIn = async ({ store }: Room): Promise<number> =>
  (await store.scan(ACCOUNT_NAMES, { limit: 500 })).items.length;

describe("a directory's passwords", () => {
  it('make the account at the first sign-in, and every name of it reaches that one', async () => {
    const { room } = await open();
    const accepted = { outcome: 'accepted', account: 'jblue' };
    for (const user of ['CORP\\jblue', 'jblue', 'JBlue', 'jennifer.blue@CORP.example']) {
      expect(await room.check(user, GOOD), user).to.deep.equal(accepted);
    }
    const { items } = await room.accounts.list({ limit: 10 });
    expect(items).to.have.length(1);
    expect(items[0]).to.deep.include({
      id: 'jblue',
      legalName: 'Jennifer Blue',
      email: 'jennifer@example.com',
      organisation: 'Example Ltd',
      country: 'US',
      directoryId: JENNIFER.id,
    });
    for (const user of ['corp\\JBLUE', 'JENNIFER.BLUE@corp.example', 'jBlue']) {
      expect(await room.accounts.resolve(user), user).to.equal('jblue');
    }
    const log = await room.log();
    expect(log.map(({ action, outcome }) => `${action} ${outcome ?? ''}`.trim())).to.deep.equal([
      'addAccount',
      ...Array.from({ length: 4 }, () => 'signIn accepted'),
    ]);
  });

  it('make one account of many first sign-ins at once', async () => {
    const { room } = await open();
    const users = ['CORP\\jblue', 'jblue', 'jennifer.blue@corp.example'];
    const asked = users.map((user) => room.check(user, GOOD));
    const answers = await Promise.all(asked);
    for (const answer of answers) {
      expect(answer).to.deep.equal({ outcome: 'accepted', account: 'jblue' });
    }
    expect((await room.accounts.list({ limit: 10 })).items).to.have.length(1);
  });

  it('find the account again by its id when the person is called otherwise', async () => {
    const { room, directory } = await open();
    await room.check('CORP\\jblue', GOOD);
    const renamed = { ...JENNIFER, userName: 'jgreen', principalName: 'jennifer@corp.example' };
    directory.put(renamed, GOOD);
    expect(await room.check('jgreen', GOOD)).to.deep.equal({
      outcome: 'accepted',
      account: 'jblue',
    });
    expect(await room.accounts.resolve('jennifer@corp.example')).to.equal('jblue');
    expect(await room.accounts.resolve('jennifer.blue@corp.example')).to.equal(undefined);
    expect(await room.accounts.resolve('CORP\\jblue')).to.equal(undefined);
    // Its id stays its name here.
    expect(await room.accounts.resolve('JBLUE')).to.equal('jblue');
  });

  it('make another account when another person has the name now', async () => {
    const { room, directory } = await open();
    await room.check('jblue', GOOD);
    directory.put({ ...JENNIFER, userName: 'jgreen', principalName: 'j@corp.example' }, GOOD);
    const other = { ...JENNIFER, id: '5e0c7a39-2222', legalName: 'Joe Blue' };
    directory.put(other, 'another good one');
    expect(await room.check('jblue', 'another good one')).to.deep.equal({
      outcome: 'accepted',
      account: 'directory-5e0c7a39-2222',
    });
    expect(await room.check('jgreen', GOOD)).to.deep.equal({
      outcome: 'accepted',
      account: 'jblue',
    });
    expect(await room.accounts.resolve('jennifer.blue@corp.example')).to.equal(
      'directory-5e0c7a39-2222',
    );
  });

  it('leave an account alone that has, or had, a password here', async () => {
    const { room, directory } = await open();
    await room.add('jblue', 'a password of its own');
    expect((await room.check('jblue', 'a password of its own')).outcome).to.equal('accepted');
    expect((await room.check('jblue', GOOD)).outcome).to.equal('wrongPassword');
    await room.passwords.remove(idOf('jblue'), room.caller);
    expect((await room.check('jblue', GOOD)).outcome).to.equal('wrongPassword');
    expect(directory.asked).to.equal(0);
    expect(await room.check('CORP\\jblue', GOOD)).to.deep.equal({
      outcome: 'accepted',
      account: 'jennifer.blue@corp.example',
    });
  });

  it('belong to an account that was added for the entry, with whatever it has', async () => {
    const { room } = await open();
    await room.accounts.add({ id: idOf('JBlue'), legalName: 'J. M. Blue' }, room.caller);
    expect(await room.check('CORP\\jblue', GOOD)).to.deep.equal({
      outcome: 'accepted',
      account: 'JBlue',
    });
    expect(await room.accounts.get(idOf('JBlue'))).to.include({
      legalName: 'J. M. Blue',
      directoryId: JENNIFER.id,
    });
  });

  it('are refused as disabled to who knows them, and end what rests on the account', async () => {
    const { room, directory } = await open();
    await room.check('jblue', GOOD);
    directory.put({ ...JENNIFER, disabled: true }, GOOD);
    expect(await room.check('jblue', 'a wrong one')).to.deep.equal({ outcome: 'wrongPassword' });
    expect(await room.accounts.get(idOf('jblue'))).not.to.have.property('directoryDisabledAt');
    expect(await room.check('jblue', GOOD)).to.deep.equal({ outcome: 'disabled' });
    expect(await room.accounts.get(idOf('jblue'))).to.include({ directoryDisabledAt: room.now });
    expect((await room.signIns()).at(-1)).to.include({ outcome: 'disabled', account: 'jblue' });
    directory.put(JENNIFER, GOOD);
    expect((await room.check('jblue', GOOD)).outcome).to.equal('accepted');
    expect(await room.accounts.get(idOf('jblue'))).not.to.have.property('directoryDisabledAt');
  });

  it('make no account for somebody who is disabled there', async () => {
    const { room, directory } = await open();
    directory.put({ ...JENNIFER, disabled: true }, GOOD);
    expect(await room.check('jblue', GOOD)).to.deep.equal({ outcome: 'disabled' });
    expect(await accountsIn(room)).to.equal(0);
  });

  it('do not open an account that is disabled here', async () => {
    const { room } = await open();
    await room.check('jblue', GOOD);
    await room.accounts.setDisabled(idOf('jblue'), true, {}, room.caller);
    expect(await room.check('jblue', GOOD)).to.deep.equal({ outcome: 'disabled' });
  });

  it('cannot be set or taken away here', async () => {
    const { room } = await open();
    await room.check('jblue', GOOD);
    for (const work of [
      room.passwords.set(idOf('jblue'), 'a password of its own', room.caller),
      room.passwords.remove(idOf('jblue'), room.caller),
    ]) {
      expect((await errorOf(work)).code).to.equal('notAllowedNow');
    }
  });

  it('change, count and record nothing while the directory cannot be reached', async () => {
    const { room, directory } = await open();
    await room.check('jblue', GOOD);
    const before = await room.log();
    directory.isReachable = false;
    for (let time = 0; time < 10; time += 1) {
      const error = await errorOf(room.check('jblue', `wrong ${time}`));
      expect(error.code).to.equal('unavailable');
    }
    directory.isReachable = true;
    expect(await room.log()).to.deep.equal(before);
    expect((await room.check('jblue', GOOD)).outcome).to.equal('accepted');
  });

  it('are never tried more often than the wait allows, whatever the name and at once', async () => {
    const { room, directory } = await open();
    await room.check('jblue', GOOD);
    const users = ['jblue', 'CORP\\jblue', 'jennifer.blue@corp.example'];
    const guesses = Array.from({ length: 8 }, (_, guess) =>
      room.check(users[guess % 3] ?? '', `wrong ${guess}`),
    );
    const outcomes = (await Promise.all(guesses)).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'wrongPassword')).to.have.length(3);
    expect(directory.wrong.get(JENNIFER.id)).to.equal(3);
    expect(await room.check('jblue', GOOD)).to.deep.equal({
      outcome: 'throttled',
      retryAfterSeconds: 1800,
    });
    room.wait(1799);
    expect((await room.check('jblue', GOOD)).outcome).to.equal('throttled');
    room.wait(1);
    expect((await room.check('jblue', GOOD)).outcome).to.equal('accepted');
    expect(directory.wrong.get(JENNIFER.id)).to.equal(3);
  });

  it('count as long as the directory remembers, without an account too', async () => {
    const { room, directory } = await open({ failuresBeforeWait: 2, waitSeconds: 600 });
    for (let time = 0; time < 20; time += 1) {
      expect((await room.check('jblue', `wrong ${time}`)).outcome).to.equal('wrongPassword');
      room.wait(600);
    }
    expect((await room.check('jblue', 'wrong a')).outcome).to.equal('wrongPassword');
    expect((await room.check('jblue', 'wrong b')).outcome).to.equal('wrongPassword');
    expect((await room.check('jblue', GOOD)).outcome).to.equal('throttled');
    expect(directory.wrong.get(JENNIFER.id)).to.equal(22);
  });

  it('are not tried again while a client repeats the wrong one', async () => {
    const { room, directory } = await open();
    for (let time = 0; time < 10; time += 1) {
      expect((await room.check('jblue', 'the same wrong')).outcome).to.equal('wrongPassword');
    }
    expect(directory.asked).to.equal(1);
  });

  it('make every name wait alike, be it the directory’s, fobd’s or nobody’s', async () => {
    const { room } = await open();
    await room.add('localadmin');
    const wrong = { outcome: 'wrongPassword' };
    for (const user of ['jblue', 'localadmin', 'nobody']) {
      const answers: unknown[] = [];
      for (let time = 0; time < 4; time += 1) {
        answers.push(await room.check(user, `wrong ${time}`));
      }
      const wait = { outcome: 'throttled', retryAfterSeconds: 1800 };
      expect(answers, user).to.deep.equal([wrong, wrong, wrong, wait]);
    }
    room.wait(1800);
    expect((await room.check('localadmin', GOOD)).outcome).to.equal('accepted');
  });

  it('count what can be no password where the others count, unasked', async () => {
    for (const user of ['jblue', 'nobody']) {
      const { room, directory } = await open();
      for (const text of ['', '\t', 'x'.repeat(257)]) {
        expect((await room.check(user, text)).outcome, user).to.equal('wrongPassword');
      }
      expect((await room.check(user, GOOD)).outcome, user).to.equal('throttled');
      expect(directory.asked).to.equal(0);
    }
  });

  it('are never asked for with an empty one, which a bind would accept', async () => {
    const { room, directory } = await open();
    expect((await room.check('jblue', '')).outcome).to.equal('wrongPassword');
    expect(directory.asked).to.equal(0);
  });

  it('take no part of an entry that cannot stand in an account', async () => {
    const { room, directory } = await open();
    const strange = {
      id: 'strange',
      userName: 'Jos\u00e9 Ma\u00f1ana',
      legalName: 'a\u0000b',
      country: 'XX',
      email: 'x'.repeat(500),
    };
    directory.put(strange, GOOD);
    const answer = await room.check('jos\u00e9 ma\u00f1ana', GOOD);
    expect(answer).to.deep.equal({ outcome: 'accepted', account: 'directory-strange' });
    const account = await room.accounts.get(idOf('directory-strange'));
    expect(account).not.to.have.any.keys('legalName', 'country', 'email');
    expect(await room.accounts.resolve('JOS\u00c9 MA\u00d1ANA')).to.equal('directory-strange');
  });
});

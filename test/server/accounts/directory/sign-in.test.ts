import { expect } from 'chai';
import { openDirectory } from '../../../../server/accounts/directory/ldap.ts';
import type { DirectoryOptions } from '../../../../server/accounts/directory/options.ts';
import type { Directory } from '../../../../server/accounts/directory/port.ts';
import { LOCKS_AFTER, PASSWORD, type People, peopleOrSkip, UNIX } from './people.ts';

describe('signing in by a directory', () => {
  let people: People;
  const opened: Directory[] = [];
  before(async function () {
    people = await peopleOrSkip(this);
  });
  afterEach(() => Promise.all(opened.splice(0).map((directory) => directory.close())));
  after(() => people?.remove());

  function open(options: DirectoryOptions): Directory {
    const directory = openDirectory(options, { now: () => Date.now() });
    opened.push(directory);
    return directory;
  }

  it('accepts the right password, and says who it is', async () => {
    const answer = await open(people.unix()).signIn('alice', PASSWORD);
    if (answer.result !== 'accepted') throw new Error(answer.result);
    const { id, ...entry } = answer.entry;
    expect(id).to.match(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect([id]).to.deep.equal(await people.slapd.read(`uid=alice,${UNIX}`, 'entryUUID'));
    expect(entry).to.deep.equal({
      userName: 'alice',
      legalName: 'alice',
      email: 'alice@example.com',
      organisation: 'Example',
      disabled: false,
    });
  });

  it('refuses a wrong password, naming the entry that it counts on', async () => {
    const answer = await open(people.unix()).signIn('bob', `${PASSWORD}?`);
    expect(answer).to.deep.include({ result: 'wrongPassword' });
    if (answer.result !== 'wrongPassword') throw new Error(answer.result);
    expect(answer.entry.userName).to.equal('bob');
  });

  it('knows nobody of a name that nobody has', async () => {
    const directory = open(people.unix());
    expect(await directory.signIn('nobody', PASSWORD)).to.deep.equal({ result: 'unknown' });
    expect(await directory.find('nobody')).to.equal(undefined);
  });

  it('finds none by a name that fits several', async () => {
    const directory = open(people.unix());
    expect(await directory.signIn('twin', PASSWORD)).to.deep.equal({ result: 'unknown' });
    expect(await directory.signIn('other', PASSWORD)).to.deep.include({ result: 'accepted' });
  });

  it('reaches one entry by three forms of the name, in any case', async () => {
    const directory = open(people.windows({ principalSuffixes: ['corp.example'] }));
    const forms = ['alice', 'ALICE', 'CORP\\alice', 'corp\\Alice', 'a.person@corp.example'];
    for (const form of forms) {
      const answer = await directory.signIn(form, PASSWORD);
      expect(answer, form).to.deep.equal({
        result: 'accepted',
        entry: {
          // ff fe 61 6c 69 63 65 2e ..., the first three fields little-endian.
          id: '6c61feff-6369-2e65-2e2e-2e2e2e2e2e2e',
          userName: 'alice',
          principalName: 'a.person@corp.example',
          legalName: 'Alice Person',
          email: 'alice@corp.example',
          organisation: 'Example',
          country: 'CH',
          disabled: false,
        },
      });
    }
    for (const other of ['OTHER\\alice', '\\alice', 'a.person@other.example', 'CORP\\']) {
      expect(await directory.signIn(other, PASSWORD), other).to.deep.equal({ result: 'unknown' });
    }
  });

  it('tells somebody disabled, expired or to change the password from others', async () => {
    const windows = open(people.windows());
    const unix = open(people.unix());
    for (const [directory, name, reason] of [
      [windows, 'disabled', 'disabled'],
      [windows, 'CORP\\disabled', 'disabled'],
      [windows, 'disabled@corp.example', 'disabled'],
      [windows, 'expired', 'expired'],
      [unix, 'carol', 'expired'],
      [unix, 'reset', 'passwordExpired'],
    ] as const) {
      const answer = await directory.signIn(name, PASSWORD);
      expect(answer.result, name).to.equal('disabled');
      expect(await directory.find(name)).to.deep.include({ disabled: true, reason });
      const wrong = await directory.signIn(name, 'wrong');
      expect(wrong.result, `${name}, wrong password`).to.equal('wrongPassword');
    }
  });

  it('lets a lock that the directory no longer holds stand in nobody’s way', async () => {
    const directory = open(people.windows());
    const answer = await directory.signIn('wasLocked', PASSWORD);
    if (answer.result !== 'accepted') throw new Error(answer.result);
    expect(answer.entry.disabled).to.equal(false);
    expect(answer.entry).not.to.have.property('reason');
  });

  it('reports whom the directory has locked, whatever the password', async () => {
    const directory = open(people.unix());
    for (let count = 1; count <= LOCKS_AFTER; count += 1) {
      const answer = await directory.signIn('lockable', `wrong ${count}`);
      expect(answer.result).to.equal('wrongPassword');
    }
    const answer = await directory.signIn('lockable', PASSWORD);
    if (answer.result !== 'wrongPassword') throw new Error(answer.result);
    expect(answer.entry).to.deep.include({ disabled: true, reason: 'locked' });
    await people.slapd.replace(`uid=lockable,${UNIX}`, 'pwdAccountLockedTime');
    expect((await directory.signIn('lockable', PASSWORD)).result).to.equal('accepted');
  });

  it('never binds without a password', async () => {
    const directory = open(people.unix());
    for (const password of ['', '\0', `\0${PASSWORD}`, `${PASSWORD}\0`]) {
      const answer = await directory.signIn('patient', password);
      expect(answer, JSON.stringify(password)).to.deep.equal({ result: 'unknown' });
    }
    expect(await people.slapd.read(`uid=patient,${UNIX}`, 'pwdFailureTime')).to.have.lengthOf(0);
  });

  it('asks of people what the group filter says', async () => {
    const members = open(
      people.windows({ groupFilter: '(memberOf=CN=VPN,ou=windows,dc=example)' }),
    );
    expect((await members.signIn('alice', PASSWORD)).result).to.equal('accepted');
    expect((await members.signIn('bob', PASSWORD)).result).to.equal('unknown');
  });

  it('tries many passwords at once over few connections', async () => {
    const directory = open(people.unix({ connectionsMax: 2 }));
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, index) =>
        directory.signIn(index % 2 === 0 ? 'alice' : 'bob', PASSWORD),
      ),
    );
    expect(answers.map(({ result }) => result)).to.deep.equal(Array(24).fill('accepted'));
  });
});

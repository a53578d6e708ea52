import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { type Caller, LOCAL_OWNER } from '../../../../server/access/scopes.ts';
import { openDirectory } from '../../../../server/accounts/directory/ldap.ts';
import type { DirectoryOptions } from '../../../../server/accounts/directory/options.ts';
import { type Accounts, openAccounts } from '../../../../server/accounts/open.ts';
import { KINDS } from '../../../../server/kinds.ts';
import { openMemoryStore } from '../../../../server/store/memory.ts';
import { FobtwinError } from '../../../../shared/errors.ts';
import type { Rng } from '../../../../shared/rng.ts';
import type { AccountId, UnixMillis } from '../../../../shared/types.ts';
import { LOCKS_AFTER, PASSWORD, type People, peopleOrSkip, UNIX, WINDOWS } from './people.ts';

const START = Date.UTC(2026, 0, 1);
const SECOND = 1000;

/** Not random: what a test makes of it is the same in every run. */
function createTestRng(): Rng {
  let drawn = 0;
  return {
    uniform: () => 0.5,
    bytes: (length) => {
      drawn += 1;
      return createHash('shake256', { outputLength: length }).update(String(drawn)).digest();
    },
  };
}

describe('accounts of a directory', () => {
  let people: People;
  const closing: (() => Promise<void>)[] = [];
  let now = START;
  before(async function () {
    people = await peopleOrSkip(this);
  });
  beforeEach(() => {
    now = START;
  });
  afterEach(() => Promise.all(closing.splice(0).map((close) => close())));
  after(() => people?.remove());

  const caller = (): Caller => ({ principal: LOCAL_OWNER, now: now as UnixMillis });

  async function open(options: DirectoryOptions): Promise<Accounts> {
    const store = await openMemoryStore({
      kinds: KINDS,
      writer: 'test',
      auditKey: new Uint8Array(32),
    });
    const directory = openDirectory(options, { now: () => Date.now() });
    closing.push(async () => {
      await directory.close();
      await store.close();
    });
    return openAccounts({
      store,
      rootKey: new Uint8Array(32).fill(7),
      rng: createTestRng(),
      directory,
      patience: options.patience,
      hashing: { parameters: { memoryKibibytes: 64, passes: 1, lanes: 1 } },
    });
  }

  it('are one for three forms of a name, made at the first sign-in', async () => {
    const { accounts, passwords } = await open(people.windows());
    expect(await accounts.resolve('alice')).to.equal(undefined);
    for (const user of ['alice', 'a.person@corp.example', 'CORP\\alice', 'corp\\ALICE']) {
      const answer = await passwords.check({ user, password: PASSWORD }, caller());
      expect(answer, user).to.deep.equal({ outcome: 'accepted', account: 'alice' });
      expect(await accounts.resolve(user), user).to.equal('alice');
    }
    const { items } = await accounts.list({ limit: 10 });
    expect(items).to.have.lengthOf(1);
    expect(items[0]).to.deep.include({
      id: 'alice',
      legalName: 'Alice Person',
      email: 'alice@corp.example',
      organisation: 'Example',
      country: 'CH',
      directoryId: '6c61feff-6369-2e65-2e2e-2e2e2e2e2e2e',
    });
  });

  it('have names that turn no text beside them, whatever the directory holds', async () => {
    const { accounts, passwords } = await open(people.windows());
    await people.slapd.replace(`CN=bob,${WINDOWS}`, 'displayName', 'Bob \u202EnosreP\u200F');
    await passwords.check({ user: 'bob', password: PASSWORD }, caller());
    expect(await accounts.get('bob' as AccountId)).to.deep.include({ legalName: 'Bob nosreP' });
  });

  it('have one mail address, as it is taken here too, or none', async () => {
    const { accounts, passwords } = await open(people.windows());
    const two = 'bob@corp.example,thief@elsewhere.example';
    await people.slapd.replace(`CN=bob,${WINDOWS}`, 'mail', two);
    await passwords.check({ user: 'bob', password: PASSWORD }, caller());
    expect(await accounts.get('bob' as AccountId)).not.to.have.property('email');
  });

  it('are refused here when they are disabled there, from then on and no longer', async () => {
    const { accounts, passwords } = await open(people.windows());
    const check = () => passwords.check({ user: 'bob', password: PASSWORD }, caller());
    expect(await check()).to.deep.equal({ outcome: 'accepted', account: 'bob' });
    await people.slapd.replace(`CN=bob,${WINDOWS}`, 'userAccountControl', '514');
    expect(await check()).to.deep.equal({ outcome: 'disabled' });
    const wrong = { user: 'bob', password: 'wrong' };
    expect(await passwords.check(wrong, caller())).to.deep.equal({ outcome: 'wrongPassword' });
    expect((await accounts.get('bob' as AccountId)).directoryDisabledAt).to.equal(START);
    await people.slapd.replace(`CN=bob,${WINDOWS}`, 'userAccountControl', '512');
    expect(await check()).to.deep.equal({ outcome: 'accepted', account: 'bob' });
    // Nobody's account is made for somebody who may not sign in.
    const disabled = { user: 'disabled', password: PASSWORD };
    expect(await passwords.check(disabled, caller())).to.deep.equal({ outcome: 'disabled' });
    expect(await accounts.resolve('disabled')).to.equal(undefined);
  });

  it('are as they were after a directory that could not be reached', async () => {
    const { accounts, passwords } = await open(people.windows());
    await passwords.check({ user: 'alice', password: PASSWORD }, caller());
    const before = await accounts.get('alice' as AccountId);
    await people.slapd.stop();
    try {
      for (let count = 1; count <= 2 * LOCKS_AFTER; count += 1) {
        const command = { user: 'alice', password: `wrong ${count}` };
        const error = await passwords.check(command, caller()).catch((reason: unknown) => reason);
        if (!(error instanceof FobtwinError)) throw new Error(JSON.stringify(error));
        expect(error.code).to.equal('unavailable');
      }
    } finally {
      await people.slapd.start();
    }
    expect(await accounts.get('alice' as AccountId)).to.deep.equal(before);
    // Nothing was counted either: the next one need not wait.
    const answer = await passwords.check({ user: 'alice', password: PASSWORD }, caller());
    expect(answer).to.deep.equal({ outcome: 'accepted', account: 'alice' });
  });

  it('are never locked in the directory by what is tried here', async () => {
    const { passwords } = await open(people.unix());
    const { failuresBeforeWait, waitSeconds } = people.unix().patience;
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        passwords.check({ user: 'patient', password: `wrong ${index}` }, caller()),
      ),
    );
    for (let count = 0; count < 20; count += 1) {
      now += SECOND;
      outcomes.push(
        await passwords.check({ user: 'patient', password: `worse ${count}` }, caller()),
      );
    }
    const tried = outcomes.filter(({ outcome }) => outcome === 'wrongPassword');
    expect(tried).to.have.lengthOf(failuresBeforeWait);
    expect(outcomes.filter(({ outcome }) => outcome === 'throttled')).to.have.lengthOf(
      outcomes.length - failuresBeforeWait,
    );
    const read = (attribute: string) => people.slapd.read(`uid=patient,${UNIX}`, attribute);
    expect(failuresBeforeWait).to.be.below(LOCKS_AFTER);
    expect(await read('pwdFailureTime')).to.have.lengthOf(failuresBeforeWait);
    expect(await read('pwdAccountLockedTime')).to.deep.equal([]);
    now += waitSeconds * SECOND;
    const answer = await passwords.check({ user: 'patient', password: PASSWORD }, caller());
    expect(answer).to.deep.equal({ outcome: 'accepted', account: 'patient' });
    expect(await read('pwdFailureTime')).to.deep.equal([]);
  });
});

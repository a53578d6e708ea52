import { expect } from 'chai';
import { breachedCount, isBreached } from '../../../server/accounts/breached.ts';
import { createHashing, DEFAULT_HASH_PARAMETERS } from '../../../server/accounts/hashing.ts';
import { errorOf, QUICK, RNG } from './room.ts';

const KEY = new Uint8Array(32).fill(7);

describe('hashing passwords', () => {
  it('serves with what OWASP asks for at least, keyed and salted', async () => {
    const { memoryKibibytes, passes, lanes } = DEFAULT_HASH_PARAMETERS;
    expect(memoryKibibytes).to.be.at.least(19 * 1024);
    expect(passes).to.be.at.least(2);
    expect(lanes).to.equal(1);
    const hashing = createHashing({ key: KEY, rng: RNG });
    const [first, second] = await Promise.all([hashing.hash('walrus'), hashing.hash('walrus')]);
    expect(first).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$/);
    expect(first).not.to.equal(second);
    expect(await hashing.verify(first, 'walrus')).to.equal(true);
    expect(await hashing.verify(first, 'Walrus')).to.equal(false);
    const other = createHashing({ key: new Uint8Array(32), rng: RNG });
    expect(await other.verify(first, 'walrus')).to.equal(false);
  });

  it('never finds a password right where there is no hash', async () => {
    const hashing = createHashing({ key: KEY, rng: RNG }, { parameters: QUICK });
    for (const text of ['', 'walrus']) {
      expect(await hashing.verify(undefined, text)).to.equal(false);
    }
  });

  it('runs no more at once than it may, in turn, and refuses the rest', async () => {
    const hashing = createHashing(
      { key: KEY, rng: RNG },
      { parameters: QUICK, atOnce: 2, waitingMax: 3 },
    );
    const order: number[] = [];
    const work = [1, 2, 3, 4, 5].map(async (place) => {
      await hashing.hash('walrus');
      order.push(place);
    });
    expect((await errorOf(hashing.hash('one too many'))).code).to.equal('unavailable');
    await Promise.all(work);
    expect(order).to.have.members([1, 2, 3, 4, 5]);
    expect(await hashing.verify(await hashing.hash('later'), 'later')).to.equal(true);
  });

  it('tells a hash made with less, and not one made with as much or more', async () => {
    const given = { key: KEY, rng: RNG };
    const made = await createHashing(given, { parameters: QUICK }).hash('walrus');
    const asks = (parameters: Partial<typeof QUICK>) =>
      createHashing(given, { parameters: { ...QUICK, ...parameters } }).isOutdated(made);
    expect(asks({})).to.equal(false);
    expect(asks({ memoryKibibytes: 9 })).to.equal(true);
    expect(asks({ passes: 2 })).to.equal(true);
    const more = { ...QUICK, passes: 3 };
    const dear = await createHashing(given, { parameters: more }).hash('walrus');
    expect(createHashing(given, { parameters: QUICK }).isOutdated(dear)).to.equal(false);
  });
});

describe('breached passwords', () => {
  it('are the hundred thousand commonest, in any case, and hardly anything else', async () => {
    expect(await breachedCount()).to.be.within(99_900, 100_000);
    for (const one of ['password', 'PASSWORD1', '1234567890', 'qwertyuiop', 'trustno1']) {
      expect(await isBreached(one), one).to.equal(true);
    }
    let chance = 0;
    for (let place = 0; place < 20_000; place += 1) {
      if (await isBreached(`seven tame walruses ${place}`)) chance += 1;
    }
    expect(chance).to.be.at.most(10);
  });
});

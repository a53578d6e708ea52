import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { type Challenges, createChallenges } from '../../../server/sessions/challenges.ts';
import type { AccountId } from '../../../shared/types.ts';

const LIFE = 120_000;

describe('challenges', () => {
  let now: number;
  let challenges: Challenges;

  const create = (options: { clientMax?: number; lifeMillis?: number } = {}) =>
    createChallenges({
      rng: { bytes: (length) => randomBytes(length), uniform: () => 0.5 },
      elapsedMillis: () => now,
      ...options,
    });
  beforeEach(() => {
    now = 1000;
    challenges = create();
  });

  const challengeOf = (user: string, client = 'radius:vpn') => ({
    client,
    user,
    account: user as AccountId,
    passwordGiven: true,
  });

  it('are named by twenty digits, no two alike', () => {
    const ids = Array.from({ length: 500 }, () => challenges.begin(challengeOf('jennifer')));
    for (const id of ids) expect(id).to.match(/^\d{20}$/);
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('keep their twenty digits where chance gives few', () => {
    const rng = { bytes: (length: number) => new Uint8Array(length), uniform: () => 0.5 };
    const id = createChallenges({ rng, elapsedMillis: () => now }).begin(challengeOf('jennifer'));
    expect(id).to.equal('0'.repeat(20));
  });

  it('are taken once, as they were begun', () => {
    const id = challenges.begin(challengeOf('jennifer'));
    expect(challenges.waits(id, 'radius:vpn')).to.equal(true);
    expect(challenges.take(id, 'radius:vpn')).to.deep.equal(challengeOf('jennifer'));
    expect(challenges.take(id, 'radius:vpn')).to.equal(undefined);
    expect(challenges.waits(id, 'radius:vpn')).to.equal(false);
  });

  it('are answered by their own client alone, and no other can end them', () => {
    const id = challenges.begin(challengeOf('jennifer'));
    challenges.begin(challengeOf('bob', 'radius:wifi'));
    for (const client of ['radius:wifi', 'compat:vpn', 'radius:', '']) {
      expect(challenges.waits(id, client)).to.equal(false);
      expect(challenges.take(id, client)).to.equal(undefined);
    }
    expect(challenges.take(id, 'radius:vpn')).to.include({ user: 'jennifer' });
  });

  it('are no more what nobody has begun', () => {
    challenges.begin(challengeOf('jennifer'));
    for (const id of ['', '0'.repeat(20), '__proto__', '1'.repeat(10_000)]) {
      expect(challenges.take(id, 'radius:vpn')).to.equal(undefined);
    }
  });

  it('live two minutes, or as long as is said', () => {
    const id = challenges.begin(challengeOf('jennifer'));
    now += LIFE - 1;
    expect(challenges.waits(id, 'radius:vpn')).to.equal(true);
    now += 1;
    expect(challenges.waits(id, 'radius:vpn')).to.equal(false);
    expect(challenges.take(id, 'radius:vpn')).to.equal(undefined);
    const short = create({ lifeMillis: 10 });
    const other = short.begin(challengeOf('jennifer'));
    now += 10;
    expect(short.take(other, 'radius:vpn')).to.equal(undefined);
  });

  it('are bounded for each client: a flood ends its own oldest first, and no other', () => {
    const few = create({ clientMax: 3 });
    const quiet = few.begin(challengeOf('jennifer', 'radius:wifi'));
    const ids = Array.from({ length: 5 }, (_, n) => few.begin(challengeOf(`user${n}`)));
    const waiting = ids.map((id) => few.waits(id, 'radius:vpn'));
    expect(waiting).to.deep.equal([false, false, true, true, true]);
    expect(few.waits(quiet, 'radius:wifi')).to.equal(true);
  });

  it('make room by those that are over before any that waits', () => {
    const few = create({ clientMax: 3 });
    const old = few.begin(challengeOf('old'));
    now += LIFE / 2;
    const newer = few.begin(challengeOf('newer'));
    now += LIFE / 2;
    const ids = [few.begin(challengeOf('a')), few.begin(challengeOf('b'))];
    expect(few.waits(old, 'radius:vpn')).to.equal(false);
    for (const id of [newer, ...ids]) expect(few.waits(id, 'radius:vpn')).to.equal(true);
  });

  it('are bounded in the number of clients: the one that asked longest ago goes', () => {
    const first = challenges.begin(challengeOf('jennifer', 'oidc:first'));
    const second = challenges.begin(challengeOf('jennifer', 'oidc:second'));
    challenges.begin(challengeOf('bob', 'oidc:first'));
    for (let n = 0; n < 999; n += 1) challenges.begin(challengeOf('bob', `oidc:${n}`));
    expect(challenges.waits(second, 'oidc:second')).to.equal(false);
    expect(challenges.waits(first, 'oidc:first')).to.equal(true);
  });
});

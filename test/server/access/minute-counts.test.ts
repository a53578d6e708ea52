import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  BUCKETS,
  bucketOf,
  createDigest,
  createMinuteCounts,
  DIGEST_MODULUS,
  secondsOf,
} from '../../../server/access/minute-counts.ts';

describe('access: counts by the minute', () => {
  it('lets so many through in a minute from the first, and says how long to wait', () => {
    let now = 1000;
    const counts = createMinuteCounts(2, () => now);
    expect([counts.count(7), counts.count(7), counts.count(8)]).to.deep.equal(
      Array(3).fill(undefined),
    );
    now += 10_000;
    expect(counts.count(7)).to.equal(50_000);
    now += 50_000;
    expect(counts.count(7)).to.equal(undefined);
  });

  it('agrees with a naive list, whatever is counted and taken back', () => {
    const step = fc.record({
      name: fc.integer({ min: 0, max: 2 }),
      wait: fc.integer({ min: 0, max: 40_000 }),
      back: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        (steps, most) => {
          let now = 0;
          const counts = createMinuteCounts(most, () => now);
          const naive = new Map<number, { began: number; count: number }>();
          for (const { name, wait, back } of steps) {
            now += wait;
            const known = naive.get(name);
            if (back) {
              counts.giveBack(name);
              if (known && known.count > 0) known.count -= 1;
              continue;
            }
            const current = known && now < known.began + 60_000 ? known : { began: now, count: 0 };
            current.count += 1;
            naive.set(name, current);
            const expected = current.count > most ? current.began + 60_000 - now : undefined;
            expect(counts.count(name)).to.equal(expected);
          }
        },
      ),
    );
  });

  it('spreads names over the buckets by a key of its own', () => {
    const rng = { bytes: (length: number) => randomBytes(length), uniform: Math.random };
    const [one, other] = [createDigest(rng), createDigest(rng)];
    expect(one('jennifer')).to.equal(one('jennifer')).and.not.to.equal(other('jennifer'));
    const buckets = new Set<number>();
    for (let n = 0; n < 20_000; n += 1) {
      const digest = one(`name ${n}`);
      expect(digest).to.be.within(0, DIGEST_MODULUS - 1);
      expect(bucketOf(digest)).to.be.within(0, BUCKETS - 1);
      buckets.add(bucketOf(digest));
    }
    // 20,000 names leave about 29 in 100 of the buckets empty.
    expect(buckets.size).to.be.within(0.68 * BUCKETS, 0.74 * BUCKETS);
  });

  it('tells whole seconds, from 1', () => {
    expect([0, 1, 1000, 1001, 60_000].map(secondsOf)).to.deep.equal([1, 1, 1, 2, 60]);
  });
});

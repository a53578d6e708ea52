import { expect } from 'chai';
import fc from 'fast-check';
import { check } from './fuzz.ts';
import { FUZZ_TARGETS } from './targets.ts';

/** A short run of each, so that what is fuzzed for longer is known to work. */
const MILLIS = 2_000;

describe('fuzzing', () => {
  it('finds nothing in a few seconds, whatever the target', async function () {
    this.timeout(120_000);
    const seed = (Date.now() ^ process.pid) | 0;
    for (const target of FUZZ_TARGETS) {
      const { cases, finding } = await target.run({ seed, millis: MILLIS });
      expect(finding, `${target.name} --seed ${seed}`).to.equal(undefined);
      expect(cases, target.name).to.be.greaterThan(5);
    }
  });

  it('tells what it found, and finds it again from its seed', async () => {
    const run = () =>
      check(
        fc.nat(),
        async (value) => {
          if (value > 1000) throw new Error('too large');
        },
        { seed: 7, millis: 60_000 },
      );
    const first = await run();
    expect(first.finding).to.contain('1001').and.to.contain('seed: 7');
    expect(await run()).to.deep.equal(first);
  });
});

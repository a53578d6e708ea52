import { expect } from 'chai';
import { fuzzRadius } from './radius.ts';

/** `npm run fuzz -- radius --time 1h` is the long run of it. */
const MILLIS = 30_000;

describe('RADIUS packets with random harm done to them', () => {
  it('are answered or dropped, and keep nobody from his answer', async function () {
    this.timeout(120_000);
    const seed = (Date.now() ^ process.pid) | 0;
    const { cases, finding } = await fuzzRadius.run({ seed, millis: MILLIS });
    expect(finding, `--seed ${seed}`).to.equal(undefined);
    expect(cases).to.be.greaterThan(500);
  });
});

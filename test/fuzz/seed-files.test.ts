import { expect } from 'chai';
import { fuzzSeedFiles } from './seed-files.ts';

describe('seed files with random harm done to them', () => {
  it('are read to tokens within all limits, or refused as bad input', async function () {
    this.timeout(120_000);
    const { files, read } = await fuzzSeedFiles({ seconds: 3, seed: 1 });
    expect(files).to.be.at.least(100);
    // Harm that goes nowhere is harmless; all of it going nowhere would be no test.
    expect(read).to.be.within(1, files - 1);
  });
});

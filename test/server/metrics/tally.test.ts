import { expect } from 'chai';
import { Registry } from 'prom-client';
import { createTally } from '../../../server/metrics/tally.ts';

describe('a tally', () => {
  it('counts on from one scrape to the next, each label apart', async () => {
    const register = new Registry();
    const options = { name: 'done_total', help: 'Done.', labelNames: ['what'] } as const;
    const count = createTally([register], options);
    const lines = async () =>
      (await register.metrics()).split('\n').filter((line) => line.startsWith('done_total'));
    expect(await lines()).to.deep.equal([]);
    count('verify');
    count('resync');
    count('verify');
    const first = ['done_total{what="verify"} 2', 'done_total{what="resync"} 1'];
    expect(await lines()).to.deep.equal(first);
    expect(await lines()).to.deep.equal(first);
    count('verify');
    expect(await lines()).to.include('done_total{what="verify"} 3');
  });

  it('counts on from one scrape to the next, each pair of labels apart', async () => {
    const register = new Registry();
    const options = { name: 'done_total', help: 'Done.', labelNames: ['what', 'how'] } as const;
    const tally = createTally([register], options);
    const lines = async () =>
      (await register.metrics()).split('\n').filter((line) => line.startsWith('done_total'));
    expect(await lines()).to.deep.equal([]);
    tally('verify', 200);
    tally('verify', 200);
    tally('verify', 503);
    const first = [
      'done_total{what="verify",how="200"} 2',
      'done_total{what="verify",how="503"} 1',
    ];
    expect(await lines()).to.deep.equal(first);
    expect(await lines()).to.deep.equal(first);
    tally('verify', 200);
    expect(await lines()).to.include('done_total{what="verify",how="200"} 3');
  });
});

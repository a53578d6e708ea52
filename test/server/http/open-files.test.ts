import { expect } from 'chai';
import {
  CONNECTIONS_MAX,
  connectionLimit,
  connectionsFor,
  openFiles,
} from '../../../server/http/open-files.ts';

describe('open files', () => {
  it('are counted as the system counts them', async () => {
    const files = await openFiles();
    if (process.platform !== 'linux') return;
    expect(files?.open).to.be.within(3, files?.limit ?? 0);
  });

  const rows: readonly (readonly [number, number, number])[] = [
    [1024, 24, 755],
    [256, 26, 138],
    [96, 26, 10],
    [64, 26, 0],
    [20, 26, 0],
    [1_000_000, 30, CONNECTIONS_MAX],
    [Number.POSITIVE_INFINITY, 30, CONNECTIONS_MAX],
  ];
  for (const [limit, open, connections] of rows) {
    it(`${limit} of them, ${open} in use, leave ${connections} connections`, () => {
      expect(connectionsFor({ limit, open })).to.equal(connections);
    });
  }

  it('that nobody can tell leave as many connections as there may be', () => {
    expect(connectionsFor(undefined)).to.equal(CONNECTIONS_MAX);
  });

  it('too few to serve anybody are refused, saying how to get more', () => {
    expect(connectionLimit({ limit: 100, open: 26 })).to.be.at.least(4);
    const refused = expect(() => connectionLimit({ limit: 80, open: 26 })).to.throw();
    refused.with.property('message').that.contains('may open 80 files');
    refused.with.property('nextStep').that.contains('LimitNOFILE');
  });
});

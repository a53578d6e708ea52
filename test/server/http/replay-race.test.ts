import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openLevelStore } from '../../../server/store/level.ts';
import { eventCode, eventEntry, type Served, serve } from './served.ts';

const SERIAL = 'E1';
const REQUESTS = 100;
const ROUNDS = 50;

describe('a hundred requests with one code', () => {
  let directory: string;
  let served: Served;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fobd-race-'));
    served = await serve({ openStore: (options) => openLevelStore(directory, options) });
  });
  after(async () => {
    await served.close();
    await rm(directory, { recursive: true });
  });

  it('has exactly one accepted and the rest replayed, round after round', async function () {
    this.timeout(120_000);
    await served.stock(eventEntry(SERIAL));
    const key = await served.key();
    await served.send({ path: '/v1/accounts', key, body: { id: 'jennifer' } });
    const body = { account: 'jennifer', code1: eventCode(SERIAL, 0), code2: eventCode(SERIAL, 1) };
    await served.send({ path: `/v1/tokens/${SERIAL}/registration`, key, body });
    const expected = { accepted: 1, replayed: REQUESTS - 1 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const code = eventCode(SERIAL, 2 + round);
      expect(await race(served, key, code), `round ${round}`).to.deep.equal(expected);
    }
  });
});

/** All at once, each on a connection of its own; half name the serial, half the account. */
async function race(served: Served, key: string, code: string): Promise<Record<string, number>> {
  const bodies = Array.from({ length: REQUESTS }, (_, index) =>
    index % 2 === 0 ? { serial: SERIAL, code } : { account: 'jennifer', code },
  );
  const replies = await Promise.all(
    bodies.map((body) => served.send({ path: '/v1/verify', key, body })),
  );
  const counts: Record<string, number> = {};
  for (const { json } of replies) {
    const name = String(json['outcome']);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

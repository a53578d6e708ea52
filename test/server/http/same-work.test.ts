import { expect } from 'chai';
import sinon from 'sinon';
import { openMemoryStore } from '../../../server/store/memory.ts';
import type { Store, StoreOptions } from '../../../server/store/port.ts';
import { nodeCrypto } from '../../support/node-crypto.ts';
import { type Traffic, trafficOf } from '../../support/watched-store.ts';
import { eventEntry, type Served, serve, timeEntry } from './served.ts';

/**
 * What does not exist costs what exists costs: over HTTP, HMACs made, records read, decisions that
 * write, audit entries and commits are counted for a wrong code in every situation.
 */

interface Work extends Traffic {
  readonly status: number;
  readonly text: string;
  readonly hmacs: number;
  readonly commits: number;
}

describe('the work behind a wrong code', () => {
  let served: Served;
  let commits = 0;
  let hmacs: sinon.SinonSpy;

  const openStore = (options: StoreOptions): Promise<Store> =>
    openMemoryStore({
      ...options,
      observer: {
        recorded: () => undefined,
        flushing() {
          commits += 1;
        },
        flushed: () => undefined,
        refused: () => undefined,
      },
    });

  beforeEach(async () => {
    hmacs = sinon.spy(nodeCrypto, 'hmac');
    served = await serve({ openStore });
    await served.stock(...['KNOWN', 'LOST', 'LOCKED', 'REVOKED', 'STOCKED'].map(timeEntry));
    await served.stock(eventEntry('STOCKED-EVENT'));
    const key = await served.key();
    for (const [serial, account] of [
      ['KNOWN', 'jennifer'],
      ['LOST', 'bob'],
      ['LOCKED', 'carol'],
      ['REVOKED', 'dave'],
    ] as const) {
      await served.register(serial, account);
    }
    for (const [serial, verb] of [
      ['LOST', 'lost'],
      ['LOCKED', 'lock'],
      ['REVOKED', 'revoke'],
    ] as const) {
      await served.send({ path: `/v1/tokens/${serial}/${verb}`, key });
    }
    await served.send({ path: '/v1/accounts', key, body: { id: 'empty' } });
  });
  afterEach(async () => {
    hmacs.restore();
    await served.close();
  });

  async function workOf(key: string, body: object): Promise<Work> {
    hmacs.resetHistory();
    const before = commits;
    const { result, ...traffic } = await trafficOf(served.store, async () => {
      const { status, text } = await served.send({ path: '/v1/verify', key, body });
      return { status, text, hmacs: hmacs.callCount };
    });
    return { ...result, ...traffic, commits: commits - before };
  }

  for (const [name, subjects] of [
    ['serial', ['KNOWN', 'UNKNOWN', 'STOCKED', 'STOCKED-EVENT', 'LOST', 'LOCKED', 'REVOKED']],
    ['account', ['jennifer', 'nobody', 'empty', 'bob', 'carol', 'dave']],
  ] as const) {
    it(`is the same for every ${name}, known, unknown, held or stocked, each time`, async () => {
      const key = await served.key('verify');
      // The first use of a key writes when that was; the work of the code is what is counted.
      await served.send({ path: '/v1/verify', key, body: { serial: 'OTHER', code: '000000' } });
      for (let round = 0; round < 4; round += 1) {
        const code = String(100_000 + round);
        const known = await workOf(key, { [name]: subjects[0], code });
        expect(known.commits).to.be.greaterThan(0);
        if (round < 3) expect(known.hmacs).to.be.greaterThan(0);
        for (const subject of subjects.slice(1)) {
          const work = await workOf(key, { [name]: subject, code });
          expect(work, `${subject}, round ${round}`).to.deep.equal(known);
        }
      }
    });
  }
});

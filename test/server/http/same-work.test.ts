import { expect } from 'chai';
import sinon from 'sinon';
import { createMemoryData, openMemoryStore } from '../../../server/store/memory.ts';
import type { Store, StoreOptions } from '../../../server/store/port.ts';
import { nodeCrypto } from '../../support/node-crypto.ts';
import { type Traffic, trafficOf } from '../../support/watched-store.ts';
import { addPerson, buy, signIn } from './people.ts';
import { eventEntry, type Sent, type Served, serve, timeEntry } from './served.ts';

/**
 * What does not exist costs what exists costs: over HTTP, HMACs made, records read, in decisions
 * and from the disk, decisions that write, audit entries and commits are counted for a wrong code
 * in every situation.
 */

interface Work extends Traffic {
  readonly status: number;
  readonly text: string;
  readonly hmacs: number;
  readonly commits: number;
  /** Of the database beneath the store: reads that found a record, and that found none. */
  readonly found: number;
  readonly missing: number;
}

/** With what a store holds in memory usually, and with nothing. */
for (const cachedRecords of [400_000, 0]) {
  describe(`the work behind a wrong code, ${cachedRecords} records cached`, () => {
    sameWork(cachedRecords);
  });
}

function sameWork(cachedRecords: number): void {
  let served: Served;
  let commits = 0;
  let hmacs: sinon.SinonSpy;
  let diskReads: sinon.SinonSpy;

  const openStore = (options: StoreOptions): Promise<Store> => {
    const data = createMemoryData();
    diskReads = sinon.spy(data, 'getSync');
    return openMemoryStore({
      ...options,
      data,
      cachedRecords,
      observer: {
        recorded: () => undefined,
        flushing() {
          commits += 1;
        },
        flushed: () => undefined,
        refused: () => undefined,
      },
    });
  };

  beforeEach(async () => {
    hmacs = sinon.spy(nodeCrypto, 'hmac');
    served = await serve({ openStore });
    await served.stock(
      ...['KNOWN', 'LOST', 'LOCKED', 'REVOKED', 'STOCKED', 'OTHER', 'SIXTH', 'SEVENTH'].map(
        timeEntry,
      ),
    );
    await served.stock(eventEntry('STOCKED-EVENT'));
    const key = await served.key();
    for (const [serial, account] of [
      ['KNOWN', 'jennifer'],
      ['LOST', 'bob'],
      ['LOCKED', 'carol'],
      ['REVOKED', 'dave'],
      ['OTHER', 'erin'],
      ['SIXTH', 'frank'],
      ['SEVENTH', 'frank'],
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

  async function workOn(sent: Sent): Promise<Work> {
    hmacs.resetHistory();
    diskReads.resetHistory();
    const before = commits;
    const { result, ...traffic } = await trafficOf(served.store, async () => {
      const { status, text } = await served.send(sent);
      const told = text.replace(/"requestId":"[^"]*"/, '');
      return { status, text: told, hmacs: hmacs.callCount };
    });
    const found = diskReads.returnValues.filter((text) => text !== undefined).length;
    const disk = { found, missing: diskReads.callCount - found };
    return { ...result, ...traffic, ...disk, commits: commits - before };
  }

  for (const [name, subjects, isRepeatable = false] of [
    ['serial', ['KNOWN', 'UNKNOWN', 'STOCKED', 'STOCKED-EVENT', 'LOST', 'LOCKED', 'REVOKED']],
    ['account', ['jennifer', 'nobody', 'empty', 'bob', 'carol', 'dave', 'frank']],
    ['serial', ['KNOWN', 'UNKNOWN', 'LOST'], true],
    ['account', ['jennifer', 'nobody', 'bob', 'frank'], true],
  ] as const) {
    const whose = isRepeatable ? `${name} under an idempotency key` : name;
    it(`is the same for every ${whose}, known, unknown, held or stocked, each time`, async () => {
      const key = await served.key('verify');
      // The first use of a key writes when that was; the work of the code is what is counted. Of
      // each kind of record that is read there is one.
      const headersOf = (subject: string, round: number): Sent['headers'] =>
        isRepeatable ? { 'idempotency-key': `"${subject}-under-its-own-key-${round}"` } : {};
      for (const subject of [{ serial: 'NOBODYS' }, { account: 'erin' }]) {
        const body = { ...subject, code: '000000' };
        const headers = headersOf('serial' in subject ? 'NOBODYS' : 'erin', 0);
        await served.send({ path: '/v1/verify', key, headers, body });
      }
      for (let round = 0; round < 4; round += 1) {
        const code = String(100_000 + round);
        const ask = (subject: string) => {
          const headers = headersOf(subject, round);
          return workOn({ path: '/v1/verify', key, headers, body: { [name]: subject, code } });
        };
        const known = await ask(subjects[0]);
        expect(known.commits).to.be.greaterThan(0);
        expect(known.found).to.be.greaterThan(2);
        expect(known.missing).to.be.greaterThan(2);
        if (round < 3) expect(known.hmacs).to.be.greaterThan(0);
        for (const subject of subjects.slice(1)) {
          expect(await ask(subject), `${subject}, round ${round}`).to.deep.equal(known);
        }
      }
    });
  }

  it('is the same for a pair that resyncs no token, whatever the serial is', async () => {
    const key = await served.key('tokens:resync');
    const ask = (serial: string, code1: string) =>
      workOn({ path: `/v1/tokens/${serial}/resync`, key, body: { code1, code2: '900009' } });
    await ask('NOBODYS', '900000');
    for (const code of ['900001', '900002']) {
      const known = await ask('KNOWN', code);
      expect(known.found).to.be.greaterThan(1);
      for (const serial of ['UNKNOWN', 'STOCKED', 'LOST', 'REVOKED']) {
        expect(await ask(serial, code), `${serial}, ${code}`).to.deep.equal(known);
      }
    }
  });

  it("is the same for another's credential and for none, of a person who asks", async () => {
    await addPerson(served, 'asking');
    await buy(served, { account: 'jennifer', type: 'hardwareToken', serial: 'KNOWN' });
    const key = await signIn(served, 'asking');
    const ask = (id: string, sent: Omit<Sent, 'path'> & { readonly end?: string }) =>
      workOn({ ...sent, key, path: `/v1/accounts/asking/credentials/${id}${sent.end ?? ''}` });
    // The first use of a session writes when that was.
    await ask('SO-77777-1-1.phoneOtp', { method: 'GET' });
    for (const sent of [
      { method: 'GET' },
      { end: '/activation', body: {} },
      { end: '/revoke', body: { confirmed: true } },
    ]) {
      for (let round = 0; round < 2; round += 1) {
        const known = await ask('SO-10001-1-1.hardwareToken', sent);
        expect(known.status).to.equal(404);
        expect(known.found).to.be.greaterThan(1);
        const name = `${sent.end ?? 'read'}, round ${round}`;
        expect(await ask('SO-10002-1-1.hardwareToken', sent), name).to.deep.equal(known);
      }
    }
  });
}

import { expect } from 'chai';
import { put, type Store } from '../../../server/store/port.ts';
import { TOKENS, tokenKey } from '../../../server/tokens/record.ts';
import { DATA_KEYS, ROTATION_KEY } from '../../../server/vault/record.ts';
import { SLICE_SEEDS } from '../../../server/vault/rotation.ts';
import type { Serial } from '../../../shared/types.ts';
import {
  allTokens,
  brokenSeeds,
  type KeyedRoom,
  NOW,
  newStore,
  OWNER,
  openRoom,
  rotated,
  seedOf,
  serialOf,
  stock,
  tokenOf,
} from './keyed-room.ts';

const MASTER = new Uint8Array(32).fill(5);
const TOKENS_STOCKED = 4 * SLICE_SEEDS + 7;

describe('rotation of the data key', () => {
  let room: KeyedRoom;
  let store: Store;

  beforeEach(async () => {
    store = await newStore(MASTER);
    room = await openRoom(store, MASTER);
    await stock(room, 0, TOKENS_STOCKED);
  });
  afterEach(async () => {
    await room.keys.stop();
    await store.close();
  });

  const dataKeyIds = async () =>
    (await store.scan(DATA_KEYS, { limit: 100 })).items.map((k) => k.id);
  const usedKeys = async () =>
    new Set((await allTokens(store)).map(({ sealedSeed }) => sealedSeed.dataKey));

  it('seals every seed with a new data key and removes the old one', async () => {
    const [old] = await dataKeyIds();
    const begun = await room.keys.rotate(OWNER);
    expect(begun).to.include({ state: 'running', startedAt: NOW, resealed: 0 });
    await rotated(room);
    expect(room.failures).to.deep.equal([]);
    expect(await dataKeyIds()).to.deep.equal([begun.dataKey]);
    expect(begun.dataKey).not.to.equal(old);
    expect([...(await usedKeys())]).to.deep.equal([begun.dataKey]);
    expect(await brokenSeeds(room)).to.deep.equal([]);
    const done = { state: 'done', resealed: TOKENS_STOCKED, unreadable: 0, finishedAt: NOW };
    expect(await room.keys.rotation()).to.include(done);
  });

  it('is audited: who began it, and what it came to', async () => {
    const [old] = await dataKeyIds();
    const { dataKey } = await room.keys.rotate(OWNER);
    await rotated(room);
    const { items } = await store.auditPage({ after: 0, limit: 10 });
    expect(items.map(({ actor, action, details }) => ({ actor, action, details }))).to.deep.equal([
      { actor: 'localOwner', action: 'rotateKeys', details: { dataKey, state: 'begun' } },
      {
        actor: 'system',
        action: 'rotateKeys',
        details: {
          dataKey,
          state: 'done',
          resealed: TOKENS_STOCKED,
          unreadable: 0,
          removed: old,
        },
      },
    ]);
  });

  it('seals new seeds with the new data key from the moment it is durable', async () => {
    const { dataKey } = await room.keys.rotate(OWNER);
    expect(room.vault.currentDataKey).to.equal(dataKey);
    expect(tokenOf(room.vault, 1).sealedSeed.dataKey).to.equal(dataKey);
    await rotated(room);
  });

  it('opens every seed at every moment, and overwrites no change made meanwhile', async () => {
    await room.keys.rotate(OWNER);
    let [checks, changes] = [0, 0];
    while ((await room.keys.rotation())?.state === 'running') {
      const index = (checks * 37) % TOKENS_STOCKED;
      const key = tokenKey(serialOf(index));
      await store.transact([key], ([token]) => {
        if (token === undefined) throw new Error('it was lost');
        const { serial, parameters, sealedSeed } = token;
        const seed = room.vault.open(sealedSeed, { serial, parameters });
        expect(Buffer.from(seed).equals(seedOf(index))).to.equal(true);
        changes += 1;
        const model = `change ${changes}`;
        return { writes: [put(key, { ...token, model })], auditDrafts: [], reply: undefined };
      });
      checks += 1;
    }
    const models = (await allTokens(store))
      .map(({ model }) => model)
      .filter((m) => m !== undefined);
    expect(models).to.have.length(Math.min(changes, TOKENS_STOCKED));
    expect(models).to.include(`change ${changes}`);
    expect(await brokenSeeds(room)).to.deep.equal([]);
    expect((await usedKeys()).size).to.equal(1);
  });

  it('keeps a change that falls between the reading of a slice and its sealing', async () => {
    const changed = new Set<string>();
    const scan: Store['scan'] = async (kind, range) => {
      const page = await store.scan(kind, range);
      const first = (page.items as readonly unknown[])[0] as { serial?: Serial } | undefined;
      // Once for each, and not while they are only counted.
      if (first?.serial === undefined || range.limit !== SLICE_SEEDS) return page;
      if (changed.has(first.serial)) return page;
      const key = tokenKey(first.serial);
      await store.transact([key], ([token]) => {
        if (token === undefined) throw new Error('it was lost');
        const write = put(key, { ...token, model: 'changed' });
        return { writes: [write], auditDrafts: [], reply: undefined };
      });
      changed.add(first.serial);
      return page;
    };
    const racing = new Proxy(store, {
      get(target, name) {
        const value: unknown = name === 'scan' ? scan : Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    room = await openRoom(racing, MASTER);
    await room.keys.rotate(OWNER);
    await rotated(room);
    expect(room.failures).to.deep.equal([]);
    const kept = (await allTokens(store)).filter(({ model }) => model === 'changed');
    expect(kept.map(({ serial }) => serial)).to.have.members([...changed]);
    expect(changed.size).to.be.at.least(TOKENS_STOCKED / SLICE_SEEDS);
    expect(await brokenSeeds(room)).to.deep.equal([]);
  });

  it('goes on where a stopped one ended, without beginning another', async () => {
    const { dataKey } = await room.keys.rotate(OWNER);
    while (((await room.keys.rotation())?.resealed ?? 0) < SLICE_SEEDS) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await room.keys.stop();
    const half = await room.keys.rotation();
    expect(half).to.include({ state: 'paused', dataKey });
    expect(half?.resealed).to.be.within(SLICE_SEEDS, TOKENS_STOCKED - 1);
    expect(await brokenSeeds(room)).to.deep.equal([]);
    expect(await dataKeyIds()).to.have.length(2);

    room = await openRoom(store, MASTER);
    expect(await brokenSeeds(room)).to.deep.equal([]);
    await room.keys.resume();
    await rotated(room);
    expect(room.failures).to.deep.equal([]);
    const done = { state: 'done', dataKey, resealed: TOKENS_STOCKED };
    expect(await room.keys.rotation()).to.include(done);
    expect(await dataKeyIds()).to.deep.equal([dataKey]);
  });

  it('asked for twice, is one and the same', async () => {
    const [first, second] = await Promise.all([room.keys.rotate(OWNER), room.keys.rotate(OWNER)]);
    expect(second.dataKey).to.equal(first.dataKey);
    await rotated(room);
    const again = await room.keys.rotate(OWNER);
    expect(again.dataKey).not.to.equal(first.dataKey);
    await rotated(room);
    expect(await dataKeyIds()).to.deep.equal([again.dataKey]);
  });

  it('keeps the old data key as long as somebody holds seeds sealed with it', async () => {
    const [old] = await dataKeyIds();
    const release = room.vault.keepKeys();
    const late = tokenOf(room.vault, TOKENS_STOCKED);
    // Before all the others: behind where the first pass is by then.
    const early = { ...late, serial: serialOf(TOKENS_STOCKED) };
    await room.keys.rotate(OWNER);
    while ((await room.keys.rotation())?.resealed !== TOKENS_STOCKED) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(await room.keys.rotation()).to.include({ state: 'running' });
    expect(await dataKeyIds()).to.include(old);
    const key = tokenKey(early.serial);
    await store.transact([key], () => ({
      writes: [put(key, early)],
      auditDrafts: [],
      reply: undefined,
    }));
    release();
    await rotated(room);
    expect(await brokenSeeds(room)).to.deep.equal([]);
    expect((await usedKeys()).has(old ?? '')).to.equal(false);
    expect(await room.keys.rotation()).to.include({ resealed: TOKENS_STOCKED + 1 });
  });

  it('stops though somebody holds the keys', async () => {
    const release = room.vault.keepKeys();
    await room.keys.rotate(OWNER);
    await room.keys.stop();
    expect(await room.keys.rotation()).to.include({ state: 'paused' });
    release();
  });

  it('keeps the data key of a seed that does not open, and says so', async () => {
    const [old] = await dataKeyIds();
    const key = tokenKey(serialOf(3));
    await store.transact([key], ([token]) => {
      if (token === undefined) throw new Error('it was lost');
      const sealedSeed = { ...token.sealedSeed, sealed: 'A'.repeat(64) };
      return { writes: [put(key, { ...token, sealedSeed })], auditDrafts: [], reply: undefined };
    });
    const { dataKey } = await room.keys.rotate(OWNER);
    await rotated(room);
    const done = { state: 'done', unreadable: 1, resealed: TOKENS_STOCKED - 1 };
    expect(await room.keys.rotation()).to.include(done);
    expect(await dataKeyIds()).to.have.members([old, dataKey]);
    const { dataKeys } = await room.keys.list();
    expect(dataKeys.find(({ id }) => id === old)).to.include({ current: false, seeds: 1 });
  });

  it('counts the seeds under each data key', async () => {
    const { masterKey, dataKeys } = await room.keys.list();
    expect(masterKey).to.match(/^[0-9a-f]{8}$/);
    expect(dataKeys).to.deep.equal([
      { id: room.vault.currentDataKey, createdAt: NOW, current: true, seeds: TOKENS_STOCKED },
    ]);
  });

  it('says that it never was', async () => {
    expect(await room.keys.rotation()).to.equal(undefined);
    expect(
      await store.transact([ROTATION_KEY], ([r]) => ({ writes: [], auditDrafts: [], reply: r })),
    ).to.equal(undefined);
    await store.scan(TOKENS, { limit: 1 });
  });
});

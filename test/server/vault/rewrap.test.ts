import { expect } from 'chai';
import sinon from 'sinon';
import type { Store } from '../../../server/store/port.ts';
import { keyFingerprint, unwrapKey } from '../../../server/vault/keys.ts';
import type { RootKeyPlace } from '../../../server/vault/port.ts';
import { DATA_KEYS } from '../../../server/vault/record.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import {
  brokenSeeds,
  newStore,
  OWNER,
  openRoom,
  placeInMemory,
  rotated,
  stock,
} from './keyed-room.ts';

const OLD = new Uint8Array(32).fill(5);
const NEW = new Uint8Array(32).fill(6);
const [from, to] = [keyFingerprint(OLD), keyFingerprint(NEW)];
const newKey = () => Uint8Array.from(NEW);
const STOCKED = 5;

const codeOf = (act: Promise<unknown>): Promise<string | undefined> =>
  act.then(
    () => undefined,
    (error: unknown) => (error instanceof FobtwinError ? error.code : String(error)),
  );

describe('exchange of the master key', () => {
  let store: Store;

  beforeEach(async () => {
    store = await newStore(OLD);
    await stock(await openRoom(store, OLD), 0, STOCKED);
  });
  afterEach(() => store.close());

  const opens = async (masterKey: Uint8Array): Promise<boolean> => {
    const { items } = await store.scan(DATA_KEYS, { limit: 100 });
    return items.every(({ wrapped }) => {
      try {
        return unwrapKey(masterKey, wrapped, 'dataKey').length === 32;
      } catch {
        return false;
      }
    });
  };
  const isWrappedTwice = async () =>
    (await store.scan(DATA_KEYS, { limit: 100 })).items.some(({ next }) => next !== undefined);
  const audited = async () => {
    const { items } = await store.auditPage({ after: 0, limit: 50 });
    return items
      .filter(({ action }) => action === 'rewrapKeys')
      .map(({ actor, details }) => `${actor} ${String(details?.['state'])}`);
  };

  it('leaves all to the new one, and nothing to the old one', async () => {
    let place: readonly string[] = [];
    const room = await openRoom(store, OLD, {
      ...placeInMemory(OLD),
      async replace(wrapped, fingerprint) {
        place = [wrapped, fingerprint];
      },
    });
    const bytes = newKey();
    expect(await room.keys.rewrap(bytes, OWNER)).to.deep.equal({ from, to });
    expect([...bytes].every((byte) => byte === 0)).to.equal(true);
    const [wrapped = '', fingerprint] = place;
    expect(fingerprint).to.equal(to);
    expect([...unwrapKey(NEW, wrapped, 'rootKey')]).to.deep.equal(Array(32).fill(1));
    expect(await opens(NEW)).to.equal(true);
    expect(await opens(OLD)).to.equal(false);
    expect(await isWrappedTwice()).to.equal(false);
    expect(await codeOf(openRoom(store, OLD))).to.equal('dataDirectoryDamaged');
    expect(await brokenSeeds(await openRoom(store, NEW, placeInMemory(NEW)))).to.deep.equal([]);
    expect(await brokenSeeds(room)).to.deep.equal([]);
    expect(await audited()).to.deep.equal(['localOwner begun', 'localOwner done']);
    expect((await room.keys.list()).masterKey).to.equal(to);
  });

  it('wraps data keys made afterwards under the new one', async () => {
    const room = await openRoom(store, OLD, placeInMemory(OLD));
    await room.keys.rewrap(newKey(), OWNER);
    await room.keys.rotate(OWNER);
    await rotated(room);
    expect(room.failures).to.deep.equal([]);
    expect(await opens(NEW)).to.equal(true);
    expect(await brokenSeeds(await openRoom(store, NEW))).to.deep.equal([]);
  });

  it('goes well with a rotation that is under way, and with itself', async () => {
    await stock(await openRoom(store, OLD), STOCKED, 500);
    const room = await openRoom(store, OLD, placeInMemory(OLD));
    const third = new Uint8Array(32).fill(7);
    const results = await Promise.all([
      room.keys.rotate(OWNER),
      room.keys.rewrap(newKey(), OWNER),
      room.keys.rewrap(Uint8Array.from(third), OWNER),
    ]);
    expect(results.slice(1)).to.deep.equal([
      { from, to },
      { from: to, to: keyFingerprint(third) },
    ]);
    await rotated(room);
    expect(room.failures).to.deep.equal([]);
    expect(await opens(third)).to.equal(true);
    expect(await brokenSeeds(await openRoom(store, third))).to.deep.equal([]);
  });

  it('to the same key is refused', async () => {
    const room = await openRoom(store, OLD, placeInMemory(OLD));
    expect(await codeOf(room.keys.rewrap(Uint8Array.from(OLD), OWNER))).to.equal('notAllowedNow');
    expect(await audited()).to.deep.equal([]);
    expect(await opens(OLD)).to.equal(true);
  });

  describe('broken off', () => {
    const never = new Promise<never>(() => undefined);
    const begun = async (place: RootKeyPlace) => {
      let reached: () => void = () => undefined;
      const there = new Promise<void>((resolve) => {
        reached = resolve;
      });
      const room = await openRoom(store, OLD, {
        ...place,
        async replace(wrapped, fingerprint) {
          await place.replace(wrapped, fingerprint);
          reached();
          return never;
        },
      });
      void room.keys.rewrap(newKey(), OWNER);
      await there;
      return room;
    };

    it('by a kill before the root key is replaced, was never begun', async () => {
      await begun({ ...placeInMemory(OLD), replace: async () => undefined });
      expect(await isWrappedTwice()).to.equal(true);
      const room = await openRoom(store, OLD, placeInMemory(OLD));
      expect(await brokenSeeds(room)).to.deep.equal([]);
      expect(await isWrappedTwice()).to.equal(false);
      expect(await opens(OLD)).to.equal(true);
      expect(await codeOf(openRoom(store, NEW))).to.equal('dataDirectoryDamaged');
      expect(await audited()).to.deep.equal(['localOwner begun', 'system undone']);
      expect(await room.keys.rewrap(newKey(), OWNER)).to.deep.equal({ from, to });
    });

    it('by a kill after the root key is replaced, is ended with the new key', async () => {
      const place = placeInMemory(OLD);
      await begun(place);
      expect(await place.fingerprint()).to.equal(to);
      let settled = 0;
      const room = await openRoom(store, NEW, {
        ...place,
        async settle() {
          settled += 1;
          expect(await isWrappedTwice(), 'settled before the old one is dropped').to.equal(true);
        },
      });
      expect(settled).to.equal(1);
      expect(await brokenSeeds(room)).to.deep.equal([]);
      expect(await isWrappedTwice()).to.equal(false);
      expect(await opens(NEW)).to.equal(true);
      expect(await codeOf(openRoom(store, OLD))).to.equal('dataDirectoryDamaged');
      expect(await audited()).to.deep.equal(['localOwner begun', 'system done']);
    });

    it('by a disk that takes nothing, is undone at once', async () => {
      const room = await openRoom(store, OLD, {
        ...placeInMemory(OLD),
        replace: () => Promise.reject(new Error('ENOSPC')),
      });
      expect(await codeOf(room.keys.rewrap(newKey(), OWNER))).to.equal('unavailable');
      expect(await isWrappedTwice()).to.equal(false);
      expect(await opens(OLD)).to.equal(true);
      expect(await audited()).to.deep.equal(['localOwner begun', 'localOwner undone']);
      await room.keys.rotate(OWNER);
      await rotated(room);
      expect(await opens(OLD)).to.equal(true);
    });

    it('by a store that does not end it, wraps nothing more under the old key', async () => {
      const place = placeInMemory(OLD);
      const room = await openRoom(store, OLD, {
        ...place,
        async replace(wrapped, fingerprint) {
          await place.replace(wrapped, fingerprint);
          const refused = new FobtwinError('unavailable', 'Too much is waiting.');
          sinon.stub(store, 'transact').callThrough().onFirstCall().rejects(refused);
        },
      });
      expect(await codeOf(room.keys.rewrap(newKey(), OWNER))).to.equal('unavailable');
      expect(await place.fingerprint()).to.equal(to);
      expect(await codeOf(room.keys.rotate(OWNER))).to.equal('unavailable');
      expect(await codeOf(room.keys.rewrap(newKey(), OWNER))).to.equal('unavailable');
      const either = await openRoom(store, NEW, place);
      expect(await brokenSeeds(either)).to.deep.equal([]);
      expect(await opens(NEW)).to.equal(true);
    });

    it('where nobody can tell what is durable, keeps both keys until a restart', async () => {
      const place = placeInMemory(OLD);
      const room = await openRoom(store, OLD, {
        ...place,
        async replace(wrapped, fingerprint) {
          await place.replace(wrapped, fingerprint);
          throw new Error('EIO');
        },
      });
      expect(await codeOf(room.keys.rewrap(newKey(), OWNER))).to.equal('unavailable');
      expect(await isWrappedTwice()).to.equal(true);
      expect(await codeOf(room.keys.rewrap(newKey(), OWNER))).to.equal('unavailable');
      expect(await codeOf(room.keys.rotate(OWNER))).to.equal('unavailable');
      const either = await openRoom(store, NEW, place);
      expect(await brokenSeeds(either)).to.deep.equal([]);
      expect(await isWrappedTwice()).to.equal(false);
    });
  });
});

import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { openLevelStore } from '../../../server/store/level.ts';
import { put } from '../../../server/store/port.ts';
import { storeContract } from '../../contract/store.ts';
import {
  CONTRACT_OPTIONS,
  commit,
  draft,
  fruit,
  fruitKey,
  read,
  refusal,
} from '../../contract/store-fruits.ts';
import { makeTemporary, type Temporary } from './temporary.ts';

storeContract('level store', async (options) => {
  const temporary = await makeTemporary();
  const directory = path.join(temporary.directory, 'store');
  let store = await openLevelStore(directory, options);
  return {
    store,
    async reopen() {
      await store.close();
      store = await openLevelStore(directory, options);
      return store;
    },
    async destroy() {
      await store.close();
      await temporary.remove();
    },
  };
});

describe('level store, its directory', () => {
  let temporary: Temporary;
  let directory: string;
  beforeEach(async () => {
    temporary = await makeTemporary();
    directory = path.join(temporary.directory, 'store');
  });
  afterEach(() => temporary.remove());

  const modeOf = async (place: string) => (await stat(place)).mode & 0o777;

  it('is made for its owner alone', async () => {
    const store = await openLevelStore(directory, CONTRACT_OPTIONS);
    await store.close();
    expect(await modeOf(directory)).to.equal(0o700);
  });

  it('keeps its mode when it is there already', async () => {
    await mkdir(directory, { mode: 0o750 });
    const store = await openLevelStore(directory, CONTRACT_OPTIONS);
    await store.close();
    expect(await modeOf(directory)).to.equal(0o750);
  });

  it('has one store at a time', async () => {
    const store = await openLevelStore(directory, CONTRACT_OPTIONS);
    const error = await refusal(openLevelStore(directory, CONTRACT_OPTIONS), 'dataDirectoryInUse');
    expect(error.nextStep).to.be.a('string');
    await commit(store, [put(fruitKey('apple'), fruit(1))]);
    await store.close();
    const again = await openLevelStore(directory, CONTRACT_OPTIONS);
    expect(await read(again, 'apple')).to.deep.equal(fruit(1));
    await again.close();
  });

  it('is refused untouched where a file stands or nothing to put it in', async () => {
    await writeFile(directory, 'mine', { mode: 0o644 });
    await refusal(openLevelStore(directory, CONTRACT_OPTIONS), 'dataDirectoryUnwritable');
    expect(await modeOf(directory)).to.equal(0o644);
    const nowhere = path.join(temporary.directory, 'no', 'store');
    await refusal(openLevelStore(nowhere, CONTRACT_OPTIONS), 'dataDirectoryUnwritable');
  });

  it('is damaged when it must be there and is not, and nothing is made', async () => {
    const options = { ...CONTRACT_OPTIONS, createIfMissing: false };
    await refusal(openLevelStore(directory, options), 'dataDirectoryDamaged');
    expect(await readdir(temporary.directory)).to.deep.equal([]);
    await mkdir(directory);
    await refusal(openLevelStore(directory, options), 'dataDirectoryDamaged');
    expect(await readdir(directory)).to.deep.equal([]);
  });

  it('is damaged when the file that names its state is gone or wrong', async () => {
    const store = await openLevelStore(directory, CONTRACT_OPTIONS);
    await commit(store, [put(fruitKey('apple'), fruit(1))], [draft('one')]);
    await store.close();
    await writeFile(path.join(directory, 'CURRENT'), 'MANIFEST-999999\n');
    await refusal(openLevelStore(directory, CONTRACT_OPTIONS), 'dataDirectoryDamaged');
    await rm(path.join(directory, 'CURRENT'));
    await refusal(openLevelStore(directory, CONTRACT_OPTIONS), 'dataDirectoryDamaged');
  });

  it('is free again when opening it was refused', async () => {
    const wrong = { ...CONTRACT_OPTIONS, queuedDecisions: 0 };
    await refusal(openLevelStore(directory, wrong), 'internal');
    const store = await openLevelStore(directory, CONTRACT_OPTIONS);
    await store.close();
  });
});

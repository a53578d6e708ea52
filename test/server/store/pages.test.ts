import { expect } from 'chai';
import { openMemoryStore } from '../../../server/store/memory.ts';
import { pagesOf } from '../../../server/store/pages.ts';
import { type Kind, keyOf, put, type Store } from '../../../server/store/port.ts';

interface Fruit {
  readonly version: 1;
  readonly name: string;
  readonly colour: string;
}

const FRUITS: Kind<Fruit> = {
  name: 'fruit',
  indexes: ['colour'],
  indexValues: (_index, { colour }) => [colour],
};

describe('a range page by page', () => {
  let store: Store;

  beforeEach(async () => {
    store = await openMemoryStore({
      kinds: [FRUITS],
      writer: 'test',
      auditKey: new Uint8Array(32),
    });
  });
  afterEach(() => store.close());

  async function grow(name: string, colour: string): Promise<void> {
    const key = keyOf(FRUITS, name);
    await store.transact([key], () => ({
      writes: [put(key, { version: 1, name, colour })],
      auditDrafts: [],
      reply: undefined,
    }));
  }

  async function namesOf(range: Parameters<typeof pagesOf>[2]): Promise<string[][]> {
    const pages: string[][] = [];
    for await (const page of pagesOf(store, FRUITS, range)) {
      pages.push(page.map(({ name }) => name));
    }
    return pages;
  }

  it('is all of it, in order, no page larger than asked for', async () => {
    for (const name of ['apple', 'cherry', 'date', 'fig', 'grape']) await grow(name, 'red');
    await grow('banana', 'yellow');
    const pages = await namesOf({ index: 'colour', value: 'red', limit: 2 });
    expect(pages.flat()).to.deep.equal(['apple', 'cherry', 'date', 'fig', 'grape']);
    expect(pages.map(({ length }) => length)).to.deep.equal([2, 2, 1]);
    expect((await namesOf({ limit: 4 })).flat()).to.have.length(6);
  });

  it('has one page with nothing where there is nothing', async () => {
    expect(await namesOf({ limit: 2 })).to.deep.equal([[]]);
  });

  it('reads no page before it is asked for', async () => {
    for (const name of ['apple', 'cherry', 'date']) await grow(name, 'red');
    const found: string[] = [];
    for await (const page of pagesOf(store, FRUITS, { limit: 1 })) {
      for (const { name } of page) found.push(name);
      if (found.includes('cherry')) await grow('elderberry', 'black');
    }
    expect(found).to.deep.equal(['apple', 'cherry', 'date', 'elderberry']);
  });
});

import { expect } from 'chai';
import { openMemoryStore } from '../../../server/store/memory.ts';
import { type Kind, keyOf, put, replyOnly, type Store } from '../../../server/store/port.ts';
import { removeOver } from '../../../server/store/sweep.ts';

interface Thing {
  readonly version: 1;
  readonly id: string;
  readonly until: number;
}
const THINGS: Kind<Thing> = { name: 'thing', indexes: [], indexValues: () => [] };
const idOf = (number: number): string => `t${String(number).padStart(4, '0')}`;

describe('store: removing what is over', () => {
  let store: Store;
  beforeEach(async () => {
    const auditKey = new Uint8Array(32);
    store = await openMemoryStore({ kinds: [THINGS], writer: 'test', auditKey });
  });
  afterEach(() => store.close());

  const write = (id: string, until: number): Promise<undefined> =>
    store.transact([keyOf(THINGS, id)], ([, ..._]) => ({
      ...replyOnly(undefined),
      writes: [put(keyOf(THINGS, id), { version: 1, id, until })],
    }));
  const left = async (): Promise<string[]> => {
    const { items } = await store.scan(THINGS, { limit: 500 });
    return items.map(({ id }) => id);
  };

  it('goes through every page and leaves the others', async () => {
    await Promise.all(Array.from({ length: 450 }, (_, n) => write(idOf(n), n % 3)));
    const removed = await removeOver(store, THINGS, ({ until }) => until < 2);
    expect(removed).to.equal(300);
    const kept = await left();
    expect(kept).to.have.length(150);
    expect(kept[0]).to.equal(idOf(2));
  });

  it('looks again at what has changed since it was read', async () => {
    await write('a', 1);
    const racing: Pick<Store, 'scan' | 'transact'> = {
      scan: async (kind, range) => {
        const page = await store.scan(kind, range);
        await write('a', 9);
        return page;
      },
      transact: (keys, decide) => store.transact(keys, decide),
    };
    expect(await removeOver(racing, THINGS, ({ until }) => until < 2)).to.equal(0);
    expect(await left()).to.deep.equal(['a']);
  });
});

import { expect } from 'chai';
import { JournalLayer } from '../../../server/store/journal-layer.ts';
import { BLOCK_BYTES } from '../../../server/store/journal-record.ts';

/** One record of a single change. */
const change = (sequence: number, value: string) => ({
  sequence,
  previous: 0,
  operations: [{ key: 'k', value }],
});
const durable = () => Promise.resolve();

describe('a layer of the journal', () => {
  it('lends its memory to the next one unless a view still reads it', async () => {
    const bytes = Buffer.alloc(2 * BLOCK_BYTES);
    const layer = new JournalLayer(bytes.length, bytes);
    await layer.add(change(1, 'first'), durable);
    const [view, other] = [layer.still(), layer.still()];
    await layer.add(change(2, 'second'), durable);
    other.release();
    other.release();
    const before = Buffer.from(bytes);
    await layer.successor().add(change(3, 'third'), durable);
    expect(bytes.equals(before)).to.equal(true);
    expect(view.get('k')).to.equal('first');
    view.release();
    await layer.successor().add(change(3, 'third'), durable);
    expect(bytes.equals(before)).to.equal(false);
  });

  it('is read as it was by a view, also where another was closed before it', async () => {
    const layer = new JournalLayer(8 * BLOCK_BYTES);
    const views = [];
    for (const [place, value] of ['a', 'b', 'c', 'd'].entries()) {
      await layer.add(change(2 * place + 1, value), durable);
      const view = layer.still();
      if (place % 2 === 0) view.release();
      else views.push(view);
      await layer.add(change(2 * place + 2, value.toUpperCase()), durable);
    }
    expect(views.map((view) => view.get('k'))).to.deep.equal(['b', 'd']);
    expect(layer.get('k')).to.equal('D');
  });

  it('refuses to be read through a view that is closed', () => {
    const view = new JournalLayer(BLOCK_BYTES).still();
    view.release();
    expect(() => view.get('k'))
      .to.throw()
      .with.property('code', 'internal');
  });
});

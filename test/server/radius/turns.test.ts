import { expect } from 'chai';
import { createTurns } from '../../../server/radius/turns.ts';

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('radius: turns', () => {
  it('hear one of each in a round, whatever one of them sends', async () => {
    const handled: string[] = [];
    const turns = createTurns<string, number>({
      perWho: 100,
      perTurn: 4,
      handle: (who, what) => handled.push(`${who}${what}`),
    });
    for (let n = 0; n < 50; n += 1) turns.push('a', n);
    turns.push('b', 0);
    turns.push('c', 0);
    turns.push('b', 1);
    expect(handled).to.deep.equal([]);
    await nextTurn();
    expect(handled).to.deep.equal(['a0', 'b0', 'c0', 'a1']);
    await nextTurn();
    expect(handled.slice(4)).to.deep.equal(['b1', 'a2', 'a3', 'a4']);
    while (turns.waiting() > 0) await nextTurn();
    expect(handled).to.have.length(53);
    expect(handled.filter((one) => one.startsWith('a'))).to.deep.equal(
      Array.from({ length: 50 }, (_, n) => `a${n}`),
    );
  });

  it('hear less of one for whom there was no room, until nothing of his waits', async () => {
    const handled: string[] = [];
    const turns = createTurns<string, number>({
      perWho: 6,
      perTurn: 5,
      perTurnOfFlooder: 1,
      handle: (who) => handled.push(who),
    });
    for (let n = 0; n < 7; n += 1) turns.push('a', n);
    for (let n = 0; n < 3; n += 1) turns.push('b', n);
    await nextTurn();
    expect(handled.join('')).to.equal('abbb');
    while (turns.waiting() > 0) await nextTurn();
    for (let n = 0; n < 5; n += 1) turns.push('a', n);
    handled.length = 0;
    await nextTurn();
    expect(handled.join('')).to.equal('aaaaa');
  });

  it('have room for so many of one, and for others all the same', async () => {
    const handled: number[] = [];
    const turns = createTurns<string, number>({
      perWho: 2,
      perTurn: 10,
      handle: (_who, what) => handled.push(what),
    });
    expect([1, 2, 3].map((what) => turns.push('a', what))).to.deep.equal([true, true, false]);
    expect(turns.push('b', 4)).to.equal(true);
    await nextTurn();
    expect(handled).to.deep.equal([1, 4, 2]);
    expect(turns.push('a', 5)).to.equal(true);
    await nextTurn();
    expect(turns.waiting()).to.equal(0);
  });
});

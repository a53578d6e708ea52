import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { Flushes } from '../../../server/store/flushes.ts';
import type { Group } from '../../../server/store/group.ts';

/** Groups that begin while another one ends. */
describe('store flushes', () => {
  let flushes: Flushes;
  /** Groups in the order in which their writes began. */
  let writes: Group[];
  let finish: () => void;
  let whenSettled: () => void;

  beforeEach(() => {
    writes = [];
    whenSettled = () => undefined;
    flushes = new Flushes({
      write: (group) => {
        writes.push(group);
        return new Promise((resolve) => {
          finish = resolve;
        });
      },
      settle: () => whenSettled(),
      damage: undefined,
      observer: undefined,
    });
  });

  /** Joins the group that forms; `then` runs in the turn in which its replies leave. */
  const joining = (then: () => void = () => undefined): Group => {
    const group = flushes.join();
    group.wait(then, ({ message }) => expect.fail(message), undefined);
    return group;
  };
  /** More turns than a group gathers for. */
  const aWhile = async () => {
    for (let turn = 0; turn < 6; turn += 1) await nextTurn();
  };
  const begun = async (count: number) => {
    await aWhile();
    expect(writes).to.have.length(count);
  };

  it('are one at a time, also when a group begins as the replies of another leave', async () => {
    let next: Group | undefined;
    joining(() => {
      next = joining();
    });
    await begun(1);
    finish();
    while (writes.length < 2) await nextTurn();
    expect(writes[1]).to.equal(next);
    const late = joining();
    await begun(2);
    finish();
    await begun(3);
    expect(writes[2]).to.equal(late);
    finish();
    await flushes.settled();
  });

  it('begin for what joins as the durable is told of', async () => {
    whenSettled = () => {
      whenSettled = () => undefined;
      joining();
    };
    joining();
    await begun(1);
    finish();
    await begun(2);
    finish();
    await flushes.settled();
    expect(flushes.waiting).to.equal(0);
  });

  it('are waited for by what is told when all is durable, before their way has begun', async () => {
    joining();
    let isSettled = false;
    const settled = flushes.settled().then(() => {
      isSettled = true;
    });
    await begun(1);
    expect(isSettled).to.equal(false);
    finish();
    await settled;
  });
});

import { expect } from 'chai';
import { type Chore, startHousekeeping } from '../../server/housekeeping.ts';
import type { UnixMillis } from '../../shared/types.ts';

const clock = { now: () => 5 as UnixMillis };
const errors: object[] = [];
const log = { error: (details: object) => errors.push(details) };

/** Resolves when it has run `times` times. */
function counted(times: number, fails = false): { chore: Chore; reached: Promise<void> } {
  let runs = 0;
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const run = async (now: UnixMillis): Promise<void> => {
    expect(now).to.equal(5);
    runs += 1;
    if (runs === times) reach();
    if (fails) throw new Error('the disk is on fire');
  };
  return { chore: { name: 'a chore', everyMillis: 1, run }, reached };
}

describe('housekeeping', () => {
  beforeEach(() => errors.splice(0));

  it('does each chore again and again, also one that fails', async () => {
    const [good, bad] = [counted(3), counted(3, true)];
    const told = new Set<string>();
    const observe = (chore: string, result: string) => void told.add(`${chore}: ${result}`);
    const housekeeping = startHousekeeping([good.chore, bad.chore], { clock, log, observe });
    await Promise.all([good.reached, bad.reached]);
    await housekeeping.stop();
    expect(errors.length).to.be.at.least(2);
    expect(errors[0]).to.include({ chore: 'a chore' });
    expect(told).to.deep.equal(new Set(['a chore: done', 'a chore: failed']));
  });

  it('lets what is under way come to its end, and begins nothing more', async () => {
    let finish: () => void = () => undefined;
    let runs = 0;
    const run = (): Promise<void> => {
      runs += 1;
      return new Promise((resolve) => {
        finish = resolve;
      });
    };
    const slow = { name: 'slow', everyMillis: 1, run };
    const housekeeping = startHousekeeping([slow], { clock, log });
    let stopped = false;
    const stopping = housekeeping.stop().then(() => {
      stopped = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(stopped).to.equal(false);
    finish();
    await stopping;
    expect(runs).to.equal(1);
  });
});

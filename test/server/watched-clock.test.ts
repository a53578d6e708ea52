import { expect } from 'chai';
import { STEADY_AFTER_MILLIS, STEP_MILLIS, watchClock } from '../../server/watched-clock.ts';
import type { UnixMillis } from '../../shared/types.ts';

/** A computer's clock that the test sets. */
function createComputer() {
  let now = Date.UTC(2026, 0, 1);
  let elapsed = 1234.5;
  return {
    clock: { now: () => now as UnixMillis, elapsedMillis: () => elapsed },
    pass(millis: number) {
      now += millis;
      elapsed += millis;
    },
    set(byMillis: number) {
      now += byMillis;
    },
  };
}

describe('the watched clock', () => {
  it('gives the time it is given', () => {
    const { clock, pass } = createComputer();
    const watched = watchClock(clock);
    pass(90 * 86_400_000);
    expect(watched.now()).to.equal(clock.now());
    expect(watched.isSteady()).to.equal(true);
  });

  for (const millis of [STEP_MILLIS + 1, -STEP_MILLIS - 1, 3_600_000, -86_400_000]) {
    it(`is unsteady when it is set by ${millis} ms, until it has gone evenly for a while`, () => {
      const { clock, pass, set } = createComputer();
      const watched = watchClock(clock);
      pass(1000);
      set(millis);
      expect(watched.isSteady()).to.equal(false);
      pass(STEADY_AFTER_MILLIS - 1);
      expect(watched.isSteady()).to.equal(false);
      pass(1);
      expect(watched.isSteady()).to.equal(true);
    });
  }

  it('is set in small, however often, without being unsteady', () => {
    const { clock, pass, set } = createComputer();
    const watched = watchClock(clock);
    for (let hour = 0; hour < 1000; hour += 1) {
      pass(3_600_000);
      set(STEP_MILLIS);
      expect(watched.isSteady()).to.equal(true);
    }
  });

  it('begins anew with another step', () => {
    const { clock, pass, set } = createComputer();
    const watched = watchClock(clock);
    set(60_000);
    watched.now();
    pass(STEADY_AFTER_MILLIS - 1);
    set(-60_000);
    expect(watched.isSteady()).to.equal(false);
    pass(STEADY_AFTER_MILLIS - 1);
    expect(watched.isSteady()).to.equal(false);
  });

  it('is believed where nothing tells how much time has passed', () => {
    let now = 0;
    const watched = watchClock({ now: () => now as UnixMillis });
    now = 1e12;
    expect(watched.isSteady()).to.equal(true);
    expect(watched.now()).to.equal(1e12);
  });
});

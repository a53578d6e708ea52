import { expect } from 'chai';
import {
  clearFailures,
  clearRow,
  countFailedPair,
  countWrongCode,
  isRepeat,
  NO_FAILURES,
  retryAfterSeconds,
  waitSecondsAfter,
} from '../../../server/verification/failures.ts';
import { createPolicy, DEFAULT_POLICY } from '../../../server/verification/policy.ts';
import { NOW, nowPlus, SECOND } from '../../support/verification.ts';

const wrong = (hash: string, millis = 0) => ({ hash, at: nowPlus(millis) });

describe('verification: failures', () => {
  const WAITS: readonly (readonly [failures: number, seconds: number])[] = [
    [0, 0],
    [1, 0],
    [2, 0],
    [3, 5],
    [4, 10],
    [5, 20],
    [6, 40],
    [7, 80],
    [8, 160],
    [9, 300],
    [10, 0],
    [11, 0],
  ];
  for (const [failures, seconds] of WAITS) {
    it(`waits ${seconds} s after ${failures} failures`, () => {
      expect(waitSecondsAfter(failures, DEFAULT_POLICY)).to.equal(seconds);
    });
  }

  it('takes every number of the wait from the policy', () => {
    const policy = createPolicy({ waitAfterFailures: 1, waitSeconds: 7, waitSecondsMax: 20 });
    expect([1, 2, 3, 4].map((n) => waitSecondsAfter(n, policy))).to.deep.equal([7, 14, 20, 20]);
  });

  it('counts a wrong code in both counts, begins the wait and remembers the hash', () => {
    const two = { ...NO_FAILURES, failuresInRow: 2, failuresSinceSuccess: 30 };
    expect(countWrongCode(two, wrong('h'), DEFAULT_POLICY)).to.deep.equal({
      failuresInRow: 3,
      failuresSinceSuccess: 31,
      waitUntil: NOW + 5 * SECOND,
      lastWrong: { hash: 'h', at: NOW },
    });
  });

  const ROUNDING: readonly (readonly [millis: number, seconds: number | undefined])[] = [
    [-1, undefined],
    [0, undefined],
    [1, 1],
    [999, 1],
    [1000, 1],
    [1001, 2],
    [300_000, 300],
    // Longer than any wait that is given: the clock was ahead when it was set.
    [300_001, undefined],
    [86_400_000, undefined],
  ];
  for (const [millis, seconds] of ROUNDING) {
    it(`says ${seconds} s of a wait that has ${millis} ms to go`, () => {
      expect(retryAfterSeconds(NOW + millis, NOW, 300)).to.equal(seconds);
    });
  }

  const REPEATS: readonly (readonly [hash: string, millis: number, repeat: boolean])[] = [
    ['same', 0, true],
    ['same', 59_999, true],
    ['same', 60_000, false],
    ['same', -1, false],
    ['othr', 0, false],
    ['longer', 0, false],
  ];
  for (const [hash, millis, repeat] of REPEATS) {
    it(`${repeat ? 'forgives' : 'counts'} "${hash}" ${millis} ms after "same"`, () => {
      const failures = { ...NO_FAILURES, lastWrong: wrong('same') };
      expect(isRepeat(failures, wrong(hash, millis), DEFAULT_POLICY)).to.equal(repeat);
    });
  }

  it('has nothing to repeat before the first wrong code, and never with repeatSeconds 0', () => {
    expect(isRepeat(NO_FAILURES, wrong('same'), DEFAULT_POLICY)).to.equal(false);
    const failures = { ...NO_FAILURES, lastWrong: wrong('same') };
    expect(isRepeat(failures, wrong('same'), createPolicy({ repeatSeconds: 0 }))).to.equal(false);
  });

  const some = {
    failuresInRow: 4,
    failuresSinceSuccess: 14,
    waitUntil: NOW + 10 * SECOND,
    lastWrong: wrong('h'),
  };

  it('counts a failed pair since the last success only', () => {
    expect(countFailedPair(some)).to.deep.equal({ ...some, failuresSinceSuccess: 15 });
  });

  it('clears counts and wait after a success, and keeps the last wrong code', () => {
    expect(clearFailures(some)).to.deep.equal({ ...NO_FAILURES, lastWrong: wrong('h') });
  });

  it('leaves failures that are clear already the very object they are', () => {
    const clear = { ...NO_FAILURES, lastWrong: wrong('h') };
    expect(clearFailures(clear)).to.equal(clear);
    const counts = ['failuresInRow', 'failuresSinceSuccess', 'waitUntil'] as const;
    for (const count of counts) {
      expect(clearFailures({ ...clear, [count]: 1 }), count).to.deep.equal(clear);
    }
  });

  it('clears row and wait alone after an unlock', () => {
    expect(clearRow(some)).to.deep.equal({ ...some, failuresInRow: 0, waitUntil: 0 });
  });
});

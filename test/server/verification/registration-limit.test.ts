import { expect } from 'chai';
import fc from 'fast-check';
import { DEFAULT_POLICY } from '../../../server/verification/policy.ts';
import {
  addFailedRegistration,
  registrationRetryAfterSeconds,
} from '../../../server/verification/registration-limit.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { DAY, HOUR, NOW, nowPlus } from '../../support/verification.ts';

const retry = (list: readonly UnixMillis[], now: UnixMillis) =>
  registrationRetryAfterSeconds(list, now, DEFAULT_POLICY);
const hours = (...times: number[]) => times.map((hour) => nowPlus(hour * HOUR));

describe('verification: registration limit', () => {
  const CASES: readonly (readonly [
    failed: readonly UnixMillis[],
    now: UnixMillis,
    seconds: number | undefined,
  ])[] = [
    [[], NOW, undefined],
    [hours(0, 1, 2, 3), nowPlus(4 * HOUR), undefined],
    [hours(0, 1, 2, 3, 4), nowPlus(4 * HOUR), 20 * 3600],
    [hours(0, 1, 2, 3, 4), nowPlus(DAY - 1), 1],
    [hours(0, 1, 2, 3, 4), nowPlus(DAY), undefined],
    [hours(0, 0, 0, 0, 0), nowPlus(DAY), undefined],
    [hours(-1, 0, 1, 2, 3, 4), nowPlus(4 * HOUR), 20 * 3600],
    [hours(-30, 0, 1, 2, 3), nowPlus(4 * HOUR), undefined],
    // The clock was a year ahead when they were counted.
    [hours(8760, 8760, 8761, 8761, 8762), nowPlus(4 * HOUR), undefined],
    [hours(20, 21, 22, 23, 23), nowPlus(4 * HOUR), 40 * 3600],
  ];
  for (const [failed, now, seconds] of CASES) {
    const at = failed.map((time) => (time - NOW) / HOUR);
    it(`says ${seconds} s at hour ${(now - NOW) / HOUR} of failures at hours ${at}`, () => {
      expect(retry(failed, now)).to.equal(seconds);
    });
  }

  it('never lets a sixth pair be tested within any 24 hours, and always one a day', () => {
    const gaps = fc.array(fc.oneof(fc.nat(10_000), fc.nat(10 * HOUR)), { maxLength: 80 });
    fc.assert(
      fc.property(gaps, (millis) => {
        let list: readonly UnixMillis[] = [];
        let now = 0;
        const tested: number[] = [];
        for (const gap of millis) {
          now += gap;
          const inDay = tested.filter((time) => now - time < DAY).length;
          const wait = retry(list, nowPlus(now));
          expect(wait === undefined).to.equal(inDay < 5);
          if (wait !== undefined) continue;
          tested.push(now);
          list = addFailedRegistration(list, nowPlus(now), DEFAULT_POLICY);
          expect(list.length).to.be.at.most(5);
          expect(list).to.deep.equal(tested.filter((t) => now - t < DAY).map((t) => nowPlus(t)));
        }
      }),
    );
  });

  it('forgets a failure when it is 24 hours old, not before', () => {
    const kept = (now: number) => addFailedRegistration(hours(0), nowPlus(now), DEFAULT_POLICY);
    expect(kept(DAY - 1)).to.deep.equal([NOW, nowPlus(DAY - 1)]);
    expect(kept(DAY)).to.deep.equal([nowPlus(DAY)]);
  });

  it('keeps the list in order when the clock goes back', () => {
    const list = addFailedRegistration(hours(5), nowPlus(HOUR), DEFAULT_POLICY);
    expect(list).to.deep.equal(hours(1, 5));
  });
});

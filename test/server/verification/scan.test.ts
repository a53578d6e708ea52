import { expect } from 'chai';
import fc from 'fast-check';
import { createPolicy } from '../../../server/verification/policy.ts';
import { type Finding, scanCode } from '../../../server/verification/scan.ts';
import type { Env, Subject } from '../../../server/verification/types.ts';
import { windowAt } from '../../../server/verification/window.ts';
import type { Code, Seed, UnixMillis } from '../../../shared/types.ts';
import {
  DAY,
  digits,
  driftOf,
  eventSubject,
  NOW,
  realOtp,
  STEP,
  scriptedOtp,
  TIME,
  timeSubject,
  tinyOtp,
} from '../../support/verification.ts';

/** The rule without any thought for speed: list everything, filter, sort, take the first. */
function oracle(subject: Subject, code: Code, now: UnixMillis, { otp, policy }: Env): Finding {
  const { factor } = subject.record;
  const shows = (n: number) => n >= 0 && otp.code(subject.seed, n, subject.parameters) === code;
  const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
  if (factor.type === 'event') {
    const next = factor.nextCounter;
    const [match] = range(next, policy.lookAhead).filter(shows);
    if (match !== undefined) return match;
    const { replayedCounters } = policy;
    return range(next - replayedCounters, replayedCounters).some(shows) ? 'replayed' : 'nothing';
  }
  const { from, to, prediction } = windowAt(factor, TIME, now, policy);
  const shown = range(from, to - from + 1).filter(shows);
  const distance = (step: number) => Math.abs(step - prediction);
  const [nearest] = shown
    .filter((step) => step > factor.lastStep)
    .sort((a, b) => distance(a) - distance(b) || a - b);
  if (nearest !== undefined) return nearest;
  return shown.length > 0 ? 'replayed' : 'nothing';
}

const spaces = fc.constantFrom(2, 5, 10, 50, 1000);
const seeds = fc.integer({ min: 0, max: 255 }).map((byte) => new Uint8Array(20).fill(byte) as Seed);

const eventCase = fc
  .record({
    seed: seeds,
    space: spaces,
    nextCounter: fc.oneof(fc.nat(15), fc.nat(2 ** 31)),
    lookAhead: fc.integer({ min: 1, max: 20 }),
    replayedCounters: fc.integer({ min: 0, max: 12 }),
    picked: fc.integer({ min: -15, max: 25 }),
  })
  .map(({ seed, space, nextCounter, picked, ...overrides }) => {
    const env: Env = { otp: tinyOtp(space), policy: createPolicy(overrides) };
    const subject = eventSubject({ nextCounter }, { seed });
    const code = env.otp.code(seed, Math.max(0, nextCounter + picked), subject.parameters);
    return { env, subject, code };
  });

const timeCase = fc
  .record({
    seed: seeds,
    space: spaces,
    passed: fc.integer({ min: -25, max: 25 }),
    offsetSteps: fc.integer({ min: -40, max: 40 }),
    idleDays: fc.oneof(fc.constantFrom(0, 15, 30, 285), fc.nat(400)),
    windowStepsMax: fc.integer({ min: 1, max: 25 }),
    windowDeviations: fc.constantFrom(1, 2.5, 3.5),
    picked: fc.integer({ min: -25, max: 25 }),
    early: fc.boolean(),
  })
  .map(({ seed, space, passed, offsetSteps, idleDays, picked, early, ...overrides }) => {
    const env: Env = { otp: tinyOtp(space), policy: createPolicy(overrides) };
    // Near the beginning of time, where steps before the first one must not be asked for.
    const now = (early ? 20 * 30_000 : NOW) as UnixMillis;
    const prediction = now / 30_000 + offsetSteps;
    const subject = timeSubject(
      {
        lastStep: Math.max(-1, prediction + passed),
        drift: driftOf(offsetSteps, (now - idleDays * DAY) as UnixMillis),
      },
      { seed },
    );
    const code = env.otp.code(seed, Math.max(0, prediction + picked), subject.parameters);
    return { env, subject, code, now };
  });

describe('verification: scan', () => {
  it('finds what a brute-force search finds, event tokens, 10,000 cases full of collisions', () => {
    const found = new Set<string>();
    fc.assert(
      fc.property(eventCase, ({ env, subject, code }) => {
        const finding = scanCode(subject, code, NOW, env);
        found.add(typeof finding === 'number' ? 'match' : finding);
        expect(finding).to.equal(oracle(subject, code, NOW, env));
      }),
      { numRuns: 10_000 },
    );
    expect([...found].sort()).to.deep.equal(['match', 'nothing', 'replayed']);
  });

  it('finds what a brute-force search finds, time tokens, 10,000 cases full of collisions', () => {
    const found = new Set<string>();
    fc.assert(
      fc.property(timeCase, ({ env, subject, code, now }) => {
        const finding = scanCode(subject, code, now, env);
        found.add(typeof finding === 'number' ? 'match' : finding);
        expect(finding).to.equal(oracle(subject, code, now, env));
      }),
      { numRuns: 10_000 },
    );
    expect([...found].sort()).to.deep.equal(['match', 'nothing', 'replayed']);
  });

  it('never finds anything for a decoy', () => {
    fc.assert(
      fc.property(eventCase, timeCase, (event, time) => {
        const decoyOf = (subject: Subject): Subject => ({ ...subject, decoy: true });
        expect(scanCode(decoyOf(event.subject), event.code, NOW, event.env)).to.equal('nothing');
        expect(scanCode(decoyOf(time.subject), time.code, time.now, time.env)).to.equal('nothing');
      }),
      { numRuns: 2000 },
    );
  });

  // Steps from the prediction that show the code given; the last accepted step; what is found.
  type StepCase = readonly [same: readonly number[], last: number, finding: Finding];
  const STEP_CASES: readonly StepCase[] = [
    [[-2, 1], -5, 1],
    [[-1, 2], -5, -1],
    [[-2, 2], -5, -2],
    [[-2, 2], -2, 2],
    [[-1, 0, 1], -5, 0],
    [[-1, 0, 1], -1, 0],
    [[-1, 0, 1], 0, 1],
    [[-1, 0, 1], 1, 'replayed'],
    [[-3, 3], 3, 'replayed'],
    [[-4, 4], -5, 'nothing'],
    [[-4], 3, 'nothing'],
  ];
  for (const [same, last, finding] of STEP_CASES) {
    it(`finds ${finding} where steps ${same} collide and ${last} was the last`, () => {
      const otp = scriptedOtp(Object.fromEntries(same.map((from) => [STEP + from, '123456'])));
      const policy = createPolicy({ windowStepsMax: 3 });
      const drift = { ...driftOf(0), offsetVariance: 1e6 };
      const subject = timeSubject({ lastStep: STEP + last, drift });
      const found = scanCode(subject, digits('123456'), NOW, { otp, policy });
      expect(typeof found === 'number' ? found - STEP : found).to.equal(finding);
    });
  }

  it('prefers a later counter to calling the code replayed', () => {
    const otp = scriptedOtp({ 19: '123456', 25: '123456' });
    const env: Env = { otp, policy: createPolicy() };
    expect(scanCode(eventSubject(), digits('123456'), NOW, env)).to.equal(25);
  });

  it('finds with real codes what it finds with few ones', () => {
    fc.assert(
      fc.property(eventCase, timeCase, (event, time) => {
        for (const { env, subject, now } of [{ ...event, now: NOW }, time]) {
          const real: Env = { otp: realOtp, policy: env.policy };
          const { factor } = subject.record;
          const from = factor.type === 'event' ? factor.nextCounter : factor.lastStep;
          const code = realOtp.code(subject.seed, from + 1, subject.parameters);
          expect(scanCode(subject, code, now, real)).to.equal(oracle(subject, code, now, real));
        }
      }),
      { numRuns: 300 },
    );
  });
});

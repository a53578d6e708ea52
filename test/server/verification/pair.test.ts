import { expect } from 'chai';
import fc from 'fast-check';
import { findPair, refuseEqualCodes } from '../../../server/verification/pair.ts';
import { createPolicy, DEFAULT_POLICY } from '../../../server/verification/policy.ts';
import type { Env, Subject, TwoCodes } from '../../../server/verification/types.ts';
import { windowAt } from '../../../server/verification/window.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { timeStepAt } from '../../../shared/otp.ts';
import type { Seed, UnixMillis } from '../../../shared/types.ts';
import {
  codeOf,
  countingOtp,
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
  twoCodes,
  wrongCode,
} from '../../support/verification.ts';

const env: Env = { otp: realOtp, policy: DEFAULT_POLICY };

/** All pairs there are, as the text says; then the one whose second code is nearest. */
function oracle(subject: Subject, codes: TwoCodes, { otp, policy }: Env): number | undefined {
  const { factor } = subject.record;
  const shows = (n: number, code: string) =>
    n >= 0 && otp.code(subject.seed, n, subject.parameters) === code;
  const pairs: (readonly [first: number, second: number])[] = [];
  let prediction: number;
  if (factor.type === 'event') {
    prediction = factor.nextCounter;
    for (let first = prediction; first < prediction + policy.resyncCounters - 1; first += 1) {
      pairs.push([first, first + 1]);
    }
  } else {
    prediction = windowAt(factor, TIME, codes.now, policy).prediction;
    for (let from = -policy.resyncSteps; from <= policy.resyncSteps; from += 1) {
      for (let later = 1; later <= policy.pairStepsMax; later += 1) {
        const first = prediction + from;
        // Nor so far ahead of the server's own clock.
        const isNear = first + later <= timeStepAt(codes.now, TIME) + policy.resyncSteps;
        if (from + later <= policy.resyncSteps && isNear && first > factor.lastStep) {
          pairs.push([first, first + later]);
        }
      }
    }
  }
  const distance = (second: number) => Math.abs(second - prediction);
  return pairs
    .filter(([first, second]) => shows(first, codes.code1) && shows(second, codes.code2))
    .map(([, second]) => second)
    .sort((a, b) => distance(a) - distance(b) || a - b)[0];
}

const spaces = fc.constantFrom(3, 10, 30, 100, 1000);
const seeds = fc.integer({ min: 0, max: 255 }).map((byte) => new Uint8Array(20).fill(byte) as Seed);
const pairCase = fc
  .record({
    seed: seeds,
    space: spaces,
    time: fc.boolean(),
    early: fc.boolean(),
    nextCounter: fc.oneof(fc.nat(3), fc.nat(2 ** 31)),
    passed: fc.integer({ min: -30, max: 30 }),
    offsetSteps: fc.integer({ min: -40, max: 40 }),
    picked: fc.integer({ min: -25, max: 30 }),
    apart: fc.constantFrom(-1, 1, 1, 2, 3, 4),
    resyncCounters: fc.integer({ min: 10, max: 25 }),
    resyncSteps: fc.integer({ min: 1, max: 25 }),
    pairStepsMax: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ resyncCounters, resyncSteps, pairStepsMax, ...drawn }) => {
    const policy = createPolicy({ lookAhead: 1, resyncCounters, resyncSteps, pairStepsMax });
    const pairEnv: Env = { otp: tinyOtp(drawn.space), policy };
    const now = (drawn.early ? 30 * 30_000 : NOW) as UnixMillis;
    const prediction = now / 30_000 + drawn.offsetSteps;
    const lastStep = Math.max(-1, prediction + drawn.passed);
    const { seed, nextCounter, offsetSteps } = drawn;
    const subject = drawn.time
      ? timeSubject({ lastStep, drift: driftOf(offsetSteps, now) }, { seed })
      : eventSubject({ nextCounter }, { seed });
    const first = Math.max(0, (drawn.time ? prediction : nextCounter) + drawn.picked);
    const code1 = codeOf(subject, first, pairEnv.otp);
    const code2 = codeOf(subject, Math.max(0, first + drawn.apart), pairEnv.otp);
    return { pairEnv, subject, codes: twoCodes(code1, code2, now) };
  })
  .filter(({ codes }) => codes.code1 !== codes.code2);

describe('verification: pair', () => {
  it('finds what a brute-force search finds, 10,000 cases full of collisions', () => {
    const found = new Set<string>();
    fc.assert(
      fc.property(pairCase, ({ pairEnv, subject, codes }) => {
        const second = findPair(subject, codes, pairEnv);
        found.add(typeof second);
        expect(second).to.equal(oracle(subject, codes, pairEnv));
        expect(findPair({ ...subject, decoy: true }, codes, pairEnv)).to.equal(undefined);
      }),
      { numRuns: 10_000 },
    );
    expect([...found].sort()).to.deep.equal(['number', 'undefined']);
  });

  type PairCase = readonly [name: string, first: number, second: number, found: boolean];
  const EVENT_PAIRS: readonly PairCase[] = [
    ['the next two', 20, 21, true],
    ['the last two of a thousand', 1018, 1019, true],
    ['one beyond a thousand', 1019, 1020, false],
    ['the last accepted and the next', 19, 20, false],
    ['one left out between', 20, 22, false],
    ['swapped', 21, 20, false],
  ];
  for (const [name, first, second, found] of EVENT_PAIRS) {
    it(`${found ? 'finds' : 'does not find'} event codes: ${name}`, () => {
      const subject = eventSubject();
      const codes = twoCodes(codeOf(subject, first), codeOf(subject, second));
      expect(findPair(subject, codes, env)).to.equal(found ? second : undefined);
    });
  }

  const TIME_PAIRS: readonly PairCase[] = [
    ['one step apart', -1, 0, true],
    ['two steps apart', -2, 0, true],
    ['three steps apart', -3, 0, true],
    ['four steps apart', -4, 0, false],
    ['swapped', 0, -1, false],
    ['at the earliest end', -300, -299, true],
    ['the first code a step too early', -301, -300, false],
    ['at the latest end', 297, 300, true],
    ['the second code a step too late', 298, 301, false],
  ];
  for (const [name, first, second, found] of TIME_PAIRS) {
    it(`${found ? 'finds' : 'does not find'} time codes: ${name}`, () => {
      const subject = timeSubject({ lastStep: STEP - 1000 });
      const codes = twoCodes(codeOf(subject, STEP + first), codeOf(subject, STEP + second));
      expect(findPair(subject, codes, env)).to.equal(found ? STEP + second : undefined);
    });
  }

  it('wants both steps later than the last accepted', () => {
    const subject = timeSubject({ lastStep: STEP - 1 });
    const pair = (first: number, second: number) =>
      twoCodes(codeOf(subject, STEP + first), codeOf(subject, STEP + second));
    expect(findPair(subject, pair(-1, 0), env)).to.equal(undefined);
    expect(findPair(subject, pair(0, 1), env)).to.equal(STEP + 1);
  });

  it('searches around the prediction, not around the clock', () => {
    const subject = timeSubject({ lastStep: 0, offsetSteps: -400 });
    const pair = (first: number) =>
      twoCodes(codeOf(subject, STEP + first), codeOf(subject, STEP + first + 1));
    expect(findPair(subject, pair(0), env)).to.equal(undefined);
    expect(findPair(subject, pair(-700), env)).to.equal(STEP - 699);
  });

  it('but never further ahead of the clock than it reaches', () => {
    const subject = timeSubject({ lastStep: 0, offsetSteps: 200 });
    const pair = (first: number) =>
      twoCodes(codeOf(subject, STEP + first), codeOf(subject, STEP + first + 1));
    expect(findPair(subject, pair(299), env)).to.equal(STEP + 300);
    expect(findPair(subject, pair(300), env)).to.equal(undefined);
    expect(findPair(subject, pair(-100), env)).to.equal(STEP - 99);
  });

  // Steps that show A, steps that show B, and the second step of the pair that wins.
  type Collision = readonly [a: readonly number[], b: readonly number[], second: number];
  const COLLISIONS: readonly Collision[] = [
    [[-9, 5], [-8, 6], 6],
    [[-7, 5], [-6, 6], -6],
    [[-7, 3], [-5, 6], -5],
    [[0, 40], [42], 42],
    [[-1, 1], [2], 2],
  ];
  for (const [a, b, second] of COLLISIONS) {
    it(`takes the pair ending at ${second} of A at ${a} and B at ${b}`, () => {
      const otp = scriptedOtp({
        ...Object.fromEntries(a.map((from) => [STEP + from, '111111'])),
        ...Object.fromEntries(b.map((from) => [STEP + from, '222222'])),
      });
      const subject = timeSubject({ lastStep: STEP - 1000 });
      const codes = twoCodes(digits('111111'), digits('222222'));
      expect(findPair(subject, codes, { ...env, otp })).to.equal(STEP + second);
    });
  }

  it('makes every code in range once, whatever matched', () => {
    for (const subject of [eventSubject(), timeSubject({ lastStep: STEP - 1000 })]) {
      const event = subject.parameters.type === 'event';
      const [from, count] = event ? [20, 1000] : [STEP - 300, 601];
      const [a, b] = [codeOf(subject, from + 4), codeOf(subject, from + 5)];
      const no = wrongCode(subject, from, from + count);
      const range = Array.from({ length: count }, (_, i) => from + i);
      const decoy: Subject = { ...subject, decoy: true };
      const tries = [
        [subject, a, b],
        [subject, a, no],
        [subject, no, b],
        [subject, no, a],
        [decoy, a, b],
      ] as const;
      for (const [who, code1, code2] of tries) {
        const otp = countingOtp();
        findPair(who, twoCodes(code1, code2), { ...env, otp });
        expect(otp.asked).to.deep.equal(range);
      }
    }
  });

  it('refuses two equal codes, naming the second and neither code', () => {
    const same = codeOf(eventSubject(), 20);
    let thrown: unknown;
    try {
      refuseEqualCodes(twoCodes(same, same));
    } catch (error) {
      thrown = error;
    }
    if (!(thrown instanceof FobtwinError)) throw new Error('it was not refused');
    expect(thrown.code).to.equal('invalidInput');
    expect(thrown.errors).to.deep.equal([{ field: '/code2', code: 'equalCodes' }]);
    expect(`${thrown.message} ${thrown.nextStep}`).not.to.include(same);
    expect(() => refuseEqualCodes(twoCodes(same, wrongCode(eventSubject(), 0, 40)))).not.to.throw();
  });

  it('hits at random about twice in a thousand million', () => {
    // Pairs searched, each with a chance of one in a million million.
    const { resyncCounters, resyncSteps, pairStepsMax } = DEFAULT_POLICY;
    const steps = 2 * resyncSteps + 1;
    const timePairs = Array.from({ length: pairStepsMax }, (_, i) => steps - 1 - i);
    expect(timePairs.reduce((sum, n) => sum + n, 0)).to.equal(1797);
    expect(resyncCounters - 1).to.equal(999);
  });
});

/**
 * A time token's clock as the server should learn it, in the textbook's matrices and from
 * `facts/drift-prediction.md`'s words alone: offset and rate, seconds and days.
 */

type Vector = readonly [number, number];
type Matrix = readonly [Vector, Vector];

export interface NaiveClock {
  readonly mean: Vector;
  readonly covariance: Matrix;
  /** Milliseconds. */
  readonly at: number;
  readonly anchor: { readonly offset: number; readonly at: number };
}

const DAY = 24 * 60 * 60 * 1000;
const DELAY = 7.6;
const HOURS_4 = 4 * 60 * 60 * 1000;

const times = ([[a, b], [c, d]]: Matrix, [[e, f], [g, h]]: Matrix): Matrix => [
  [a * e + b * g, a * f + b * h],
  [c * e + d * g, c * f + d * h],
];
const plus = ([[a, b], [c, d]]: Matrix, [[e, f], [g, h]]: Matrix): Matrix => [
  [a + e, b + f],
  [c + g, d + h],
];

/** "A 30 s step seen uniformly, plus the delay's spread": R. */
const noiseOf = (stepSeconds: number): number => stepSeconds ** 2 / 12 + 40;

const seenOffset = (step: number, stepSeconds: number, now: number): number =>
  (step + 0.5) * stepSeconds - (now / 1000 - DELAY);

export function beginClock(step: number, stepSeconds: number, now: number): NaiveClock {
  const offset = seenOffset(step, stepSeconds, now);
  return {
    mean: [offset, -0.13],
    covariance: [
      [noiseOf(stepSeconds), 0],
      [0, 0.269],
    ],
    at: now,
    anchor: { offset, at: now },
  };
}

/** F P F' + Q, with F = (1 D, 0 1). */
export function clockAt(clock: NaiveClock, now: number): NaiveClock {
  const days = Math.max(0, now - clock.at) / DAY;
  const [offset, rate] = clock.mean;
  const q = 2.24e-4;
  const carried = times(
    times(
      [
        [1, days],
        [0, 1],
      ],
      clock.covariance,
    ),
    [
      [1, 0],
      [days, 1],
    ],
  );
  const grown = plus(carried, [
    [3 * days + (q * days ** 3) / 3, (q * days ** 2) / 2],
    [(q * days ** 2) / 2, q * days],
  ]);
  const at = Math.max(clock.at, now);
  return { ...clock, mean: [offset + rate * days, rate], covariance: grown, at };
}

const within = (value: number, reach: number): number => Math.max(-reach, Math.min(reach, value));

/** (I - K H) P and x + K e, with H = (1 0). */
function correct(clock: NaiveClock, error: number, stepSeconds: number): NaiveClock {
  const [[p00, p01], [p10]] = clock.covariance;
  const gain: Vector = [p00 / (p00 + noiseOf(stepSeconds)), p10 / (p00 + noiseOf(stepSeconds))];
  const left: Matrix = [
    [1 - gain[0], 0],
    [-gain[1], 1],
  ];
  const [offset, rate] = clock.mean;
  return {
    ...clock,
    mean: [offset + gain[0] * error, rate + gain[1] * error],
    covariance: times(left, [[p00, p01], clock.covariance[1]]),
  };
}

/** "Not more often than every 4 hours", "clamped to +-3 sqrt(S)", and the two fences. */
export function learnFromCode(
  clock: NaiveClock,
  step: number,
  stepSeconds: number,
  now: number,
): NaiveClock {
  if (now < clock.at + HOURS_4) return clock;
  const then = clockAt(clock, now);
  const deviation = Math.sqrt(then.covariance[0][0] + noiseOf(stepSeconds));
  const error = within(seenOffset(step, stepSeconds, now) - then.mean[0], 3 * deviation);
  const { mean, ...rest } = correct(then, error, stepSeconds);
  const reach = 45 + (3 * Math.max(0, now - clock.anchor.at)) / DAY;
  const away = within(mean[0] - clock.anchor.offset, reach);
  return { ...rest, mean: [clock.anchor.offset + away, within(mean[1], 3.02)] };
}

/** "Unclamped; if e2 > 9S first P00 = e2 …; re-anchor x0 = x, dated 30 days back." */
export function learnFromPair(
  clock: NaiveClock,
  step: number,
  stepSeconds: number,
  now: number,
): NaiveClock {
  const then = clockAt(clock, now);
  const error = seenOffset(step, stepSeconds, now) - then.mean[0];
  const [[p00], [, p11]] = then.covariance;
  const astray = error ** 2 > 9 * (p00 + noiseOf(stepSeconds));
  const doubted: NaiveClock = astray
    ? {
        ...then,
        covariance: [
          [error ** 2, 0],
          [0, Math.max(p11, 0.269)],
        ],
      }
    : then;
  const found = correct(doubted, error, stepSeconds);
  const mean: Vector = [found.mean[0], within(found.mean[1], 3.02)];
  return { ...found, mean, at: now, anchor: { offset: mean[0], at: now - 30 * DAY } };
}

/** Every step that may be accepted, and the likeliest. */
export function stepsAt(
  clock: NaiveClock | null,
  { stepSeconds, now }: { readonly stepSeconds: number; readonly now: number },
  { windowStepsMax, windowDeviations }: { windowStepsMax: number; windowDeviations: number },
): { readonly steps: readonly number[]; readonly middle: number } {
  const then = clock === null ? null : clockAt(clock, now);
  const shown = now / 1000 + (then === null ? 0 : then.mean[0] - DELAY);
  const middle = Math.floor(shown / stepSeconds);
  const spread = then === null ? 0 : windowDeviations * Math.sqrt(then.covariance[0][0]);
  const low = Math.floor((shown - Math.sqrt(spread ** 2 + 900)) / stepSeconds);
  const high = Math.floor((shown + Math.sqrt(spread ** 2 + 49)) / stepSeconds);
  const steps: number[] = [];
  for (let step = middle - windowStepsMax; step <= middle + windowStepsMax; step += 1) {
    if (then === null ? Math.abs(step - middle) <= 1 : step >= low && step <= high)
      steps.push(step);
  }
  return { steps, middle };
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Otp, timeStepAt } from '../../shared/otp.ts';
import {
  ALGORITHMS,
  type Algorithm,
  type Code,
  DIGITS,
  type Digits,
  type Seed,
  type TokenParameters,
  type UnixMillis,
} from '../../shared/types.ts';
import { SLICE_CODES } from '../verification/search.ts';
import { possibleSeeds, type SeedReading } from './explain-seeds.ts';

/** What two codes that follow each other would fit. */
export interface Fit {
  readonly reading: SeedReading;
  readonly type: 'event' | 'time';
  readonly algorithm: Algorithm;
  readonly digits: Digits;
  /** Time tokens. */
  readonly stepSeconds?: number;
  /** Time tokens: steps that the second code is ahead of the server's clock; behind is negative. */
  readonly offsetSteps?: number;
  /** Event tokens: the counter of the second code. */
  readonly counter?: number;
}

export interface FitQuestion {
  readonly seed: Seed;
  readonly parameters: TokenParameters;
  /** Event tokens: the lowest counter that can still be accepted; else 0. */
  readonly nextCounter: number;
  readonly code1: Code;
  readonly code2: Code;
  readonly now: UnixMillis;
  /** How many steps after the first code of a time token the second may be; of an event token 1. */
  readonly pairStepsMax: number;
}

/** Steps in seconds that makers have used. */
const STEP_SECONDS = [15, 30, 60, 90, 120] as const;
/** As it was imported, a time token is looked for a day each way: a clock set to local time. */
const DAY_SECONDS = 86_400;
/** Any other kind of token, and any other seed, so far each way. */
const STEPS_EACH_WAY = 300;
const COUNTERS_AHEAD = 5000;
const COUNTERS_EACH_WAY = 1000;
/** More would tell nothing: a pair fits by chance once in a thousand million. */
const FITS_MAX = 10;

/** One kind of token with one seed, and the moving factors that are tried on it. */
interface Trial {
  readonly reading: SeedReading;
  readonly seed: Seed;
  readonly type: 'event' | 'time';
  readonly algorithm: Algorithm;
  readonly stepSeconds: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Everything known that the two codes would fit, the likeliest first: the seed as it was imported
 * before others. Makes at most some 200,000 codes, in slices between which other work has its turn.
 */
export async function findFits(question: FitQuestion, otp: Otp): Promise<readonly Fit[]> {
  const digits = DIGITS.find((count) => count === question.code1.length);
  if (digits === undefined || question.code2.length !== digits) return [];
  const seeds = possibleSeeds(question.seed);
  try {
    const fits: Fit[] = [];
    for (const { reading, seed } of seeds) {
      for (const trial of trialsOf(reading, seed, question)) {
        const found = await findIn(trial, question, digits, otp);
        if (found !== undefined) fits.push(fitOf(trial, found, digits, question.now));
        if (fits.length === FITS_MAX) return fits;
      }
    }
    return fits;
  } finally {
    for (const { seed } of seeds) seed.fill(0);
  }
}

/** The stored algorithm and step first. */
function* trialsOf(
  reading: SeedReading,
  seed: Seed,
  { parameters, nextCounter, now }: FitQuestion,
): Generator<Trial> {
  const isStored = reading === 'asStored';
  const known = parameters.type === 'time' ? parameters.stepSeconds : undefined;
  for (const algorithm of first(parameters.algorithm, ALGORITHMS)) {
    for (const stepSeconds of first(known, STEP_SECONDS)) {
      const at = timeStepAt(now, { stepSeconds });
      const isLikely = isStored && stepSeconds === known;
      const reach = isLikely ? Math.ceil(DAY_SECONDS / stepSeconds) : STEPS_EACH_WAY;
      const range = { from: Math.max(0, at - reach), to: at + reach };
      yield { reading, seed, type: 'time', algorithm, stepSeconds, ...range };
    }
    const ahead = isStored && parameters.type === 'event' ? COUNTERS_AHEAD : COUNTERS_EACH_WAY;
    const from = Math.max(0, nextCounter - COUNTERS_EACH_WAY);
    const to = Math.min(nextCounter + ahead, Number.MAX_SAFE_INTEGER);
    yield { reading, seed, type: 'event', algorithm, stepSeconds: 0, from, to };
    if (from > 0) {
      const start = { from: 0, to: Math.min(COUNTERS_EACH_WAY, from) };
      yield { reading, seed, type: 'event', algorithm, stepSeconds: 0, ...start };
    }
  }
}

const first = <T>(one: T | undefined, all: readonly T[]): readonly T[] =>
  one === undefined ? all : [one, ...all.filter((each) => each !== one)];

/** The moving factor of the second code: the one nearest to the middle of a time token's range. */
async function findIn(
  { seed, type, algorithm, from, to }: Trial,
  { code1, code2, pairStepsMax }: FitQuestion,
  digits: Digits,
  otp: Otp,
): Promise<number | undefined> {
  const apart = type === 'time' ? pairStepsMax : 1;
  const middle = type === 'time' ? (from + to) / 2 : from;
  const [wanted1, wanted2] = [Number(code1), Number(code2)];
  let last = Number.NEGATIVE_INFINITY;
  let found: number | undefined;
  for (let factor = from; factor <= to; factor += 1) {
    if ((factor - from) % SLICE_CODES === SLICE_CODES - 1) await nextTurn();
    const code = otp.number(seed, factor, { algorithm, digits });
    const isNearer = found === undefined || Math.abs(factor - middle) < Math.abs(found - middle);
    if (code === wanted2 && factor - last <= apart && isNearer) found = factor;
    if (code === wanted1) last = factor;
  }
  return found;
}

function fitOf(trial: Trial, found: number, digits: Digits, now: UnixMillis): Fit {
  const { reading, type, algorithm, stepSeconds } = trial;
  const common = { reading, type, algorithm, digits };
  if (type === 'event') return { ...common, counter: found };
  return { ...common, stepSeconds, offsetSteps: found - timeStepAt(now, { stepSeconds }) };
}

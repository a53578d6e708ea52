import { invalidInput } from '../../shared/errors.ts';
import { equalText } from './equal.ts';
import { typedFactor } from './factor.ts';
import type { Env, Subject, TwoCodes } from './types.ts';
import { windowAt } from './window.ts';

/** Where a pair is looked for: moving factors, both ends included. */
interface PairSearch {
  readonly from: number;
  readonly to: number;
  /** Of several pairs the one whose second code is nearest to this wins, the earlier of two. */
  readonly prediction: number;
  /** How many moving factors after the first code the second may be. */
  readonly apart: number;
}

/**
 * Refuses two equal codes, untested and uncounted: nobody has read two codes off a token.
 *
 * @throws FobtwinError `invalidInput`, `equalCodes`
 */
export function refuseEqualCodes({ code1, code2 }: Omit<TwoCodes, 'now'>): void {
  if (code1 !== code2) return;
  throw invalidInput('/code2', 'equalCodes', 'The two codes are the same.', {
    nextStep: 'Wait for the next code, or press again, and give two codes that follow each other.',
  });
}

/**
 * The moving factor of the pair's second code, or `undefined` when there is no pair. The first
 * code alone is never looked for, and the work does not depend on what matched: every code in
 * range is made once and compared with both, to the end, so that neither the reply nor its time
 * tells whether one of the two was right.
 *
 * The second code is the one shown just now, so a pair is as near as its second code is.
 */
export function findPair(subject: Subject, codes: TwoCodes, env: Env): number | undefined {
  const { from, to, prediction, apart } = pairSearch(subject, codes, env);
  let first = Number.NEGATIVE_INFINITY;
  let nearest: number | undefined;
  for (let movingFactor = from; movingFactor <= to; movingFactor += 1) {
    const code = env.otp.code(subject.seed, movingFactor, subject.parameters);
    const isFirst = equalText(code, codes.code1);
    const isSecond = equalText(code, codes.code2);
    if (isSecond && movingFactor - first <= apart && nearer(movingFactor, nearest, prediction)) {
      nearest = movingFactor;
    }
    if (isFirst) first = movingFactor;
  }
  return subject.decoy === true ? undefined : nearest;
}

function nearer(candidate: number, best: number | undefined, prediction: number): boolean {
  return best === undefined || Math.abs(candidate - prediction) < Math.abs(best - prediction);
}

function pairSearch(subject: Subject, { now }: TwoCodes, { policy }: Env): PairSearch {
  const typed = typedFactor(subject);
  if (typed.type === 'event') {
    const { nextCounter } = typed.factor;
    const last = nextCounter + policy.resyncCounters - 1;
    const to = Math.min(last, Number.MAX_SAFE_INTEGER);
    return { from: nextCounter, to, prediction: nextCounter, apart: 1 };
  }
  const { prediction } = windowAt(typed.factor, typed.parameters, now, policy);
  return {
    from: Math.max(0, typed.factor.lastStep + 1, prediction - policy.resyncSteps),
    to: prediction + policy.resyncSteps,
    prediction,
    apart: policy.pairStepsMax,
  };
}

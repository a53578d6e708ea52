import { invalidInput } from '../../shared/errors.ts';
import { equalNumber, numberOf } from './equal.ts';
import { finish, resyncRange, SLICE_CODES } from './search.ts';
import type { Env, Search, Subject, TwoCodes } from './types.ts';

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
export function* searchPair(
  subject: Subject,
  codes: TwoCodes,
  env: Env,
): Search<number | undefined> {
  const { seed, parameters } = subject;
  const { from, to, prediction, apart } = resyncRange(subject, codes.now, env.policy);
  const number1 = numberOf(codes.code1, parameters.digits);
  const number2 = numberOf(codes.code2, parameters.digits);
  let first = Number.NEGATIVE_INFINITY;
  let nearest: number | undefined;
  for (let movingFactor = from; movingFactor <= to; movingFactor += 1) {
    const shown = env.otp.number(seed, movingFactor, parameters);
    const isFirst = equalNumber(shown, number1);
    const isSecond = equalNumber(shown, number2);
    if (isSecond && movingFactor - first <= apart && nearer(movingFactor, nearest, prediction)) {
      nearest = movingFactor;
    }
    if (isFirst) first = movingFactor;
    if ((movingFactor - from) % SLICE_CODES === SLICE_CODES - 1) yield;
  }
  return subject.decoy === true ? undefined : nearest;
}

/** The same without a pause. */
export const findPair = (subject: Subject, codes: TwoCodes, env: Env): number | undefined =>
  finish(searchPair(subject, codes, env));

function nearer(candidate: number, best: number | undefined, prediction: number): boolean {
  return best === undefined || Math.abs(candidate - prediction) < Math.abs(best - prediction);
}

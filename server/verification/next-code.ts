import type { Code, UnixMillis } from '../../shared/types.ts';
import { equalNumber, equalText, numberOf } from './equal.ts';
import type { WrongCode } from './failures.ts';
import type { Policy } from './policy.ts';
import { finish, resyncRange, SLICE_CODES } from './search.ts';
import type { Attempt, Env, FactorRecord, Search, Subject } from './types.ts';

/**
 * Next-code mode: a resync whose two codes come one at a time, at a login. A wrong code that lies
 * in the resync window counts as any other wrong code does and spends one of the resync budget;
 * the code that follows it, in time, completes the pair and is accepted. Nothing is won by
 * guessing: it takes the same pair, and every guess at either half has counted.
 */

const MILLIS = 1000;

/** Codes collide: this many of the moving factors that show one are remembered, the nearest. */
export const NEXT_CODE_FACTORS_MAX = 4;

/** Whether a wrong code is looked for in the resync window: a spent budget ends it. */
export const seeksNextCode = ({ failedPairs }: FactorRecord, policy: Policy): boolean =>
  policy.nextCodeSeconds > 0 && failedPairs < policy.resyncFailedPairs;

/** Codes that the search for a follower makes at most. */
export const followerEffort = ({ nextCodeSeconds, pairStepsMax }: Policy): number =>
  nextCodeSeconds > 0 ? NEXT_CODE_FACTORS_MAX * pairStepsMax : 0;

/**
 * The moving factors in the resync window that show `code`, the nearest to the prediction first and
 * the earlier of two equally near; at most `NEXT_CODE_FACTORS_MAX`. A decoy's search finds none.
 */
export function* searchCode(
  subject: Subject,
  { code, now }: Pick<Attempt, 'code' | 'now'>,
  env: Env,
): Search<readonly number[]> {
  const { seed, parameters } = subject;
  const { from, to, prediction } = resyncRange(subject, now, env.policy);
  const wanted = numberOf(code, parameters.digits);
  const found: number[] = [];
  for (let movingFactor = from; movingFactor <= to; movingFactor += 1) {
    if (equalNumber(env.otp.number(seed, movingFactor, parameters), wanted)) {
      found.push(movingFactor);
    }
    if ((movingFactor - from) % SLICE_CODES === SLICE_CODES - 1) yield;
  }
  if (subject.decoy === true) return [];
  return nearestFirst(found, prediction).slice(0, NEXT_CODE_FACTORS_MAX);
}

/** The same without a pause. */
export const findCode = (
  subject: Subject,
  attempt: Pick<Attempt, 'code' | 'now'>,
  env: Env,
): readonly number[] => finish(searchCode(subject, attempt, env));

const nearestFirst = (factors: readonly number[], prediction: number): readonly number[] =>
  factors.toSorted((a, b) => Math.abs(a - prediction) - Math.abs(b - prediction) || a - b);

/**
 * The moving factor of `code` where it follows the code that was waited on, by the rules of a pair;
 * else `undefined`.
 */
export function followerOf(
  subject: Subject,
  code: Code,
  now: UnixMillis,
  env: Env,
): number | undefined {
  const { seed, parameters, record } = subject;
  if (record.nextCode === undefined || !isOpen(record, now, env.policy)) return undefined;
  const { from, to, prediction, apart } = resyncRange(subject, now, env.policy);
  const wanted = numberOf(code, parameters.digits);
  const seconds: number[] = [];
  for (const first of record.nextCode.movingFactors) {
    const last = Math.min(first + apart, to);
    for (let second = first + 1; first >= from && second <= last; second += 1) {
      if (equalNumber(env.otp.number(seed, second, parameters), wanted)) seconds.push(second);
    }
  }
  return subject.decoy === true ? undefined : nearestFirst(seconds, prediction)[0];
}

/** In time. A clock that went back ends the wait. */
function isOpen({ nextCode }: FactorRecord, now: UnixMillis, policy: Policy): boolean {
  const age = nextCode === undefined ? -1 : now - nextCode.at;
  return age >= 0 && age < policy.nextCodeSeconds * MILLIS;
}

/** Whether this repeated code is the one whose follower is waited for. */
export function isAwaited(record: FactorRecord, wrong: WrongCode, policy: Policy): boolean {
  const { nextCode } = record;
  if (nextCode === undefined || !isOpen(record, wrong.at, policy)) return false;
  return equalText(nextCode.hash, wrong.hash);
}

/** The record once the follower of `wrong` is waited for: one of the resync budget is spent. */
export const awaitNextCode = (
  record: FactorRecord,
  wrong: WrongCode,
  movingFactors: readonly number[],
): FactorRecord => ({
  ...record,
  failedPairs: record.failedPairs + 1,
  nextCode: { hash: wrong.hash, at: wrong.at, movingFactors },
});

/** The record when nothing is waited for; the very object given when nothing was. */
export function withoutNextCode(record: FactorRecord): FactorRecord {
  if (record.nextCode === undefined) return record;
  const { nextCode: _, ...rest } = record;
  return rest;
}

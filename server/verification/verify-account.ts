import type { Hold } from '../../shared/types.ts';
import {
  clearFailures,
  clearRow,
  countWrongCode,
  isRepeat,
  NO_FAILURES,
  reachesDisable,
  reachesLock,
  retryAfterSeconds,
  type WrongCode,
} from './failures.ts';
import { refusal, withHold } from './holds.ts';
import { awaitNextCode, findCode, isAwaited, seeksNextCode, withoutNextCode } from './next-code.ts';
import type { Policy } from './policy.ts';
import type { AccountVerdict, Attempt, Env, Failures, Subject, Verdict } from './types.ts';
import { acceptMatch, type Match, matchOf, wrongOf } from './verify.ts';

/**
 * What a code for an account is tested against: at most one token of each type, the latest
 * registered first; a decoy where there is none to test, so that an account without a token costs
 * the same work and counts the same.
 */
export type Candidates = readonly [Subject, ...Subject[]];

/** A code for an account. */
export interface AccountAttempt extends Attempt {
  /** Whether it is one that fobd has given out to the account itself, and that still lives. */
  readonly issued?: boolean;
}

/**
 * Whether a code is good, by account. The failure counts once, on the account, however many tokens
 * it was tested on; those are touched by a success of their own, by the failure that reaches a
 * limit, and in next-code mode by a wait for the next code that begins or ends. Only the latest
 * registered of them is looked for in the resync window.
 *
 * @param failures the account's own
 */
export function verifyByAccount(
  failures: Failures,
  candidates: Candidates,
  attempt: AccountAttempt,
  env: Env,
): AccountVerdict {
  const verdict = judgeByAccount(failures, candidates, attempt, env);
  if (verdict !== undefined) return verdict;
  const found = findCode(candidates[0], attempt, env);
  return judgeFoundByAccount(failures, candidates, attempt, found, env);
}

/** As far as it goes without the resync window; `undefined` where that must be searched. */
export function judgeByAccount(
  failures: Failures,
  candidates: Candidates,
  attempt: AccountAttempt,
  env: Env,
): AccountVerdict | undefined {
  const [latest] = candidates;
  const refused = refusal(latest.life, latest.holds);
  if (refused !== undefined) {
    return attempt.issued === true ? acceptIssued(failures) : refusedAs(refused, failures);
  }
  const wait = longestWait(failures, candidates, attempt.now, env.policy);
  if (wait > 0) return { ...refusedAs('throttled', failures), retryAfterSeconds: wait };
  const matched = firstMatch(candidates, attempt, env);
  if (matched !== undefined && matched.match !== 'replayed') {
    const { place, candidate, match } = matched;
    const token = acceptMatch(candidate, match, attempt, env);
    return {
      outcome: 'accepted',
      failures: clearFailures(failures),
      by: place,
      tokens: { [place]: token },
    };
  }
  if (attempt.issued === true) return acceptIssued(failures);
  if (matched !== undefined) return refusedAs('replayed', failures);
  const wrong = wrongOf(attempt);
  if (isRepeat(failures, wrong, env.policy)) {
    const awaited = candidates.some(({ record }) => isAwaited(record, wrong, env.policy));
    return refusedAs(awaited ? 'nextCodeRequired' : 'wrongCode', failures);
  }
  if (seeksNextCode(latest.record, env.policy)) return undefined;
  return countOnAccount(failures, candidates, wrong, [], env);
}

/** The rest, where `judgeByAccount` left off, with what the latest's resync window held. */
export const judgeFoundByAccount = (
  failures: Failures,
  candidates: Candidates,
  attempt: AccountAttempt,
  found: readonly number[],
  env: Env,
): AccountVerdict => countOnAccount(failures, candidates, wrongOf(attempt), found, env);

const refusedAs = (outcome: AccountVerdict['outcome'], failures: Failures): AccountVerdict => ({
  outcome,
  failures,
  tokens: {},
});

/** Whoever has it need not have a token: none is touched. */
const acceptIssued = (failures: Failures): AccountVerdict => ({
  outcome: 'accepted',
  failures: clearFailures(failures),
  by: 'issued',
  tokens: {},
});

/** Of the account and of all that is tested, in whole seconds; 0 when none of them waits. */
function longestWait(
  { waitUntil }: Failures,
  candidates: Candidates,
  now: number,
  { waitSecondsMax }: Policy,
): number {
  let longest = retryAfterSeconds(waitUntil, now, waitSecondsMax) ?? 0;
  for (const { record } of candidates) {
    const own = retryAfterSeconds(record.failures.waitUntil, now, waitSecondsMax) ?? 0;
    longest = Math.max(longest, own);
  }
  return longest;
}

interface Matched {
  readonly place: number;
  readonly candidate: Subject;
  readonly match: Match | 'replayed';
}

/** The first that the code is good for; else one that it was good for once. */
function firstMatch(candidates: Candidates, attempt: Attempt, env: Env): Matched | undefined {
  let replayed: Matched | undefined;
  let place = 0;
  for (const candidate of candidates) {
    const match = matchOf(candidate, attempt, env);
    if (match === 'replayed') replayed ??= { place, candidate, match };
    else if (match !== undefined) return { place, candidate, match };
    place += 1;
  }
  return replayed;
}

function countOnAccount(
  failures: Failures,
  candidates: Candidates,
  wrong: WrongCode,
  found: readonly number[],
  { policy }: Env,
): AccountVerdict {
  const counted = countWrongCode(failures, wrong, policy);
  const locks = reachesLock(counted, policy);
  const disables = reachesDisable(counted, policy);
  const left = zeroReached(counted, policy);
  const opens = found.length > 0 && !locks && !disables && candidates[0].decoy !== true;
  const outcome = opens ? 'nextCodeRequired' : 'wrongCode';
  const sets: Hold[] = [];
  if (locks) sets.push('locked');
  if (disables) sets.push('disabled');
  const tokens: { [place: number]: Verdict } = {};
  for (const [place, candidate] of candidates.entries()) {
    if (candidate.decoy === true) continue;
    const holds = sets.reduce<readonly Hold[]>(withHold, candidate.holds);
    const ended = withoutNextCode(candidate.record);
    const record = opens && place === 0 ? awaitNextCode(ended, wrong, found) : ended;
    if (holds === candidate.holds && record === candidate.record) continue;
    tokens[place] = { outcome, record, holds };
  }
  const verdict = { outcome, failures: left, tokens } as const;
  return sets.length === 0 ? verdict : { ...verdict, sets };
}

/**
 * The account's failures once a limit has passed to the tokens: a lock zeroes the row and its wait,
 * a disabling everything. A lock leaves the count since the last success standing, or a hundred
 * would never be reached and a token unlocked ten times would never be disabled.
 */
function zeroReached(counted: Failures, policy: Policy): Failures {
  if (reachesDisable(counted, policy)) return { ...counted, ...NO_FAILURES };
  return reachesLock(counted, policy) ? clearRow(counted) : counted;
}

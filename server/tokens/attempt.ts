import type { Code, TokenParameters } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { searchCode } from '../verification/next-code.ts';
import type { Attempt, Subject, Verdict } from '../verification/types.ts';
import { judgeCode, judgeFound } from '../verification/verify.ts';
import { codeEffort, type SearchKind, withEqualEffort } from './effort.ts';
import type { TokenDetail } from './port.ts';
import { holdsFor, type Searched, type Wanted, wantedOfStandIn } from './settle.ts';
import {
  countsOf,
  currentShadow,
  type Shaded,
  type ShadowRecord,
  unseededStandIn,
  withCounts,
  withStandIn,
} from './shadows.ts';
import type { Deciding } from './subject.ts';

/** What the resync window holds of one code, in next-code mode. */
export type CodeSearched = Searched<readonly number[]>;

export const codeSearch = (attempt: Attempt): SearchKind<readonly number[]> => ({
  begin: (subject, env) => searchCode(subject, attempt, env),
  isHit: () => false,
});

export interface TokenAttempt extends Attempt {
  /** What the token is taken for where there is none, from the first decision to the last. */
  readonly takenFor: TokenParameters;
}

/** One code, to be tested on a token or for an account. */
export const attemptOn = (
  { of, name }: Shaded,
  code: Code,
  { now }: Caller,
  { vault, usual }: Deciding,
): TokenAttempt => ({
  takenFor: usual.parameters,
  code,
  codeHash: () => vault.keyedHash('wrongCode', `${of}:${name}:${code}`),
  now,
});

/**
 * One code on one token, at equal effort; `undefined` where the resync window must be searched.
 *
 * @param scans as many tokens' work is done
 */
export function testCode(
  subject: Subject,
  attempt: Attempt,
  searched: CodeSearched | undefined,
  { env }: Deciding,
  scans = 1,
): Verdict | undefined {
  const effort = scans * codeEffort(env.policy);
  const verdict = withEqualEffort(subject, env, effort, (counting) =>
    judgeCode(subject, attempt, counting),
  );
  if (verdict !== undefined || !holdsFor(searched, subject, attempt.now, env)) return verdict;
  return judgeFound(subject, attempt, searched.found, env);
}

export type ShadowVerdict =
  | {
      /** What those read who may not know that there is nothing behind it. */
      readonly cover: Verdict;
      readonly before: ShadowRecord;
      readonly after: ShadowRecord;
    }
  | { readonly search: Wanted };

/** The same on a stand-in that counts on its shadow and never matches. */
export function testOnShadow(
  known: TokenDetail | undefined,
  stored: ShadowRecord | undefined,
  attempt: TokenAttempt,
  searched: CodeSearched | undefined,
  deciding: Deciding,
  scans = 1,
): ShadowVerdict {
  const { now } = attempt;
  const { vault } = deciding;
  const before = currentShadow(stored, now);
  const standIn = unseededStandIn(known, before, attempt.takenFor);
  const cover = withStandIn(standIn, vault, (subject) =>
    testCode(subject, attempt, searched, deciding, scans),
  );
  if (cover === undefined) {
    return { search: wantedOfStandIn(standIn, now, vault) };
  }
  return { cover, before, after: withCounts(before, countsOf(cover), now) };
}

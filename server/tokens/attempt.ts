import type { Code } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { Attempt, Subject, Verdict } from '../verification/types.ts';
import { verify } from '../verification/verify.ts';
import { codeEffort, withEqualEffort } from './effort.ts';
import type { TokenDetail } from './port.ts';
import {
  countsOf,
  currentShadow,
  type Shaded,
  type ShadowRecord,
  standIn,
  withCounts,
} from './shadows.ts';
import type { Deciding } from './subject.ts';

/** One code, to be tested on a token or for an account. */
export const attemptOn = (
  { of, name }: Shaded,
  code: Code,
  { now }: Caller,
  { vault }: Deciding,
): Attempt => ({
  code,
  codeHash: () => vault.keyedHash('wrongCode', `${of}:${name}:${code}`),
  now,
});

/** One code on one token, at equal effort. */
export const testCode = (subject: Subject, attempt: Attempt, { env }: Deciding): Verdict =>
  withEqualEffort(subject, env, codeEffort(env.policy), (e) => verify(subject, attempt, e));

export interface ShadowVerdict {
  /** What those read who may not know that there is nothing behind it. */
  readonly cover: Verdict;
  readonly before: ShadowRecord;
  readonly after: ShadowRecord;
}

/** The same on a stand-in that counts on its shadow and never matches. */
export function testOnShadow(
  shaded: Shaded,
  known: TokenDetail | undefined,
  stored: ShadowRecord | undefined,
  attempt: Attempt,
  deciding: Deciding,
): ShadowVerdict {
  const before = currentShadow(stored, attempt.now);
  const cover = testCode(standIn(shaded, known, before, deciding.vault), attempt, deciding);
  return { cover, before, after: withCounts(before, countsOf(cover), attempt.now) };
}

import type { Caller } from '../access/scopes.ts';
import type { Decide, Key } from '../store/port.ts';
import { resync } from '../verification/resync.ts';
import type { FactorRecord, Subject, TwoCodes, Verdict } from '../verification/types.ts';
import { pairEffort, withEqualEffort } from './effort.ts';
import { maySeeTokens, type PairReply, pairDecision, refusedPair } from './pair-answer.ts';
import type { ResyncCommand } from './port.ts';
import { factorKey, type TokenRecord, tokenKey } from './record.ts';
import {
  countsOf,
  currentShadow,
  type Shaded,
  type ShadowRecord,
  shadowKey,
  shadowWrites,
  standIn,
  withCounts,
} from './shadows.ts';
import {
  aboutOf,
  afterVerdict,
  countsOnItself,
  type Deciding,
  detailOf,
  endOf,
  refusalOf,
  tokenWrites,
  withSubject,
} from './subject.ts';

type Keys = readonly [Key<TokenRecord>, Key<FactorRecord>, Key<ShadowRecord>];

/** Finding a token's counter or drift again: what to read, and the decision. */
export function resyncToken(
  { serial, code1, code2 }: ResyncCommand,
  caller: Caller,
  deciding: Deciding,
): { readonly keys: Keys; readonly decide: Decide<Keys, PairReply> } {
  const { vault, env } = deciding;
  const shaded: Shaded = { of: 'serial', name: serial };
  const shadow = shadowKey(shaded, deciding.shadowPrefix);
  const codes: TwoCodes = { code1, code2, now: caller.now };
  const test = (subject: Subject): Verdict =>
    withEqualEffort(subject, env, pairEffort(env.policy), (counting) =>
      resync(subject, codes, counting),
    );
  return {
    keys: [tokenKey(serial), factorKey(serial), shadow],
    decide([token, factor, stored]) {
      const known = detailOf(token, factor);
      const about = aboutOf(serial, known);
      if (known !== undefined && countsOnItself(known.token)) {
        const verdict = withSubject(known, vault, test);
        const after = afterVerdict(known, verdict);
        const finding = { outcome: verdict.outcome, after };
        return pairDecision('resync', finding, about, tokenWrites(known, after), caller);
      }
      const error = maySeeTokens(caller) ? endOf(serial, known) : undefined;
      if (error !== undefined) return refusedPair('resync', error, about, caller);
      const before = currentShadow(stored, caller.now);
      const cover = test(standIn(shaded, known, before, vault));
      const finding = { outcome: refusalOf(known), cover, after: known };
      const after = withCounts(before, countsOf(cover), caller.now);
      return pairDecision('resync', finding, about, shadowWrites(shadow, before, after), caller);
    },
  };
}

import type { Outcome } from '../../shared/types.ts';
import type { Scope } from './scopes.ts';

/**
 * Who may see what of an outcome (DESIGN section 4). Without the right scope a caller learns
 * nothing about which tokens and accounts exist or what holds them: whatever is not `accepted` or
 * `throttled` reads `wrongCode`.
 */

const SEEN_BY_ALL: ReadonlySet<Outcome> = new Set(['accepted', 'wrongCode', 'throttled']);

const coarse = (outcome: Outcome): Outcome => (SEEN_BY_ALL.has(outcome) ? outcome : 'wrongCode');

/** Does the caller see every outcome of `verify`? */
export const seesDetail = (scopes: ReadonlySet<Scope>): boolean => scopes.has('verify:detail');

/**
 * Does the caller see every outcome of two codes? Whoever may read the token itself learns nothing
 * new from it.
 */
export const seesPairDetail = (scopes: ReadonlySet<Scope>): boolean =>
  scopes.has('verify:detail') || scopes.has('tokens:read');

/**
 * The outcome of one code as a caller with `scopes` reads it. `strengthTooLow` comes only to who
 * demands a strength, and only with a right code: it tells what `accepted` would.
 */
export function visibleOutcome(outcome: Outcome, scopes: ReadonlySet<Scope>): Outcome {
  const asksOn = outcome === 'nextCodeRequired' && scopes.has('verify:nextCode');
  const isOwn = outcome === 'strengthTooLow';
  return seesDetail(scopes) || asksOn || isOwn ? outcome : coarse(outcome);
}

/** The outcome of two codes (register, resync) as a caller with `scopes` reads it. */
export const visiblePairOutcome = (outcome: Outcome, scopes: ReadonlySet<Scope>): Outcome =>
  seesPairDetail(scopes) ? outcome : coarse(outcome);

import type { FobtwinError } from '../../shared/errors.ts';
import type { Outcome } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { seesPairDetail, visiblePairOutcome } from '../access/visible.ts';
import type { AuditDraft } from '../audit/entry.ts';
import type { Decision, Write } from '../store/port.ts';
import { searchPair } from '../verification/pair.ts';
import type { TwoCodes } from '../verification/types.ts';
import { EVEN_RECORDS, type SearchKind } from './effort.ts';
import type { TokenDetail, TwoCodesAnswer } from './port.ts';
import type { Searched } from './settle.ts';
import { acceptedDetails } from './subject.ts';

/** The moving factor of a pair's second code, where there was one. */
export type PairSearched = Searched<number | undefined>;

export const pairSearch = (codes: TwoCodes): SearchKind<number | undefined> => ({
  begin: (subject, env) => searchPair(subject, codes, env),
  isHit: (second) => second !== undefined,
});

/** What two codes came to: the truth, and what those read who may not know it. */
export interface PairFinding {
  readonly outcome: Outcome;
  /** Default: the truth. */
  readonly cover?: { readonly outcome: Outcome };
  readonly retryAfterSeconds?: number | undefined;
  /** The token as it is after the decision, where there is one. */
  readonly after?: TokenDetail | undefined;
}

/**
 * A decision's reply, or the error that those may read who may read tokens. The error is a value
 * until the decision is durable, because its audit entry is to be written.
 */
export type PairReply = TwoCodesAnswer | FobtwinError;

type About = Pick<AuditDraft, 'serial' | 'account' | 'details'>;

export const maySeeTokens = ({ principal }: Caller): boolean => principal.scopes.has('tokens:read');

/** The decision on two codes: the truth into the audit log, to the caller what he may see. */
export function pairDecision(
  action: 'register' | 'resync',
  finding: PairFinding,
  about: About,
  writes: readonly Write[],
  caller: Caller,
): Decision<PairReply> {
  const { scopes } = caller.principal;
  const seen = seesPairDetail(scopes) ? finding : (finding.cover ?? finding);
  const outcome = visiblePairOutcome(seen.outcome, scopes);
  const { retryAfterSeconds, after } = finding;
  const accepted = finding.outcome === 'accepted' ? after : undefined;
  const told = accepted
    ? { details: { ...acceptedDetails(accepted.factor), ...about.details } }
    : {};
  const wait = outcome === 'throttled' && retryAfterSeconds !== undefined;
  return {
    writes,
    even: accepted ? 0 : EVEN_RECORDS,
    auditDrafts: [draftOf(caller, action, { outcome: finding.outcome, ...about, ...told })],
    reply: {
      outcome,
      ...(wait ? { retryAfterSeconds } : {}),
      ...(after !== undefined && maySeeTokens(caller) ? { detail: after } : {}),
    },
  };
}

/** A refusal before any code was tested, for a caller who may know why. */
export function refusedPair(
  action: 'register' | 'resync',
  error: FobtwinError,
  about: About,
  caller: Caller,
): Decision<PairReply> {
  const details = { ...about.details, refused: error.code };
  return {
    writes: [],
    auditDrafts: [draftOf(caller, action, { ...about, details })],
    reply: error,
  };
}

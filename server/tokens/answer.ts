import type { AccountId, Outcome, Serial, Strength } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { seesDetail, visibleOutcome } from '../access/visible.ts';
import type { Decision, Write } from '../store/port.ts';
import type { FactorRecord } from '../verification/types.ts';
import type { VerifyAnswer } from './port.ts';
import type { TokenRecord } from './record.ts';
import { acceptedDetails } from './subject.ts';

/** What a code came to: the truth, and what those read who may not know it. */
export interface Finding {
  readonly outcome: Outcome;
  /**
   * Of a stand-in: what its counts say, so that those who may not know the truth see waits and
   * refusals come as they would to any token. Default: the truth.
   */
  readonly cover?: Pick<Finding, 'outcome' | 'retryAfterSeconds'>;
  readonly retryAfterSeconds?: number | undefined;
  /** With `accepted`: which token it was. */
  readonly token?: Pick<TokenRecord, 'serial' | 'emulated'>;
  /** With `accepted`: what has become of its moving factor. */
  readonly record?: Pick<FactorRecord, 'factor'> | undefined;
}

/** What an emulated token proves is a device that runs a program: as much as a Mobile ID. */
const strengthOf = ({ emulated }: Pick<TokenRecord, 'emulated'>): Strength =>
  emulated === 'marked' ? 'mobileId' : 'hardwareToken';

/** The answer as the caller may see it. */
export function answerOf(finding: Finding, { principal: { scopes } }: Caller): VerifyAnswer {
  const seen = seesDetail(scopes) ? finding : (finding.cover ?? finding);
  const outcome = visibleOutcome(seen.outcome, scopes);
  if (outcome === 'accepted' && finding.token !== undefined) {
    return { outcome, serial: finding.token.serial, strength: strengthOf(finding.token) };
  }
  return outcome === 'throttled' && seen.retryAfterSeconds !== undefined
    ? { outcome, retryAfterSeconds: seen.retryAfterSeconds }
    : { outcome };
}

/** The decision on one code: the truth into the audit log, to the caller what he may see. */
export function decisionOf(
  finding: Finding,
  about: { readonly serial?: Serial; readonly account?: AccountId },
  writes: readonly Write[],
  caller: Caller,
): Decision<VerifyAnswer> {
  const { outcome, record } = finding;
  const details = outcome === 'accepted' && record ? acceptedDetails(record) : undefined;
  const draft = draftOf(caller, 'verify', { outcome, ...about, details });
  return { writes, auditDrafts: [draft], reply: answerOf(finding, caller) };
}

import {
  type AccountId,
  isAtLeast,
  type Outcome,
  type Serial,
  type Strength,
} from '../../shared/types.ts';
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
export function answerOf(finding: Finding, { principal }: Caller): VerifyAnswer {
  const { scopes, requiredStrength } = principal;
  const seen = seesDetail(scopes) ? finding : (finding.cover ?? finding);
  const outcome = visibleOutcome(seen.outcome, scopes);
  if (outcome === 'strengthTooLow' && finding.token !== undefined) {
    const strength = strengthOf(finding.token);
    return requiredStrength === undefined
      ? { outcome, strength }
      : { outcome, strength, requiredStrength };
  }
  if (outcome === 'accepted' && finding.token !== undefined) {
    return { outcome, serial: finding.token.serial, strength: strengthOf(finding.token) };
  }
  return outcome === 'throttled' && seen.retryAfterSeconds !== undefined
    ? { outcome, retryAfterSeconds: seen.retryAfterSeconds }
    : { outcome };
}

/**
 * A right code that proves less than the caller demands. It is used up, and the counts are cleared:
 * whoever gave it has the token.
 */
function measured(finding: Finding, { principal: { requiredStrength } }: Caller): Finding {
  const { outcome, token } = finding;
  if (outcome !== 'accepted' || token === undefined || requiredStrength === undefined) {
    return finding;
  }
  const suffices = isAtLeast(strengthOf(token), requiredStrength);
  return suffices ? finding : { ...finding, outcome: 'strengthTooLow' };
}

/** What is told of a right code: its factor, and where it proves too little, what is missing. */
function detailsOf({ outcome, token, record }: Finding, { principal }: Caller) {
  if (record === undefined) return undefined;
  if (outcome === 'accepted') return acceptedDetails(record);
  const { requiredStrength } = principal;
  if (outcome !== 'strengthTooLow' || !token || !requiredStrength) return undefined;
  return { ...acceptedDetails(record), strength: strengthOf(token), requiredStrength };
}

/** The decision on one code: the truth into the audit log, to the caller what he may see. */
export function decisionOf(
  found: Finding,
  about: { readonly serial?: Serial; readonly account?: AccountId },
  writes: readonly Write[],
  caller: Caller,
): Decision<VerifyAnswer> {
  const finding = measured(found, caller);
  const { outcome } = finding;
  const details = detailsOf(finding, caller);
  const draft = draftOf(caller, 'verify', { outcome, ...about, details });
  return { writes, auditDrafts: [draft], reply: answerOf(finding, caller) };
}

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
import { type IssuedMatch, issuedProofOf } from '../accounts/issued-codes.ts';
import type { AuditDraft } from '../audit/entry.ts';
import type { Decision, Write } from '../store/port.ts';
import type { FactorRecord, Verdict } from '../verification/types.ts';
import { EVEN_RECORDS } from './effort.ts';
import { codeTypeOf } from './issued.ts';
import type { TokenDetail, VerifyAnswer, VerifyPurpose } from './port.ts';
import type { TokenRecord } from './record.ts';
import { aboutOf, acceptedDetails } from './subject.ts';

/** The token whose code it was, as far as an answer tells of it. */
type Proving = Pick<TokenRecord, 'serial' | 'emulated' | 'mobileId' | 'entitlement'>;

type Details = NonNullable<AuditDraft['details']>;

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
  readonly token?: Proving | undefined;
  /** With `accepted`: what has become of its moving factor. */
  readonly record?: Pick<FactorRecord, 'factor'> | undefined;
  /** With `accepted`, in a token's place: which of the codes that fobd gave out. */
  readonly issued?: IssuedMatch | undefined;
}

/** What an emulated token proves is a device that runs a program: as much as a Mobile ID. */
const strengthOfToken = ({ emulated, mobileId }: Proving): Strength =>
  mobileId === true || emulated === 'marked' ? 'mobileId' : 'hardwareToken';

/** What a right code has proved. */
interface Proved {
  readonly strength: Strength;
  /** Absent where no credential stands behind it. */
  readonly proofed?: boolean;
}

function provedBy({ token, issued }: Finding): Proved | undefined {
  if (token !== undefined) {
    const strength = strengthOfToken(token);
    const { entitlement } = token;
    return entitlement === undefined ? { strength } : { strength, proofed: entitlement.proofed };
  }
  if (issued === undefined) return undefined;
  const { strength, proofed } = issued.issued;
  return { strength, proofed };
}

/** The answer as the caller may see it. */
export function answerOf(finding: Finding, { principal }: Caller): VerifyAnswer {
  const { scopes } = principal;
  const seen = seesDetail(scopes) ? finding : (finding.cover ?? finding);
  const outcome = visibleOutcome(seen.outcome, scopes);
  if (outcome === 'strengthTooLow' || outcome === 'accepted') {
    const proved = provedBy(finding);
    if (proved === undefined) return { outcome };
    if (outcome === 'strengthTooLow') return { outcome, ...proved, ...demandsOf(principal) };
    const { token, issued } = finding;
    if (token !== undefined) return { outcome, serial: token.serial, ...proved };
    return issued === undefined
      ? { outcome, ...proved }
      : { outcome, issued: issuedProofOf(issued), ...proved };
  }
  return outcome === 'throttled' && seen.retryAfterSeconds !== undefined
    ? { outcome, retryAfterSeconds: seen.retryAfterSeconds }
    : { outcome };
}

export type Demanding = Pick<Caller['principal'], 'requiredStrength' | 'requiresProofing'>;

/** What would suffice. */
export const demandsOf = ({ requiredStrength, requiresProofing }: Demanding) => ({
  ...(requiredStrength === undefined ? {} : { requiredStrength }),
  ...(requiresProofing === true ? { requiredProofing: true as const } : {}),
});

/** Whether what was proved is what is demanded: a strength, a proofed credential, or both. */
export const suffices = (
  { strength, proofed = false }: Proved,
  { requiredStrength = 'password', requiresProofing = false }: Demanding,
): boolean => isAtLeast(strength, requiredStrength) && (proofed || !requiresProofing);

/**
 * A right code that proves less than the caller demands. It is used up, and the counts are cleared:
 * whoever gave it has the token.
 */
function measured(finding: Finding, { principal }: Caller): Finding {
  if (finding.outcome !== 'accepted') return finding;
  const proved = provedBy(finding);
  if (proved === undefined || suffices(proved, principal)) return finding;
  return { ...finding, outcome: 'strengthTooLow' };
}

/** What is told of a right code: its factor or kind; where it proves too little, what it lacks. */
function detailsOf(finding: Finding, { principal }: Caller): Details | undefined {
  const { outcome, record } = finding;
  if (outcome !== 'accepted' && outcome !== 'strengthTooLow') return undefined;
  const kind = kindOf(finding);
  const right = record === undefined ? kind : { ...acceptedDetails(record), ...kind };
  if (outcome === 'accepted') return right;
  const { strength = 'password', proofed = false } = provedBy(finding) ?? {};
  const reached: Details =
    principal.requiresProofing === true ? { strength, proofed } : { strength };
  return { ...right, ...reached, ...demandsOf(principal) };
}

/** What the code was of; nothing is said of a hardware token's, which most are. */
function kindOf({ token, issued }: Finding): Details | undefined {
  if (issued === undefined) {
    return token?.mobileId === true ? { credentialType: 'mobileId' } : undefined;
  }
  const { phone, credential } = issued.issued;
  return {
    credentialType: codeTypeOf(issued),
    strength: issued.issued.strength,
    ...(phone === undefined ? {} : { phone }),
    ...(credential === undefined ? {} : { credential }),
  };
}

/** What an entry on a code names besides its outcome. */
export interface About {
  readonly serial?: Serial | undefined;
  readonly account?: AccountId;
  readonly details?: AuditDraft['details'];
}

/** What an entry on a token's own verdict names: the holds too that a failure has set. */
export function aboutVerdict(known: TokenDetail, { holds }: Pick<Verdict, 'holds'>) {
  const { token } = known;
  // The record's own text: it stays in memory anyway, and the request's need not.
  const about = aboutOf(token.serial, known);
  if (holds === token.holds) return about;
  const sets = holds.filter((hold) => !token.holds.includes(hold)).join(' ');
  return sets === '' ? about : { ...about, details: { sets } };
}

/** The decision on one code: the truth into the audit log, to the caller what he may see. */
export function decisionOf(
  found: Finding,
  { serial, account, details: besides }: About,
  writes: readonly Write[],
  caller: Caller,
  purpose: VerifyPurpose | 'verify' = 'verify',
): Decision<VerifyAnswer> {
  const finding = measured(found, caller);
  const { outcome } = finding;
  const told = detailsOf(finding, caller);
  const details = besides === undefined ? told : { ...told, ...besides };
  const draft = draftOf(caller, purpose, { outcome, serial, account, details });
  const even = outcome === 'accepted' ? 0 : EVEN_RECORDS;
  return { writes, auditDrafts: [draft], reply: answerOf(finding, caller), even };
}

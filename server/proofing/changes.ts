import type { UnixMillis } from '../../shared/types.ts';
import { type Bundle, withEach } from '../credentials/bundle.ts';
import { type ActivationCode, isProofed, type ProofingMethod } from '../credentials/record.ts';
import { proofingPassed } from '../credentials/stages.ts';
import { INQUIRY_MILLIS, type Inquiry, type ProofingRecord } from './record.ts';
import { type ProofingVerb, stateAfter } from './states.ts';

/** What each verb makes of a proofing's record: pure. */

const moved = (
  { inquiry: _, ...rest }: ProofingRecord,
  verb: ProofingVerb,
  at: UnixMillis,
): ProofingRecord => ({ ...rest, state: stateAfter(rest, verb), changedAt: at });

export const profileConfirmed = (
  proofing: ProofingRecord,
  { at, ...profile }: { readonly legalName: string; readonly country: string; at: UnixMillis },
): ProofingRecord => ({ ...moved(proofing, 'confirmProfile', at), ...profile });

/** Inquiries that count. One that the provider could not be reached for is none. */
export const attemptsSpent = ({ questionAttempts, inquiry }: ProofingRecord): number =>
  questionAttempts - (inquiry?.unreachable ? 1 : 0);

export function questionsBegun(
  proofing: ProofingRecord,
  { at, inquiry }: { readonly at: UnixMillis; readonly inquiry: string },
): ProofingRecord {
  const begun: Inquiry = { id: inquiry, expiresAt: (at + INQUIRY_MILLIS) as UnixMillis };
  return {
    ...moved(proofing, 'beginQuestions', at),
    method: 'questions',
    inquiry: begun,
    questionAttempts: attemptsSpent(proofing) + 1,
  };
}

/** Until the provider's verdict nothing else is taken for the inquiry. */
export const questionsAnswered = (
  proofing: ProofingRecord,
  { at, inquiry }: { readonly at: UnixMillis; readonly inquiry: Inquiry },
): ProofingRecord => ({ ...proofing, inquiry: { ...inquiry, answeredAt: at } });

/** The provider said nothing: the person may answer again, or begin again at no cost. */
export function questionsUnheard(proofing: ProofingRecord, inquiry: Inquiry): ProofingRecord {
  const { answeredAt: _, ...rest } = inquiry;
  return { ...proofing, inquiry: { ...rest, unreachable: true } };
}

/** Who says that answers were right or wrong. */
const QUESTIONS_JUDGE = 'questionProvider';

export const questionsJudged = (
  proofing: ProofingRecord,
  { at, passed }: { readonly at: UnixMillis; readonly passed: boolean },
): ProofingRecord => ({
  ...moved(proofing, passed ? 'passQuestions' : 'failQuestions', at),
  verdict: { passed, at, by: QUESTIONS_JUDGE },
});

export function videoRequested(proofing: ProofingRecord, at: UnixMillis): ProofingRecord {
  const { appointment: _, ...rest } = moved(proofing, 'requestVideo', at);
  return { ...rest, method: 'video', videoSessions: proofing.videoSessions + 1 };
}

export const videoScheduled = (
  proofing: ProofingRecord,
  { now, ...appointment }: { readonly at: UnixMillis; readonly agent: string; now: UnixMillis },
): ProofingRecord => ({ ...moved(proofing, 'schedule', now), appointment });

export interface VideoVerdict {
  readonly passed: boolean;
  readonly at: UnixMillis;
  readonly by: string;
  readonly note?: string | undefined;
}

export function videoDecided(
  proofing: ProofingRecord,
  { note, ...verdict }: VideoVerdict,
): ProofingRecord {
  const after = moved(proofing, verdict.passed ? 'passVideo' : 'failVideo', verdict.at);
  return { ...after, verdict: note === undefined ? verdict : { ...verdict, note } };
}

/** In a bundle proofing holds for all: every credential that is not proofed yet is from now on. */
export const bundlePassed = (
  bundle: Bundle,
  passed: {
    readonly at: UnixMillis;
    readonly method: ProofingMethod;
    readonly activation?: ActivationCode | undefined;
    readonly session?: string | undefined;
  },
): Bundle =>
  withEach(bundle, (credential) =>
    credential.stage === 'revoked' || isProofed(credential)
      ? credential
      : proofingPassed(credential, passed),
  );

/** Whether an activation waits for the code of a live session's agent. */
export const asksCode = ({ credentials }: Pick<Bundle, 'credentials'>): boolean =>
  credentials.some(({ stage, activation }) => stage === 'activation' && activation !== undefined);

/** The bundle whose activations wait for another code than before. */
export const codeReissued = (bundle: Bundle, activation: ActivationCode): Bundle =>
  withEach(bundle, (credential) =>
    credential.stage === 'activation' && credential.activation !== undefined
      ? { ...credential, activation }
      : credential,
  );

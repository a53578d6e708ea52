import { FobtwinError } from '../../shared/errors.ts';
import type { ProofingRecord, ProofingState } from './record.ts';

/** The table of a proofing's states: verbs by states. Whatever has no row is refused. */
export const PROOFING_VERBS = [
  'confirmProfile',
  'beginQuestions',
  'passQuestions',
  'failQuestions',
  'requestVideo',
  'schedule',
  'passVideo',
  'failVideo',
  'reissueCode',
] as const;
export type ProofingVerb = (typeof PROOFING_VERBS)[number];

interface StateRow {
  readonly from: readonly ProofingState[];
  /** Absent: the state stays. */
  readonly to?: ProofingState;
}

export const PROOFING_TABLE: Readonly<Record<ProofingVerb, readonly StateRow[]>> = {
  confirmProfile: [
    { from: ['profile', 'choice', 'questions'], to: 'choice' },
    // A name that was put right meanwhile is confirmed again.
    { from: ['requested', 'scheduled', 'failed'] },
  ],
  // Whoever has lost the page with the questions begins again.
  beginQuestions: [{ from: ['choice', 'questions'], to: 'questions' }],
  passQuestions: [{ from: ['questions'], to: 'passed' }],
  // Back to the choice: other questions while attempts are left, else live video.
  failQuestions: [{ from: ['questions'], to: 'choice' }],
  requestVideo: [{ from: ['choice', 'questions', 'failed'], to: 'requested' }],
  schedule: [{ from: ['requested', 'scheduled'], to: 'scheduled' }],
  passVideo: [{ from: ['scheduled'], to: 'passed' }],
  failVideo: [{ from: ['scheduled'], to: 'failed' }],
  reissueCode: [{ from: ['passed'] }],
};

const rowOf = (state: ProofingState, verb: ProofingVerb): StateRow | undefined =>
  PROOFING_TABLE[verb].find(({ from }) => from.includes(state));

export const isAllowed = ({ state }: Pick<ProofingRecord, 'state'>, verb: ProofingVerb): boolean =>
  rowOf(state, verb) !== undefined;

/** The state that `verb` leads to. @throws FobtwinError `notAllowedNow` where there is no row */
export function stateAfter(
  { state }: Pick<ProofingRecord, 'state'>,
  verb: ProofingVerb,
): ProofingState {
  const row = rowOf(state, verb);
  if (row !== undefined) return row.to ?? state;
  throw new FobtwinError('notAllowedNow', `${SITUATIONS[state]}.`, {
    nextStep: NEXT_STEPS[state],
    detail: `a proofing at ${state} has no ${verb}`,
  });
}

const SITUATIONS: Readonly<Record<ProofingState, string>> = {
  profile: 'The profile of this identity proofing is not confirmed',
  choice: 'No method of this identity proofing is chosen',
  questions: 'The questions of this identity proofing are being answered',
  requested: 'A live session of this identity proofing is requested',
  scheduled: 'A live session of this identity proofing is scheduled',
  passed: 'This identity proofing is passed',
  failed: 'The live session of this identity proofing was not passed',
};

const NEXT_STEPS: Readonly<Record<ProofingState, string>> = {
  profile: 'Confirm the legal name and the country first.',
  choice: 'Choose questions or live video.',
  questions: 'Answer the questions, begin them again, or request live video.',
  requested: 'Wait for an agent to schedule the session.',
  scheduled: 'Attend the session.',
  passed: 'Go on to activation.',
  failed: 'Request another live session.',
};

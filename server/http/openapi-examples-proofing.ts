import type { ErrorCode } from '../../shared/errors.ts';
import type { OperationId, ReplyOf } from '../../shared/wire/operations.ts';

/** Examples of the operations on identity proofing, and what can be refused of them. */

/** Of every change. */
const OF_ALL = ['notFound', 'notAllowedNow', 'revoked'] as const;

export const PROOFING_PROBLEMS = {
  getProofing: ['notFound'],
  confirmProofingProfile: [...OF_ALL, 'nameMismatch'],
  beginProofingQuestions: [...OF_ALL, 'nameMismatch', 'methodNotOffered', 'attemptsSpent'],
  answerProofingQuestions: [...OF_ALL, 'nameMismatch', 'methodNotOffered', 'codeExpired'],
  requestProofingVideo: [...OF_ALL, 'nameMismatch', 'attemptsSpent'],
  scheduleProofing: OF_ALL,
  decideProofing: [...OF_ALL, 'nameMismatch'],
  reissueActivationCode: OF_ALL,
} as const satisfies Partial<Record<OperationId, readonly ErrorCode[]>>;

const proofing = {
  subscription: 'SO-10001-1-1',
  account: 'jennifer',
  state: 'choice',
  offered: ['questions', 'video'],
  legalName: 'Jennifer Blue',
  country: 'US',
  questionAttemptsLeft: 2,
  videoSessionsLeft: 3,
  changedAt: '2026-01-01T00:00:00.000Z',
} satisfies ReplyOf<'getProofing'>['proofing'];

const requested = {
  ...proofing,
  state: 'requested' as const,
  offered: [],
  method: 'video' as const,
  videoSessionsLeft: 2,
};
const scheduled = {
  ...requested,
  state: 'scheduled' as const,
  appointment: { at: '2026-01-05T15:00:00.000Z', agent: 'agnes' },
};
const passed = {
  ...scheduled,
  state: 'passed' as const,
  verdict: {
    passed: true,
    at: '2026-01-05T15:20:00.000Z',
    by: 'account:agnes',
    note: 'Passport shown.',
  },
};
const activationCode = '7K2QF-9XWTB-0M4ZR';

export const PROOFING_EXAMPLES = {
  getProofing: { reply: { proofing } },
  confirmProofingProfile: {
    body: { legalName: 'Jennifer Blue', country: 'US' },
    reply: { proofing },
  },
  beginProofingQuestions: {
    reply: {
      proofing: {
        ...proofing,
        state: 'questions' as const,
        method: 'questions' as const,
        questionsUntil: '2026-01-01T00:10:00.000Z',
        questionAttemptsLeft: 1,
      },
      questions: [
        {
          id: 'q1',
          text: 'In which of these streets have you lived?',
          choices: [
            { id: 'c1', text: 'Birch Avenue' },
            { id: 'c2', text: 'Alder Street' },
          ],
        },
      ],
    },
  },
  answerProofingQuestions: {
    body: { answers: { q1: 'c2' } },
    reply: {
      proofing: {
        ...proofing,
        state: 'passed' as const,
        offered: [],
        method: 'questions' as const,
        questionAttemptsLeft: 1,
        verdict: { passed: true, at: '2026-01-01T00:04:00.000Z' },
      },
    },
  },
  requestProofingVideo: { reply: { proofing: requested } },
  listProofings: { reply: { items: [requested], nextCursor: null } },
  scheduleProofing: {
    body: { at: '2026-01-05T15:00:00.000Z' },
    reply: { proofing: scheduled },
  },
  decideProofing: {
    body: { passed: true, note: 'Passport shown.' },
    reply: { proofing: passed, activationCode },
  },
  reissueActivationCode: { reply: { proofing: passed, activationCode } },
};

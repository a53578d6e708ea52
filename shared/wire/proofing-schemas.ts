import { z } from 'zod';
import type { FieldErrorCode } from '../errors.ts';
import { countryField } from './accounts-schemas.ts';
import {
  accountField,
  body,
  cursorField,
  limitField,
  nameField,
  page,
  reasonField,
  subscriptionField,
  timeField,
} from './fields.ts';

/** Identity proofing on the wire. Questions and answers pass through, and are kept nowhere. */

const code = (name: FieldErrorCode): FieldErrorCode => name;

export const PROOFING_STATES = [
  'profile',
  'choice',
  'questions',
  'requested',
  'scheduled',
  'passed',
  'failed',
] as const;
const METHODS = ['questions', 'video'] as const;
/** Of one inquiry. */
export const ANSWERS_MAX = 20;

/** The person's own; an agent names the subscription alone. */
export const proofingPath = body({ id: accountField, subscription: subscriptionField });

export const proofingProfileRequest = body({
  /** As it stands in the passport, and in the account. */
  legalName: nameField,
  country: countryField,
});

const givenId = z
  .string({ error: code('wrongType') })
  .regex(/^[A-Za-z0-9_-]{1,64}$/, code('badFormat'));

export const proofingAnswersRequest = body({
  answers: z
    .record(givenId, givenId, { error: code('wrongType') })
    .refine((answers) => Object.keys(answers).length <= ANSWERS_MAX, { error: code('tooMany') })
    .meta({ description: 'The chosen answer of each question, ids both' }),
});

export const proofingAppointmentRequest = body({ at: timeField });

export const proofingVerdictRequest = body({
  passed: z.boolean({ error: code('wrongType') }),
  /** For staff: what was shown, and why it did not do. */
  note: reasonField.optional(),
});

export const proofingListQuery = body({
  state: z.enum(PROOFING_STATES, { error: code('notAllowed') }).optional(),
  account: accountField.optional(),
  cursor: cursorField.optional(),
  limit: limitField,
});

export const proofingView = z.object({
  subscription: z.string(),
  account: z.string(),
  state: z.enum(PROOFING_STATES),
  /** What may be chosen now. */
  offered: z.array(z.enum(METHODS)),
  legalName: z.string().optional(),
  country: z.string().optional(),
  /** The last that was chosen. */
  method: z.enum(METHODS).optional(),
  /** While questions are answered: when they end. */
  questionsUntil: timeField.optional(),
  questionAttemptsLeft: z.int(),
  videoSessionsLeft: z.int(),
  appointment: z.object({ at: timeField, agent: z.string() }).optional(),
  verdict: z
    .object({
      passed: z.boolean(),
      at: timeField,
      /** Who said so, and what he noted: for agents. */
      by: z.string().optional(),
      note: z.string().optional(),
    })
    .optional(),
  changedAt: timeField,
});
export const proofingReply = z.object({ proofing: proofingView });
export const proofingPage = page(proofingView);

export const proofingQuestionsReply = z.object({
  proofing: proofingView,
  questions: z.array(
    z.object({
      id: z.string(),
      text: z.string(),
      choices: z.array(z.object({ id: z.string(), text: z.string() })),
    }),
  ),
});

/** The activation code is shown this once; the agent hands it over. */
export const proofingHandedOverReply = z.object({
  proofing: proofingView,
  activationCode: z.string().optional(),
});

import { z } from 'zod';
import {
  algorithmField,
  body,
  codeField,
  recordedOutcomeField,
  refuseEqualCodes,
  timeField,
} from './fields.ts';

/** The bodies and replies of explanations. */

/** Both codes or neither. */
export const explanationRequest = body({
  code1: codeField.optional(),
  code2: codeField.optional(),
}).superRefine(({ code1, code2 }, context) => {
  if ((code1 === undefined) !== (code2 === undefined)) {
    const missing = code1 === undefined ? 'code1' : 'code2';
    context.addIssue({ code: 'custom', path: [missing], message: 'required' });
  }
  refuseEqualCodes({ code1, code2 }, context);
});
export const accountExplanationRequest = body({});

/** One sentence on what happened or how it stands, and one on what to do. */
const explanation = { sentence: z.string(), nextStep: z.string() };

export const explainedDecision = z.object({
  ...explanation,
  sequence: z.int(),
  at: timeField,
  actor: z.string(),
  action: z.string(),
  outcome: recordedOutcomeField.optional(),
  serial: z.string().optional(),
});

export const explainedFit = z.object({
  ...explanation,
  type: z.enum(['event', 'time']),
  algorithm: algorithmField,
  digits: z.int(),
  stepSeconds: z.int().optional(),
  /** Time tokens: steps that the token is ahead of the server; behind is negative. */
  offsetSteps: z.int().optional(),
  /** Event tokens: of the second code. */
  counter: z.int().optional(),
  /** How the seed must be read for the codes to fit: `asStored`, or the mistake that was made. */
  seedReading: z.string(),
});

export const explanationReply = z.object({
  serial: z.string(),
  state: z.object(explanation),
  /** The last ten, newest first. */
  decisions: z.array(explainedDecision),
  /** There when two codes were given; empty when they fit nothing known. */
  fits: z.array(explainedFit).optional(),
  /** How often two codes may still be given before an unlock. */
  pairsLeft: z.int(),
});

export const accountExplanationReply = z.object({
  account: z.string(),
  serials: z.array(z.string()),
  decisions: z.array(explainedDecision),
});

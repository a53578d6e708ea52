import { z } from 'zod';
import {
  accountField,
  body,
  codeField,
  issuedTypeField,
  lineField,
  outcomeField,
  recordedOutcomeField,
  strengthField,
  timeField,
} from './fields.ts';

/** The bodies and replies of sessions: a session's token stands in bodies, never in a path. */

/** As typed: an account's id, another name of it, `DOMAIN\user` or `user@domain`. */
const userField = lineField(256).meta({
  description: 'Who signs in, as typed',
  example: 'jennifer',
});
/** Anything at all: what is wrong is answered `wrongPassword`. */
const passwordField = z
  .string({ error: 'wrongType' })
  .min(1, 'required')
  .max(1024, 'tooLong')
  .meta({ description: 'As typed' });

export const sessionTokenField = z
  .string({ error: 'wrongType' })
  .regex(/^[A-Za-z0-9_-]{43}$/, 'badFormat')
  .meta({ description: 'What begins with a session and is shown this once: 256 bits, base64url' });

export const sessionRequest = body({
  user: userField,
  password: passwordField,
  /** Left out ("Skip OTP"): the session has strength `password`. */
  code: codeField.optional(),
  /** The address that the person signs in from, for the limits by source. */
  source: z.string({ error: 'wrongType' }).max(64, 'tooLong').optional(),
});
export const sessionLookupRequest = body({ sessionToken: sessionTokenField });
export const sessionElevationRequest = body({ sessionToken: sessionTokenField, code: codeField });
export const sessionEndRequest = body({ sessionToken: sessionTokenField });
export const accountSessionsEndRequest = body({});

/** A session, never its token. */
export const sessionView = z.object({
  /** For lists and the log; it opens nothing. */
  id: z.string(),
  account: z.string(),
  strength: strengthField,
  /** When the password was given. */
  authenticatedAt: timeField,
  strengthAt: timeField,
  /** The token whose code was given. */
  serial: z.string().optional(),
  /** Where the code was one that fobd gave out itself. */
  credentialType: issuedTypeField.optional(),
  /** Whether its credential was proofed; absent where there is no credential. */
  proofed: z.boolean().optional(),
  createdAt: timeField,
  /** To a minute. */
  lastSeenAt: timeField,
  /** At the latest; sooner when nobody uses it. */
  expiresAt: timeField,
  /** For an application that demands something: whether the session has reached it. */
  sufficient: z.boolean().optional(),
});

const refusal = {
  retryAfterSeconds: z.int().min(1).optional(),
  /** With `strengthTooLow`: what the code has proved, and what would suffice. */
  strength: strengthField.optional(),
  requiredStrength: strengthField.optional(),
  requiredProofing: z.literal(true).optional(),
};

export const sessionBegunReply = z.object({
  outcome: recordedOutcomeField,
  /** With `accepted`. */
  session: sessionView.optional(),
  /** With `accepted`, this once. */
  sessionToken: z.string().optional(),
  ...refusal,
});
export const sessionElevationReply = z.object({
  outcome: outcomeField,
  /** With `accepted` and with `strengthTooLow`: as it is now. */
  session: sessionView.optional(),
  retryAfterSeconds: refusal.retryAfterSeconds,
  requiredStrength: refusal.requiredStrength,
  requiredProofing: refusal.requiredProofing,
});
/** `session` only while it is one. */
export const sessionLookupReply = z.object({
  active: z.boolean(),
  session: sessionView.optional(),
});
export const sessionEndReply = z.object({ active: z.literal(false) });
export const accountSessionsPath = body({ id: accountField });
export const accountSessionsReply = z.object({ items: z.array(sessionView) });
export const accountSessionsEndReply = z.object({ ended: z.int() });

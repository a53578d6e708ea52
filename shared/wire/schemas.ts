import { z } from 'zod';
import { CODE_TYPES } from '../types.ts';
import {
  accountField,
  algorithmField,
  body,
  codeField,
  cursorField,
  holdField,
  issuedTypeField,
  lifeField,
  limitField,
  outcomeField,
  page,
  reasonField,
  recordedOutcomeField,
  refuseEqualCodes,
  serialField,
  spanField,
  strengthField,
  subscriptionField,
  timeField,
} from './fields.ts';

/** The bodies, queries and replies of /v1, parsed by these and published from these. */

export const verifyRequest = body({
  serial: serialField.optional(),
  account: accountField.optional(),
  code: codeField,
  /** By account: what the code is tested against alone. */
  credentialType: z.enum(CODE_TYPES, { error: 'notAllowed' }).optional(),
}).superRefine((value, context) => {
  if (value.serial !== undefined && value.credentialType !== undefined) {
    context.addIssue({ code: 'custom', path: ['credentialType'], message: 'notAllowed' });
  }
  if ((value.serial === undefined) === (value.account === undefined)) {
    context.addIssue({ code: 'custom', path: ['serial'], message: 'oneOf' });
  }
});

export const verifyReply = z.object({
  accepted: z.boolean(),
  outcome: outcomeField,
  /** With `accepted`, where the code was a token's. */
  serial: z.string().optional(),
  /** With `accepted`, where it was one that fobd gave out itself. */
  credentialType: issuedTypeField.optional(),
  strength: strengthField.optional(),
  /** Whether its credential was proofed; absent where there is no credential. */
  proofed: z.boolean().optional(),
  /** With `strengthTooLow`: what would suffice. */
  requiredStrength: strengthField.optional(),
  /** Likewise: a proofed credential would. */
  requiredProofing: z.literal(true).optional(),
  retryAfterSeconds: z.int().min(1).optional(),
});

/** A time token's clock as the server predicts it for the moment of the reply. */
export const tokenClock = z.object({
  /** Token's clock less the server's. */
  offsetSeconds: z.number(),
  ppm: z.number(),
  /** One standard deviation of the offset. */
  uncertaintySeconds: z.number(),
  learntAt: timeField,
  /** The acceptance window: steps before the predicted one, and after it. */
  stepsBefore: z.int(),
  stepsAfter: z.int(),
});

export const tokenView = z.object({
  serial: z.string(),
  life: lifeField,
  holds: z.array(holdField),
  type: z.enum(['event', 'time']),
  algorithm: algorithmField,
  digits: z.int(),
  stepSeconds: z.int().optional(),
  account: z.string().optional(),
  /** Whom its seed file says it was made for: a suggestion. */
  intendedAccount: z.string().optional(),
  manufacturer: z.string().optional(),
  model: z.string().optional(),
  /** An emulator made it; `marked` ones do not reach `hardwareToken`. */
  emulated: z.enum(['marked', 'accepted']).optional(),
  importedAt: timeField,
  registeredAt: timeField.optional(),
  revokedAt: timeField.optional(),
  lastAcceptedAt: timeField.optional(),
  /** Time tokens, from their first success on. */
  clock: tokenClock.optional(),
  /** Event tokens. */
  nextCounter: z.int().optional(),
  failuresInRow: z.int(),
  failuresSinceSuccess: z.int(),
  failedPairs: z.int(),
  waitUntil: timeField.optional(),
  /** A Mobile ID: made here, for an authenticator app. */
  mobileId: z.literal(true).optional(),
  /** Of the credential that it is the authenticator of. */
  entitlement: z
    .object({
      credential: z.string(),
      /** When the subscription ends; `suspended` from then on, `revoked` a year later. */
      until: timeField,
      proofed: z.boolean(),
      status: z.enum(['active', 'suspended', 'revoked']),
    })
    .optional(),
});

export const tokenListQuery = body({
  state: lifeField.optional(),
  hold: holdField.optional(),
  account: accountField.optional(),
  cursor: cursorField.optional(),
  limit: limitField,
});
export const tokenPage = page(tokenView);
export const tokenReply = z.object({ token: tokenView });

/** What a person reads of the own token: how it stands. */
export const ownTokenView = tokenView.pick({ serial: true, life: true, holds: true });
export const ownTokenReply = z.object({ token: ownTokenView });

export const registrationRequest = body({
  account: accountField,
  code1: codeField,
  code2: codeField,
}).superRefine(refuseEqualCodes);
export const resyncRequest = body({ code1: codeField, code2: codeField }).superRefine(
  refuseEqualCodes,
);

/** `serial` is the new token's; the one that goes stands in the path. */
export const replacementRequest = body({
  serial: serialField,
  code1: codeField,
  code2: codeField,
  reason: reasonField.optional(),
}).superRefine(refuseEqualCodes);

/** The token is there only for a caller that may read tokens. */
export const twoCodesReply = z.object({
  outcome: outcomeField,
  token: tokenView.optional(),
  retryAfterSeconds: z.int().min(1).optional(),
});

/** The new token: registered with `accepted`, else as it was. */
export const replacementReply = z.object({
  outcome: outcomeField,
  token: tokenView,
  retryAfterSeconds: z.int().min(1).optional(),
});

/** Verbs on a token's life take an optional reason, kept in the audit log. */
export const lifeVerbRequest = body({ reason: reasonField.optional() });

export const pageQuery = body({ cursor: cursorField.optional(), limit: limitField });

export const auditEntryView = z.object({
  writer: z.string(),
  sequence: z.int(),
  previousHash: z.string(),
  at: timeField,
  actor: z.string(),
  action: z.string(),
  outcome: recordedOutcomeField.optional(),
  serial: z.string().optional(),
  account: z.string().optional(),
  application: z.string().optional(),
  details: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .optional(),
});
export const auditPage = page(auditEntryView);
/** Why fobd takes no requests. */
export const NOT_READY_REASONS = [
  'storeFailed',
  'stopping',
  'diskNearlyFull',
  'queueFull',
  'clockUnsteady',
] as const;
export type NotReadyReason = (typeof NOT_READY_REASONS)[number];

/** What an operator should see to, while requests are taken all the same. */
export const HEALTH_WARNINGS = ['mailWaits'] as const;
export type HealthWarning = (typeof HEALTH_WARNINGS)[number];

export const health = z.object({
  status: z.enum(['ok', 'stopping', 'unavailable']),
  /** For the machine itself and for callers with scope `metrics:read`; absent while it is ok. */
  reasons: z.array(z.enum(NOT_READY_REASONS)).optional(),
  /** For the same. `mailWaits`: a mail has waited for more than an hour. */
  warnings: z.array(z.enum(HEALTH_WARNINGS)).optional(),
});
export type HealthStatus = z.output<typeof health>['status'];

export const clockReply = z.object({ now: timeField, frozen: z.boolean() });
export const clockRequest = body({
  advance: spanField.optional(),
  frozen: z.boolean({ error: 'wrongType' }).optional(),
});

/** RFC 9457. `type` is `urn:fobtwin:problem:CODE`. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().optional(),
  nextStep: z.string().optional(),
  requestId: z.string().optional(),
  errors: z.array(z.object({ field: z.string(), code: z.string() })).optional(),
  /** With `tooManyRequests`; the header `Retry-After` says the same. */
  retryAfterSeconds: z.int().min(1).optional(),
});

export const serialPath = body({ serial: serialField });
export const accountPath = body({ id: accountField });
export const ownTokenPath = body({ id: accountField, serial: serialField });
export const subscriptionPath = body({ subscription: subscriptionField });

import { z } from 'zod';
import {
  applicationField,
  body,
  nameField,
  page,
  reasonField,
  requiredStrengthField,
  spanField,
  strengthField,
  timeField,
} from './fields.ts';

/** The bodies, queries and replies of `/v1/applications`. */

const word = z.string({ error: 'wrongType' }).max(40, 'tooLong');
const words = (most: number) =>
  z.array(word, { error: 'wrongType' }).max(most, 'tooMany').optional();

/** When a key expires: at a time, or after a span. */
const expiry = { expiresAt: timeField.optional(), expiresIn: spanField.optional() };

function refuseTwoExpiries(
  value: { expiresAt?: string | undefined; expiresIn?: string | undefined },
  context: z.RefinementCtx,
): void {
  if (value.expiresAt !== undefined && value.expiresIn !== undefined) {
    context.addIssue({ code: 'custom', path: ['expiresAt'], message: 'oneOf' });
  }
}

/** Ranges it may be called from: `10.0.0.0/8`, `2001:db8::/32`, or one address. */
const allowField = z
  .array(z.string({ error: 'wrongType' }).max(64, 'tooLong'), { error: 'wrongType' })
  .max(50, 'tooMany');

export const applicationRequest = body({
  name: nameField,
  /** With `roles` at least one. */
  scopes: words(64),
  roles: words(16),
  allow: allowField.optional(),
  /** What a code must prove for it; left out: any will do. */
  requiredStrength: requiredStrengthField.optional(),
  /** Whether the code's credential must have been proofed; left out: no. */
  requiresProofing: z.boolean({ error: 'wrongType' }).optional(),
  ...expiry,
}).superRefine((value, context) => {
  refuseTwoExpiries(value, context);
  if ((value.scopes ?? []).length + (value.roles ?? []).length === 0) {
    context.addIssue({ code: 'custom', path: ['scopes'], message: 'required' });
  }
});

export const applicationRotateRequest = body({
  /** How long the old key works on; 7 days unless given, at most 90. */
  overlap: spanField.optional(),
  ...expiry,
}).superRefine(refuseTwoExpiries);

export const applicationAllowRequest = body({
  /** Takes the place of the list there is; empty: from anywhere. */
  allow: allowField,
  reason: reasonField.optional(),
});

export const applicationDemandRequest = body({
  /** Takes the place of the one there is; null: any will do. */
  requiredStrength: requiredStrengthField.nullable(),
  /** Whether the code's credential must have been proofed; left out: as it was. */
  requiresProofing: z.boolean({ error: 'wrongType' }).optional(),
  reason: reasonField.optional(),
});

export const applicationRevokeRequest = body({
  /** One key, by its number; left out: the whole application. */
  key: z.int({ error: 'wrongType' }).min(1, 'tooSmall').optional(),
  reason: reasonField.optional(),
});

/** A key, never its text. */
export const applicationKeyView = z.object({
  /** 1, 2, 3 … in its application. */
  number: z.int(),
  /** `expiring`: within 14 days it expires. */
  state: z.enum(['live', 'expiring', 'expired', 'revoked']),
  createdAt: timeField,
  expiresAt: timeField.optional(),
  revokedAt: timeField.optional(),
  lastUsedAt: timeField.optional(),
});

export const applicationView = z.object({
  id: z.string(),
  name: z.string(),
  /** Everything it may do. */
  scopes: z.array(z.string()),
  /** The names under which it was given scopes. */
  roles: z.array(z.string()).optional(),
  /** From where it may be called; absent: from anywhere. */
  allow: z.array(z.string()).optional(),
  /** What a code must prove for it; absent: any will do. */
  requiredStrength: strengthField.optional(),
  /** The code's credential must have been proofed. */
  requiresProofing: z.literal(true).optional(),
  keys: z.array(applicationKeyView),
  /** Of all its keys the latest. */
  lastUsedAt: timeField.optional(),
  createdAt: timeField,
  revokedAt: timeField.optional(),
});

/** The API key is shown this once; only its SHA-256 is kept. */
export const applicationCreatedReply = z.object({ id: z.string(), apiKey: z.string() });
export const applicationRotatedReply = z.object({
  apiKey: z.string(),
  application: applicationView,
});
export const applicationReply = z.object({ application: applicationView });
export const applicationPage = page(applicationView);
export const applicationPath = body({ id: applicationField });

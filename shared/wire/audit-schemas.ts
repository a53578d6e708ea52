import { z } from 'zod';
import {
  accountField,
  applicationField,
  body,
  limitField,
  sequenceField,
  serialField,
  spanField,
  timeField,
} from './fields.ts';

/**
 * What the verification finds wrong:
 *
 * - `changed`: entry `faultAt` is not what its successor, or the head, knows it by
 * - `removed`: entry `faultAt` is not there, though later ones are
 * - `unreadable`: what stands for entry `faultAt` is not an entry
 * - `tailCut`: the head knows entries from `faultAt` on that are not there
 * - `headForged`: there is no head, or it was not sealed with this key, or it is an older one;
 *   `faultAt` is the first entry that it does not vouch for
 * - `frontCut`: the oldest entries, from `faultAt` on, are gone without retention
 * - `baseForged`: what tells where the log begins was not sealed with this key
 * - `indexDamaged`: the entries are sound, but their index, from `faultAt` on, is not what they
 *   make it
 * - `rolledBack`: a checkpoint knows entries from `faultAt` on that the log does not have
 * - `forked`: entry `faultAt` is not the one that a checkpoint knows
 * - `checkpointForged`: a checkpoint was not signed by this key
 */
export const AUDIT_FAULTS = [
  'changed',
  'removed',
  'unreadable',
  'tailCut',
  'headForged',
  'frontCut',
  'baseForged',
  'indexDamaged',
  'rolledBack',
  'forked',
  'checkpointForged',
] as const;
export type AuditFault = (typeof AUDIT_FAULTS)[number];

/** The queries, bodies and replies of /v1/audit, beside the page of entries itself. */

const hashField = z
  .string({ error: 'wrongType' })
  .regex(/^[0-9a-f]{64}$/, 'badFormat')
  .meta({ description: 'SHA-256, lower-case hexadecimal', example: 'a'.repeat(64) });

export const auditQuery = body({
  after: sequenceField.optional(),
  serial: serialField.optional(),
  account: accountField.optional(),
  application: applicationField.optional(),
  /** From this moment on, and before that one. Where either is given a page may be short. */
  from: timeField.optional(),
  to: timeField.optional(),
  limit: limitField,
});

/** What a checkpoint knows; both or neither. */
export const auditVerificationQuery = body({
  sequence: sequenceField.optional(),
  hash: hashField.optional(),
}).superRefine((value, context) => {
  if ((value.sequence === undefined) === (value.hash === undefined)) return;
  const missing = value.hash === undefined ? 'hash' : 'sequence';
  context.addIssue({ code: 'custom', path: [missing], message: 'required' });
});

const auditPlace = z.object({ sequence: z.int(), hash: z.string() });
/** The chain's verdict: `sound`, or the first thing found wrong with it. */
export const auditVerdict = z.object({
  sound: z.boolean(),
  entries: z.int(),
  head: auditPlace.nullable(),
  /** The last entry that retention removed. */
  base: auditPlace.optional(),
  /** What came of the checkpoint; one from before the base cannot be compared any more. */
  checkpoint: z.enum(['matched', 'beforeBase']).optional(),
  fault: z.enum(AUDIT_FAULTS).optional(),
  /** The sequence at which the fault shows. */
  faultAt: z.int().optional(),
});

export const auditCheckpoint = z.object({
  writer: z.string(),
  sequence: z.int(),
  hash: z.string(),
  at: timeField,
  keyId: z.string(),
  /** Ed25519 over the canonical JSON (RFC 8785) of the rest, base64url. */
  signature: z.string(),
});
export const auditPublicKey = z.object({
  keyId: z.string(),
  /** PEM. */
  publicKey: z.string(),
});

export const auditExportQuery = body({
  after: sequenceField.optional(),
  until: sequenceField.optional(),
});

export const auditRetentionQuery = body({
  keep: spanField.optional(),
  before: sequenceField.optional(),
});
export const auditRetentionRequest = body({
  through: z.int({ error: 'wrongType' }).min(1, 'tooSmall').max(Number.MAX_SAFE_INTEGER),
  hash: hashField,
  exported: z.boolean({ error: 'wrongType' }),
});
export const auditRetention = z.object({
  /** The last entry that was removed before. */
  base: z.int(),
  /** The last entry that is removed by this; `base` where none is. */
  through: z.int(),
  hash: z.string(),
  entries: z.int(),
});

export const auditReindexRequest = body({});
export const auditReindexed = z.object({ runs: z.int(), repaired: z.int() });

import path from 'node:path';
import { z } from 'zod';
import { FobtwinError } from '../../shared/errors.ts';
import { parseSpan } from '../../shared/span.ts';
import { type Destination, parseDestination } from './forward/destination.ts';
import type { RetentionPolicy } from './service.ts';

/** What can be chosen of the audit log's keeping: rows for the server's settings. */

const span = z
  .string()
  .refine((text) => parseSpan(text) !== undefined, 'is an integer and one of ms, s, m, h, d')
  .transform((text) => parseSpan(text) ?? 0);

const CHECKPOINT_MILLIS_MIN = 1000;
/** A year: a timer that is longer is none. */
const CHECKPOINT_MILLIS_MAX = 365 * 86_400_000;
const KEEP_ENTRIES_MAX = 1_000_000_000;

export const AUDIT_SETTINGS = {
  auditForward: {
    flag: '--audit-forward',
    variable: 'FOBD_AUDIT_FORWARD',
    schema: z
      .string()
      .max(4096, 'is too long')
      .refine(
        (text) => parseDestination(text, '/') !== undefined,
        'is syslog+udp://HOST:PORT, syslog+tcp://HOST:PORT or file:PATH',
      ),
  },
  checkpointEvery: {
    flag: '--checkpoint-every',
    variable: 'FOBD_CHECKPOINT_EVERY',
    schema: span.refine(
      (millis) => millis >= CHECKPOINT_MILLIS_MIN && millis <= CHECKPOINT_MILLIS_MAX,
      'is a span from 1s to 365d',
    ),
  },
  checkpointTo: {
    flag: '--checkpoint-to',
    variable: 'FOBD_CHECKPOINT_TO',
    schema: z.string().min(1, 'is empty').max(4096, 'is too long'),
  },
  auditKeep: { flag: '--audit-keep', variable: 'FOBD_AUDIT_KEEP', schema: span },
  auditKeepEntries: {
    flag: '--audit-keep-entries',
    variable: 'FOBD_AUDIT_KEEP_ENTRIES',
    schema: z
      .string()
      .regex(/^[1-9][0-9]{0,9}$/, 'is a number from 1 to 1000000000')
      .transform(Number)
      .refine((count) => count <= KEEP_ENTRIES_MAX, 'is a number from 1 to 1000000000'),
  },
} as const;

type Name = keyof typeof AUDIT_SETTINGS;
/** What each setting was given as; undefined where it was not. */
export type AuditSettings = {
  readonly [N in Name]: z.output<(typeof AUDIT_SETTINGS)[N]['schema']> | undefined;
};

export interface AuditOptions {
  /** Where every entry is forwarded to; undefined: nowhere. */
  readonly forward: Destination | undefined;
  /** Milliseconds from one checkpoint to the next; undefined: none are made by themselves. */
  readonly checkpointMillis: number | undefined;
  /** A file, replaced with each, or a directory, absolute; undefined: the log. */
  readonly checkpointPlace: string | undefined;
  readonly policy: RetentionPolicy;
}

const DAY_MILLIS = 86_400_000;
/** Of what no retention removes. */
const DEFAULT_RETENTION: RetentionPolicy = {
  keepMillis: 90 * DAY_MILLIS,
  keepEntries: 1000,
};

/**
 * @param directory absolute; what relative paths are relative to
 * @throws FobtwinError `usage` where two settings do not go together
 */
export function createAuditOptions(given: AuditSettings, directory: string): AuditOptions {
  const { auditForward, checkpointEvery, checkpointTo, auditKeep, auditKeepEntries } = given;
  if (checkpointTo !== undefined && checkpointEvery === undefined) {
    throw new FobtwinError('usage', '--checkpoint-to needs --checkpoint-every', {
      nextStep: 'Say how often: --checkpoint-every 1h.',
    });
  }
  const toLog = checkpointTo === undefined || checkpointTo === 'log';
  return {
    forward: auditForward === undefined ? undefined : parseDestination(auditForward, directory),
    checkpointMillis: checkpointEvery,
    checkpointPlace: toLog ? undefined : path.resolve(directory, checkpointTo),
    policy: {
      keepMillis: auditKeep ?? DEFAULT_RETENTION.keepMillis,
      keepEntries: auditKeepEntries ?? DEFAULT_RETENTION.keepEntries,
    },
  };
}

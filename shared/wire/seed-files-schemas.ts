import { z } from 'zod';
import { FIELD_ERROR_CODES, type FieldErrorCode } from '../errors.ts';
import { body, booleanText, lifeField, nameField, serialField } from './fields.ts';

/** Bodies, queries and replies of the operations on seed files. */

export const seedFileQuery = body({
  dryRun: booleanText.optional(),
  /** Import what can be, and report the rest. */
  partial: booleanText.optional(),
  acceptEmulated: booleanText.optional(),
  /** Of a CSV file; found out from its columns unless given. */
  dialect: nameField.optional(),
});

/** One a row of the file. */
export const seedFileRow = z.object({
  serial: z.string().optional(),
  result: z.enum(['imported', 'skipped', 'refused']),
  /** Of a refused row what is wrong with it, at `field`. */
  reason: z.enum(['exists', 'dryRun', 'fileRefused', ...FIELD_ERROR_CODES]).optional(),
  field: z.string().optional(),
});
export const seedFileReply = z.object({
  imported: z.int(),
  skipped: z.int(),
  refused: z.int(),
  rows: z.array(seedFileRow),
});

export const EXPORT_FORMATS = ['pskc', 'csv'] as const;
/** Serials of one request; with more, a state is named. */
export const EXPORT_SERIALS_MAX = 500;

/**
 * Which tokens, and how they are written. Without `serials` and `state`: all that are not revoked.
 * The seeds leave encrypted under the key of the header, or, with `plain`, in the clear.
 */
export const seedFileExportRequest = body({
  format: z.enum(EXPORT_FORMATS, { error: code('notAllowed') }),
  serials: z
    .array(serialField, { error: code('wrongType') })
    .min(1, code('required'))
    .max(EXPORT_SERIALS_MAX, code('tooMany'))
    .optional(),
  state: lifeField.optional(),
  plain: z.boolean({ error: code('wrongType') }).optional(),
}).superRefine(({ serials, state }, context) => {
  if (serials === undefined || state === undefined) return;
  context.addIssue({ code: 'custom', path: ['serials'], message: code('oneOf') });
});

function code(name: FieldErrorCode): FieldErrorCode {
  return name;
}

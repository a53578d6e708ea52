import { z } from 'zod';
import type { FieldErrorCode } from '../errors.ts';
import {
  ALGORITHMS,
  HOLDS,
  LIVES,
  OUTCOMES,
  parseAccountId,
  parseApplicationId,
  parseCredentialId,
  parseSerial,
  parseSubscriptionId,
  RECORDED_OUTCOMES,
  SERIAL_TEXT_MAX,
  STRENGTHS,
} from '../types.ts';

/**
 * The fields of /v1. A schema's messages are field error codes (`FieldErrorCode`), so that one
 * mapping turns any failed parse into `errors: [{field, code}]`.
 */

const code = (name: FieldErrorCode): FieldErrorCode => name;
const text = () => z.string({ error: code('wrongType') });

/** Text that `parse` takes, and what it makes of it. */
export const parsedField = <T>(
  charactersMax: number,
  parse: (value: string) => T | undefined,
  refusal: FieldErrorCode = 'badFormat',
) =>
  text()
    .max(charactersMax, code('tooLong'))
    .transform((value, context): T => {
      const parsed = parse(value);
      if (parsed !== undefined) return parsed;
      context.addIssue({ code: 'custom', message: refusal });
      return z.NEVER;
    });

/** Serial: white space dropped, upper case; the parsed value is normalised. */
export const serialField = parsedField(SERIAL_TEXT_MAX, parseSerial).meta({
  description: 'Token serial; white space and case do not matter',
  example: 'FT00000001',
});
export const accountField = parsedField(128, parseAccountId).meta({
  description: 'Account id: letters, digits and . _ @ -',
  example: 'jennifer',
});
export const applicationField = parsedField(64, parseApplicationId);
export const credentialField = parsedField(64, parseCredentialId).meta({
  description: "A credential's id",
  example: 'SO-10001-1-1.mobileId',
});
export const subscriptionField = parsedField(40, parseSubscriptionId).meta({
  description: 'A subscription: order, line and unit',
  example: 'SO-10001-1-1',
});

export const codeField = text()
  .max(64, code('tooLong'))
  .regex(/^[0-9]*$/, { error: code('notDigits'), abort: true })
  .min(6, code('tooShort'))
  .max(8, code('tooLong'))
  .meta({ description: 'Six to eight ASCII digits', example: '755224' });

/**
 * What a person typed, for lists and the audit log: one line, no control characters, which a
 * terminal would act on, and no half of a surrogate pair, which has no canonical JSON (RFC 8785
 * section 3.2.2.2). Nor what turns the direction of the text beside it: `text-direction.ts`.
 */
export const lineField = (charactersMax: number) =>
  text()
    .min(1, code('required'))
    .max(charactersMax, code('tooLong'))
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, code('badFormat'))
    .regex(/^\P{Bidi_Control}*$/u, code('directionSign'));
export const nameField = lineField(200);
export const reasonField = lineField(500);

/** RFC 3339 in UTC, as every time on the wire. */
export const timeField = text()
  .max(40, code('tooLong'))
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/, code('badFormat'))
  .meta({ description: 'RFC 3339 in UTC', example: '2026-01-01T00:00:00.000Z' });

/** An integer and a unit: `30s`, `12h`, `30d`. */
export const spanField = text()
  .max(20, code('tooLong'))
  .regex(/^(0|[1-9][0-9]*)(ms|s|m|h|d)$/, code('badFormat'))
  .meta({ description: 'An integer and one of ms, s, m, h, d', example: '30s' });

/** Two codes that follow each other are never the same. */
export function refuseEqualCodes(
  { code1, code2 }: { readonly code1?: string | undefined; readonly code2?: string | undefined },
  context: z.RefinementCtx,
): void {
  if (code1 !== undefined && code1 === code2) {
    context.addIssue({ code: 'custom', path: ['code2'], message: code('equalCodes') });
  }
}

/** Of a code that fobd gave out itself: what it was of. */
export const issuedTypeField = z.enum(['phoneOtp', 'temporary']);

export const outcomeField = z.enum(OUTCOMES);
export const recordedOutcomeField = z.enum(RECORDED_OUTCOMES);
export const strengthField = z.enum(STRENGTHS);
/** As somebody sends it. */
export const requiredStrengthField = z.enum(STRENGTHS, { error: code('notAllowed') });
export const lifeField = z.enum(LIVES, { error: code('notAllowed') });
export const holdField = z.enum(HOLDS, { error: code('notAllowed') });
export const algorithmField = z.enum(ALGORITHMS);

/**
 * Query parameters arrive as text: decimal digits alone make a number there, so that neither an
 * empty text, `0x10` nor `1e2` does.
 */
const integerFromText = (least: number, greatest: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^-?[0-9]{1,15}$/.test(value) ? Number(value) : value),
    z
      .int({ error: code('wrongType') })
      .min(least, code('tooSmall'))
      .max(greatest, code('tooLarge')),
  );
export const limitField = integerFromText(1, 500)
  .default(50)
  .meta({ description: 'Entries of a page; 50 unless given' });
export const sequenceField = integerFromText(0, Number.MAX_SAFE_INTEGER);
export const cursorField = text().max(300, code('tooLong'));
export const booleanText = z
  .enum(['true', 'false'], { error: code('notAllowed') })
  .transform((value) => value === 'true');

/** A JSON object with exactly these fields. */
export const body = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? 'unknownField' : 'wrongType'),
  });

export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

import { z } from 'zod';
import { parseSpan } from '../../shared/span.ts';
import { parseTime } from '../../shared/time.ts';
import { parseAccountId, parseSerial } from '../../shared/types.ts';
import {
  EXPRESSION_CHARACTERS_MAX,
  parseExpression,
  parseTemplate,
  RESERVED_NAMES,
  SAVED_NAME,
} from './expression.ts';

/**
 * The fields of a scenario. A schema's messages are sentences that follow the field's name; what a
 * schema gives out is what the runner works with: milliseconds, expressions, serials.
 */

/** What a value is in YAML when it is not the text that a field wants. */
const wantsText = (shape: string) => ({ error: () => `takes text: ${shape}` });

/** Text that is read by a function which gives undefined for what it does not take. */
function parsed<T>(
  shape: string,
  charactersMax: number,
  parse: (text: string) => T | undefined,
): z.ZodPipe<z.ZodString, z.ZodTransform<T, string>> {
  return z
    .string(wantsText(shape))
    .max(charactersMax, `takes at most ${charactersMax} characters`)
    .meta({ description: shape })
    .transform((text, context): T => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: `takes ${shape}` });
      return z.NEVER;
    });
}

/** Text of at most so many characters, on one line. */
export const line = (charactersMax: number) =>
  z
    .string(wantsText('one line'))
    .min(1, 'is empty')
    .max(charactersMax, `takes at most ${charactersMax} characters`)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'takes one line, without control characters');

export const span = parsed('a whole number and ms, s, m, h or d, such as 30s', 20, parseSpan);
/** How long a server or a program is waited for; a timer cannot be set to more than 24 days. */
export const TIME_LIMIT_MILLIS_MAX = 3_600_000;
export const timeLimit = span.refine(
  (millis) => millis > 0 && millis <= TIME_LIMIT_MILLIS_MAX,
  'takes a span over 0s, of at most 1h',
);
export const instant = parsed('a time in UTC such as 2026-01-31T09:30:00Z', 40, parseTime);
export const serial = parsed('a serial such as "C30-00000001"', 200, parseSerial);
export const account = parsed('an account such as jennifer', 128, parseAccountId);
export const expression = parsed(
  'a code: digits in quotes, a saved name, displayed, press(), wrongCode() or staleCode(2)',
  EXPRESSION_CHARACTERS_MAX,
  parseExpression,
);

const TEMPLATE_CHARACTERS_MAX = 16_384;
export const template = parsed(
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a scenario writes it
  'text in which each ${…} holds a code, such as ${displayed}',
  TEMPLATE_CHARACTERS_MAX,
  parseTemplate,
);

const PART_ID = /^[a-z][a-z0-9-]{0,31}$/;
export const partId = z
  .string(wantsText('a name such as token'))
  .regex(PART_ID, 'takes a letter, then letters, digits and hyphens, all in lower case');

export const savedName = z
  .string(wantsText('a name such as first'))
  .regex(SAVED_NAME, 'takes a small letter, then letters, digits and hyphens')
  .refine((name) => !RESERVED_NAMES.includes(name), 'is a word of its own; choose another name');

export const integer = (min: number, max: number) =>
  z
    .int(`takes a whole number from ${min} to ${max}`)
    .min(min, `takes a whole number from ${min} to ${max}`)
    .max(max, `takes a whole number from ${min} to ${max}`);

export const number = (min: number, max: number) =>
  z
    .number(`takes a number from ${min} to ${max}`)
    .min(min, `takes a number from ${min} to ${max}`)
    .max(max, `takes a number from ${min} to ${max}`);

export const flag = z.boolean('takes true or false');

export const word = <const Word extends string>(words: readonly Word[]) =>
  z.enum(words, `takes one of ${words.join(', ')}`);

/** A file beside the scenario: a relative path that does not climb. */
export const file = (endings: readonly string[]) =>
  line(200).refine(
    (name) =>
      !/^([/\\]|[A-Za-z]:)/.test(name) &&
      !name.split(/[/\\]/).includes('..') &&
      endings.some((ending) => name.endsWith(ending)),
    `takes a path below the scenario's own folder that ends in ${endings.join(' or ')}`,
  );

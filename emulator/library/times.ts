import { invalidInput } from '../../shared/errors.ts';
import { parseSpan } from '../../shared/span.ts';
import { parseTime, TIME_MAX } from '../../shared/time.ts';
import { parseUnixMillis, type UnixMillis } from '../../shared/types.ts';

/** A moment of true time: RFC 3339 in UTC (`2026-01-01T00:00:00Z`), a Date, or milliseconds. */
export type Moment = string | Date | number;

/** A length of time: a whole number and `ms`, `s`, `m`, `h` or `d` (`30s`), or milliseconds. */
export type Span = string | number;

/** Holding a button longer than this is not pressing it. */
export const HOLD_MILLIS_MAX = 3_600_000;

/** @param field names it in the error */
export function readMoment(moment: Moment, field: string): UnixMillis {
  const millis =
    typeof moment === 'string'
      ? parseTime(moment)
      : parseUnixMillis(typeof moment === 'number' ? moment : moment.getTime());
  if (millis !== undefined && millis >= 0 && millis <= TIME_MAX) return millis;
  throw invalidInput(field, 'badFormat', `${field} is a moment from 1970 to the year 9999`, {
    nextStep: "Give '2026-01-01T00:00:00Z', a Date, or whole milliseconds since 1970.",
  });
}

/** @returns whole milliseconds, 0 or more */
export function readSpan(span: Span, field: string, max: number = TIME_MAX): number {
  const millis = typeof span === 'string' ? parseSpan(span) : span;
  if (millis === undefined || !Number.isSafeInteger(millis) || millis < 0) {
    throw invalidInput(field, 'badFormat', `${field} is a length of time, never negative`, {
      nextStep: "Give a whole number with its unit, '30s' or '12h', or whole milliseconds.",
    });
  }
  if (millis <= max) return millis;
  throw invalidInput(field, 'tooLarge', `${field} is at most ${max} ms`, {
    nextStep: 'Give a shorter one.',
  });
}

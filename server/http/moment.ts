import { invalidInput } from '../../shared/errors.ts';
import { parseSpan } from '../../shared/span.ts';
import { formatTime, parseTime } from '../../shared/time.ts';
import type { UnixMillis } from '../../shared/types.ts';

/**
 * A time of a request: its schema knows the shape; whether the calendar has it is known here.
 *
 * @param field where it stands: a JSON Pointer, or `/query/NAME`
 * @throws FobtwinError `invalidInput` naming it, for 30 February and the like
 */
export function momentOf(text: string, field: string): UnixMillis {
  const at = parseTime(text);
  if (at !== undefined) return at;
  throw invalidInput(field, 'badFormat', 'This is no day of the calendar.');
}

/**
 * A span of a request, in milliseconds.
 *
 * @throws FobtwinError `invalidInput` naming `field`, a JSON Pointer, where it is longer than any
 */
export function spanMillis(text: string, field: string): number;
export function spanMillis(text: string | undefined, field: string): number | undefined;
export function spanMillis(text: string | undefined, field: string): number | undefined {
  if (text === undefined) return undefined;
  const millis = parseSpan(text);
  if (millis === undefined) throw invalidInput(field, 'tooLarge', 'The span is too long.');
  return millis;
}

/** A time of a reply that is not always there. */
export const timeOrNone = (millis: UnixMillis | undefined): string | undefined =>
  millis === undefined ? undefined : formatTime(millis);

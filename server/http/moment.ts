import { invalidInput } from '../../shared/errors.ts';
import { parseTime } from '../../shared/time.ts';
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

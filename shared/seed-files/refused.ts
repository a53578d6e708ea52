import { FobtwinError } from '../errors.ts';
import type { Serial } from '../types.ts';
import type { OnRefused } from './entry.ts';

/**
 * Reads one token; its refusal goes to `onRefused`, or is an exception when there is none.
 *
 * @param row counted from 1
 * @returns `undefined` when it was refused
 */
export function readOrPassOver<T>(
  read: () => T,
  row: number,
  { onRefused, serial }: { onRefused: OnRefused | undefined; serial: () => Serial | undefined },
): T | undefined {
  try {
    return read();
  } catch (error) {
    if (onRefused === undefined || !(error instanceof FobtwinError)) throw error;
    const named = serial();
    const [fault = { field: `row ${row}`, code: 'malformed' as const }] = error.errors;
    onRefused(
      { row, ...(named === undefined ? {} : { serial: named }), reason: error.message },
      fault,
    );
    return undefined;
  }
}

/** What `read` gives, or `undefined` where it refuses. */
export function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof FobtwinError) return undefined;
    throw error;
  }
}

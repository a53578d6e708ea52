import type { z } from 'zod';
import {
  FIELD_ERROR_CODES,
  type FieldError,
  type FieldErrorCode,
  FobtwinError,
} from '../../shared/errors.ts';

/**
 * From a failed parse to `errors: [{field, code}]`, in one place. `field` is a JSON Pointer (RFC
 * 6901) into the body; what came in the path or the query stands under `/path` or `/query`.
 */
export type Place = '' | '/path' | '/query';

/** Field errors in one reply; a body can hold thousands of unknown names. */
const ERRORS_MAX = 50;
/** Characters of one pointer; a name in a body can fill the body. */
const FIELD_CHARACTERS_MAX = 200;

const KNOWN: ReadonlySet<string> = new Set(FIELD_ERROR_CODES);
const isFieldErrorCode = (text: string): text is FieldErrorCode => KNOWN.has(text);

/** @throws FobtwinError `invalidInput` with every field at fault */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown, place: Place): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = fieldErrors(result.error.issues, value, place);
  const names = errors.map(({ field, code }) => `${field} (${code})`).slice(0, 5);
  throw new FobtwinError('invalidInput', `Not valid: ${names.join(', ')}`, { errors });
}

function fieldErrors(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  place: Place,
): readonly FieldError[] {
  const errors = new Map<string, FieldError>();
  for (const issue of issues) {
    const code = codeOf(issue, value);
    for (const field of fieldsOf(issue, place)) {
      if (errors.size < ERRORS_MAX) errors.set(`${field} ${code}`, { field, code });
    }
  }
  return [...errors.values()];
}

function* fieldsOf(issue: z.core.$ZodIssue, place: Place): Generator<string> {
  if (issue.code !== 'unrecognized_keys') {
    yield pointer(place, issue.path);
    return;
  }
  for (const key of issue.keys) yield pointer(place, [...issue.path, key]);
}

function pointer(place: Place, path: readonly PropertyKey[]): string {
  const parts = path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1'));
  return [place, ...parts].join('/').slice(0, FIELD_CHARACTERS_MAX);
}

/** A schema's messages are codes already; only an absent field needs a look at the value. */
function codeOf(issue: z.core.$ZodIssue, value: unknown): FieldErrorCode {
  const isTyped = issue.code === 'invalid_type' || issue.code === 'invalid_value';
  if (isTyped && valueAt(value, issue.path) === undefined) return 'required';
  return isFieldErrorCode(issue.message) ? issue.message : 'badFormat';
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const part of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Object.hasOwn(found, part) ? Reflect.get(found, part) : undefined;
  }
  return found;
}

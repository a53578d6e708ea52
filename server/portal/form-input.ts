import type { z } from 'zod';
import { type FieldError, type FieldErrorCode, FobtwinError } from '../../shared/errors.ts';
import { parseInput } from '../http/input.ts';
import type { Fields } from './forms.ts';
import type { Refusal } from './refusal.ts';

/** What a form says, judged by the schemas of /v1 and refused in the words of the page. */

/** Where a pointer of a request stands in the form, and how people call it. */
export interface PlaceOfField {
  readonly name: string;
  readonly label: string;
  /** What is said whatever is wrong with it. Default: the label, and what is wrong. */
  readonly refusal?: string;
}

/** @returns `undefined` for what is in no field of the form */
export type Places = (pointer: string) => PlaceOfField | undefined;

const TEXTS: Partial<Record<FieldErrorCode, string>> = {
  required: 'is missing',
  tooLong: 'is too long',
  tooMany: 'has too many lines',
  notAllowed: 'is none of those that there are',
  wrongType: 'is no whole number',
};

/** @param further what no schema knows of, as it is to be refused with the rest */
export function readInput<T>(
  schema: z.ZodType<T>,
  value: unknown,
  places: Places,
  further: readonly FieldError[] = [],
): { readonly input: T } | { readonly refusal: Refusal } {
  try {
    const input = parseInput(schema, value, '');
    return further.length === 0 ? { input } : { refusal: refusalOfFields(further, places) };
  } catch (error) {
    if (!(error instanceof FobtwinError) || error.code !== 'invalidInput') throw error;
    return { refusal: refusalOfFields([...error.errors, ...further], places) };
  }
}

const NOWHERE: PlaceOfField = { name: '', label: 'Something of the form' };

function refusalOfFields(errors: readonly FieldError[], places: Places): Refusal {
  const lines = new Map<string, string>();
  for (const { field, code } of errors) {
    const { name, label, refusal } = places(field) ?? NOWHERE;
    const said = refusal ?? `${label} ${TEXTS[code] ?? 'cannot be read'}.`;
    if (!lines.has(name)) lines.set(name, said);
  }
  return { status: 422, lines: [...lines.values()], fields: new Set(lines.keys()) };
}

/** What a service has refused, with the form's fields that it is about. */
export const inForm = (refusal: Refusal, places: Places): Refusal => ({
  ...refusal,
  fields: new Set((refusal.errors ?? []).flatMap(({ field }) => places(field)?.name ?? [])),
});

/** Trimmed; a field that was left blank is absent. */
export function textIn(fields: Fields, name: string): string | undefined {
  const text = (fields.get(name) ?? '').trim();
  return text === '' ? undefined : text;
}

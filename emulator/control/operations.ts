import { z } from 'zod';
import { CELSIUS_MAX, CELSIUS_MIN } from '../../firmware-spec/physics.ts';
import { FAULT_NAMES } from '../../firmware-spec/vocabulary.ts';
import { type FieldErrorCode, FobtwinError } from '../../shared/errors.ts';
import { parseSpan } from '../../shared/span.ts';
import { parseSerial, SERIAL_TEXT_MAX, type Serial } from '../../shared/types.ts';
import type { Control } from './control.ts';
import { PICTURE_SCALE_MAX, type Picture, pictureOf } from './pictures.ts';
import { faultKinds, stateView } from './views.ts';
import type { Watch } from './watch.ts';

/**
 * Everything that can be asked for, once: a command of this name over the WebSocket, a method and
 * path over HTTP, with the same parameters and the same answer.
 */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the address. `{serial}` and `{name}` become parameters. */
  readonly path: string;
  readonly summary: string;
  /** Answers 403 unless the control was started in QA mode. */
  readonly qa?: boolean;
  /** A press of the button: these have a limit of their own. */
  readonly presses?: boolean;
  readonly parameters: z.ZodType<object>;
  run(parameters: unknown, context: Context): Promise<Result>;
}

export interface Context {
  readonly control: Control;
  readonly watch: Watch;
}

/** JSON, or a picture. */
export type Result = { readonly json: unknown } | { readonly picture: Picture };

const serial = z
  .string()
  .max(SERIAL_TEXT_MAX)
  .transform((text, context): Serial => {
    const parsed = parseSerial(text);
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: 'custom', message: 'a serial' });
    return z.NEVER;
  });
const SPAN_TEXT_MAX = 20;
const span = (maxMillis: number) =>
  z
    .string()
    .max(SPAN_TEXT_MAX)
    .transform((text, context): number => {
      const millis = parseSpan(text);
      if (millis !== undefined && millis <= maxMillis) return millis;
      context.addIssue({ code: 'custom', message: 'a span like 30s, within the limit' });
      return z.NEVER;
    });
const ofToken = { serial };

/** Nobody holds a button longer; the menu opens after a few seconds. */
const HOLD_MILLIS_MAX = 60_000;
/** Ten years at once: longer than any cell lasts. */
const ADVANCE_MILLIS_MAX = 3660 * 24 * 3_600_000;
const PAD_KEYS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'enter'] as const;
const KEYS_MAX = 32;
const ATTRIBUTES_MAX = 16;
const TEXT_MAX = 64;

const attribute = z.union([z.number(), z.string().max(TEXT_MAX), z.boolean()]);
const attributes = z
  .record(z.string().max(TEXT_MAX), attribute)
  .refine((given) => Object.keys(given).length <= ATTRIBUTES_MAX, 'too many');

export const OPERATIONS = {
  list: operation({
    method: 'GET',
    path: 'v1/tokens',
    summary: 'Every token and what it shows',
    parameters: z.strictObject({}),
    run: async (_parameters, { control, watch }) => {
      const items = await watch.look();
      return { json: { qa: control.qa, items } };
    },
  }),
  display: operation({
    method: 'GET',
    path: 'v1/tokens/{serial}',
    summary: 'One token and what it shows',
    parameters: z.strictObject(ofToken),
    run: async (given, { control, watch }) => ({
      json: watch.saw(await control.look(given.serial)),
    }),
  }),
  segments: operation({
    method: 'GET',
    path: 'v1/tokens/{serial}/segments',
    summary: 'The LCD: a bit mask a cell (bit 0 is segment a), marks, icons, contrast',
    parameters: z.strictObject(ofToken),
    run: async (given, { control }) => {
      const { reading } = await control.look(given.serial);
      return { json: { serial: given.serial, ...reading.frame } };
    },
  }),
  state: operation({
    method: 'GET',
    path: 'v1/tokens/{serial}/state',
    summary: 'What is inside: clock, cell, counter, locks',
    parameters: z.strictObject(ofToken),
    run: async (given, { control }) => ({ json: stateView(await control.look(given.serial)) }),
  }),
  press: operation({
    method: 'POST',
    path: 'v1/tokens/{serial}/press',
    summary: 'Press the button and let it go now; `hold` "6s": it was held so long',
    presses: true,
    parameters: z.strictObject({ ...ofToken, hold: span(HOLD_MILLIS_MAX).optional() }),
    run: async ({ hold, ...given }, { control, watch }) => ({
      json: watch.saw(await control.press(given.serial, { holdMillis: hold ?? 0 })),
    }),
  }),
  keys: operation({
    method: 'POST',
    path: 'v1/tokens/{serial}/keys',
    summary: 'Keys of the PIN pad in order: "0" to "9" and "enter"',
    presses: true,
    parameters: z.strictObject({
      ...ofToken,
      keys: z.array(z.enum(PAD_KEYS)).min(1).max(KEYS_MAX),
    }),
    run: async (given, { control, watch }) => ({
      json: watch.saw(await control.keys(given.serial, given.keys)),
    }),
  }),
  screenshot: operation({
    method: 'GET',
    path: 'v1/tokens/{serial}/screenshot',
    summary: '`format` svg or png, `part` fob, back or display, `scale` 1 to 4',
    parameters: z.strictObject({
      ...ofToken,
      format: z.enum(['svg', 'png']).default('png'),
      part: z.enum(['fob', 'back', 'display']).default('fob'),
      scale: z.coerce.number().min(1).max(PICTURE_SCALE_MAX).default(2),
    }),
    run: async ({ serial: wanted, ...how }, { control }) => ({
      picture: await pictureOf(await control.look(wanted), how),
    }),
  }),
  faults: operation({
    method: 'GET',
    path: 'v1/faults',
    summary: 'The catalogue of faults',
    parameters: z.strictObject({}),
    run: async () => ({ json: { items: faultKinds() } }),
  }),
  inject: operation({
    method: 'PUT',
    path: 'v1/tokens/{serial}/faults/{name}',
    summary: 'Break it: a fault of the catalogue with its attributes',
    qa: true,
    parameters: z.strictObject({
      ...ofToken,
      name: z.enum(FAULT_NAMES),
      attributes: attributes.optional(),
      probability: z.number().gt(0).max(1).optional(),
      randomSeed: z.int().min(0).optional(),
    }),
    run: async ({ serial: wanted, ...fault }, { control, watch }) => ({
      json: watch.saw(await control.inject(wanted, withoutUndefined(fault))),
    }),
  }),
  clear: operation({
    method: 'DELETE',
    path: 'v1/tokens/{serial}/faults/{name}',
    summary: 'Mend one fault',
    qa: true,
    parameters: z.strictObject({ ...ofToken, name: z.enum(FAULT_NAMES) }),
    run: async (given, { control, watch }) => ({
      json: watch.saw(await control.clear(given.serial, given.name)),
    }),
  }),
  reset: operation({
    method: 'DELETE',
    path: 'v1/tokens/{serial}/faults',
    summary: 'Mend all faults',
    qa: true,
    parameters: z.strictObject(ofToken),
    run: async (given, { control, watch }) => ({
      json: watch.saw(await control.reset(given.serial)),
    }),
  }),
  advance: operation({
    method: 'POST',
    path: 'v1/tokens/{serial}/advance',
    summary: 'Let time pass for it: `by` "30d"; simulated tokens only',
    qa: true,
    parameters: z.strictObject({ ...ofToken, by: span(ADVANCE_MILLIS_MAX) }),
    run: async (given, { control, watch }) => ({
      json: watch.saw(await control.advance(given.serial, given.by)),
    }),
  }),
  now: operation({
    method: 'POST',
    path: 'v1/tokens/{serial}/now',
    summary: "Back to the computer's clock; what it lived through stays with it",
    qa: true,
    parameters: z.strictObject(ofToken),
    run: async (given, { control, watch }) => ({
      json: watch.saw(await control.returnToNow(given.serial)),
    }),
  }),
  temperature: operation({
    method: 'PUT',
    path: 'v1/tokens/{serial}/temperature',
    summary: 'Ambient temperature from now on: `celsius`, -60 to 120',
    qa: true,
    parameters: z.strictObject({
      ...ofToken,
      celsius: z.number().min(CELSIUS_MIN).max(CELSIUS_MAX),
    }),
    run: async (given, { control, watch }) => ({
      json: watch.saw(await control.setTemperature(given.serial, given.celsius)),
    }),
  }),
} as const satisfies Record<string, Operation>;

type OperationName = keyof typeof OPERATIONS;
export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly OperationName[];

interface TypedOperation<Schema extends z.ZodType<object>>
  extends Omit<Operation, 'parameters' | 'run'> {
  readonly parameters: Schema;
  run(parameters: z.output<Schema>, context: Context): Promise<Result>;
}

/** Its parameters are parsed before they reach it. */
function operation<Schema extends z.ZodType<object>>(typed: TypedOperation<Schema>): Operation {
  return {
    ...typed,
    run: (given, context) => typed.run(parse(typed.parameters, given), context),
  };
}

/** @throws FobtwinError `invalidInput` naming each field by its JSON Pointer */
function parse<Schema extends z.ZodType<object>>(schema: Schema, given: unknown): z.output<Schema> {
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  const errors = error.issues.slice(0, ATTRIBUTES_MAX).flatMap((issue) => {
    const fields = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
    return fields.map((field) => ({
      field: [...issue.path, ...(field === undefined ? [] : [field])]
        .map((part) => `/${String(part).slice(0, TEXT_MAX)}`)
        .join(''),
      code: fieldCode(issue),
    }));
  });
  const [first] = errors;
  const where = first === undefined || first.field === '' ? 'The input' : first.field;
  throw new FobtwinError('invalidInput', `${where} is not what it must be`, {
    errors,
    nextStep: 'See API.md for what each command takes.',
  });
}

function fieldCode(issue: z.core.$ZodIssue): FieldErrorCode {
  if (issue.code === 'unrecognized_keys') return 'unknownField';
  if (issue.code === 'too_big') return 'tooLarge';
  if (issue.code === 'too_small') return 'tooSmall';
  if (issue.code === 'invalid_type') return issue.input === undefined ? 'required' : 'wrongType';
  return issue.code === 'invalid_value' ? 'notAllowed' : 'badFormat';
}

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** Members that were not given are not there, instead of being undefined. */
function withoutUndefined<T extends object>(given: T): Defined<T> {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<T>;
}

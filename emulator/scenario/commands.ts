import { z } from 'zod';
import { FAULT_NAMES, ICONS, PROFILE_NAMES, STATES } from '../../firmware-spec/vocabulary.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import { HOLDS, LIFE_VERBS, LIVES, OUTCOMES, STRENGTHS } from '../../shared/types.ts';
import {
  account,
  expression,
  file,
  flag,
  instant,
  integer,
  line,
  number,
  partId,
  savedName,
  serial,
  span,
  template,
  timeLimit,
  word,
} from './fields.ts';

/** The commands of a scenario: their fields, checked by these schemas and published from them. */

export interface CommandDefinition<Fields extends z.ZodType = z.ZodType> {
  /** What it does, one sentence. */
  readonly summary: string;
  /** The field that a value without field names stands for: `advance: 30s` is `{by: 30s}`. */
  readonly short?: string;
  readonly fields: Fields;
}

/** What may be given more than once in a step; the rest of a scenario has no loops. */
export const TIMES_MAX = 1000;
export const COUNT_MAX = 100;
export const DEFAULT_PART = 'token';

const exactlyOne =
  (...names: readonly string[]) =>
  (value: Readonly<Record<string, unknown>>, context: z.RefinementCtx) => {
    if (names.filter((name) => value[name] !== undefined).length === 1) return;
    context.addIssue({ code: 'custom', message: `takes exactly one of ${names.join(', ')}` });
  };

const atLeastOne =
  (...names: readonly string[]) =>
  (value: Readonly<Record<string, unknown>>, context: z.RefinementCtx) => {
    if (names.some((name) => value[name] !== undefined)) return;
    context.addIssue({ code: 'custom', message: `takes at least one of ${names.join(', ')}` });
  };

const part = { 'part-id': partId.optional() };
const repeated = { times: integer(1, TIMES_MAX).optional(), every: span.optional() };
const twoCodes = z.tuple([expression, expression], 'takes a list of two codes');

/** Segments that are lit in one cell, by their letters: `abcdef`, nothing for a blank. */
const cell = z
  .string('takes text: the letters of the lit segments, such as abged')
  .regex(/^(?!.*(.).*\1)[a-g]{0,7}$/, 'takes letters from a to g, each once');

const ANSWER_CHARACTERS_MAX = 1000;
const answer = z
  .string('takes text')
  .min(1, 'is empty')
  .max(ANSWER_CHARACTERS_MAX, `takes at most ${ANSWER_CHARACTERS_MAX} characters`);
const contained = { contains: answer.optional(), 'contains-not': answer.optional() };

/** Errors that are answers: a server's judgement of what was sent. */
export const JUDGEMENTS = [
  'invalidInput',
  'notFound',
  'alreadyRegistered',
  'notAllowedNow',
] as const satisfies readonly ErrorCode[];

/** What a submission can come to: an outcome, or the code of the error that refused it. */
const ANSWERS = [...OUTCOMES, ...JUDGEMENTS] as const;
export type AnswerCode = (typeof ANSWERS)[number];

export const COMMANDS = {
  make: {
    summary: 'A token leaves the factory; a fobd that the scenario submits to gets its seed file',
    short: 'profile',
    fields: z.strictObject({
      'part-id': partId.default(DEFAULT_PART),
      profile: word(PROFILE_NAMES).default('c30'),
      serial: serial.optional(),
      crystal: word(['trimmed', 'ideal', 'worst']).default('trimmed'),
      count: integer(1, COUNT_MAX).default(1),
      counter: integer(0, Number.MAX_SAFE_INTEGER).optional(),
    }),
  },
  press: {
    summary: 'The button is pressed; `fresh` waits for a code that was not shown before',
    short: 'part-id',
    fields: z.strictObject({
      ...part,
      hold: span.optional(),
      fresh: flag.default(false),
      'min-remaining': span.optional(),
      ...repeated,
    }),
  },
  'enter-pin': {
    summary: 'A PIN, or an unlock code, is entered on the PIN pad and ended with enter',
    short: 'pin',
    fields: z.strictObject({
      ...part,
      pin: z
        .string('takes digits in quotes, such as "1234", or unlockCode()')
        .regex(/^([0-9]{1,16}|unlockCode\(\))$/, 'takes up to 16 digits, or unlockCode()'),
    }),
  },
  advance: {
    summary: 'Time passes for every token, and for the fobd of a lab',
    short: 'by',
    fields: z.strictObject({ by: span }),
  },
  at: {
    summary: 'Time passes until this instant',
    short: 'time',
    fields: z.strictObject({ time: instant }),
  },
  'set-temperature': {
    summary: 'The air around the token changes its temperature',
    fields: z.strictObject({ ...part, celsius: number(-60, 100) }),
  },
  inject: {
    summary: 'Something goes wrong with the token',
    short: 'fault',
    fields: z.strictObject({
      ...part,
      fault: word(FAULT_NAMES),
      attributes: z
        .record(z.string(), z.union([z.number(), z.string().max(200), z.boolean()]), {
          error: 'takes a map of numbers, texts, true and false',
        })
        .optional(),
      probability: number(0.000_001, 1).optional(),
    }),
  },
  clear: {
    summary: 'A fault goes away, or all of them',
    short: 'fault',
    fields: z.strictObject({ ...part, fault: word(['all', ...FAULT_NAMES]) }),
  },
  'expect-display': {
    summary: 'What a person reads off the display',
    short: 'text',
    fields: z
      .strictObject({
        ...part,
        text: z
          .string('takes text in quotes, such as "Err"; "" is dark')
          .max(40, 'takes at most 40 characters')
          .optional(),
        matches: line(200).optional(),
        code: expression.optional(),
        'code-not': expression.optional(),
        'of-seed': flag.optional(),
      })
      .superRefine(exactlyOne('text', 'matches', 'code', 'code-not', 'of-seed')),
  },
  'expect-segments': {
    summary: 'Which segments, marks and icons of the LCD are lit, and how well they show',
    short: 'cells',
    fields: z
      .strictObject({
        ...part,
        cells: z.array(cell, 'takes a list, one entry a cell').max(16).optional(),
        lit: flag.optional(),
        marks: integer(0, 60).optional(),
        icons: z.array(word(ICONS), 'takes a list of icons').max(ICONS.length).optional(),
        rotated: flag.optional(),
        'contrast-at-least': number(0, 1).optional(),
        'contrast-at-most': number(0, 1).optional(),
      })
      .superRefine(
        atLeastOne(
          ...['cells', 'lit', 'marks', 'icons', 'rotated'],
          ...['contrast-at-least', 'contrast-at-most'],
        ),
      ),
  },
  'expect-state': {
    summary: 'What the token is doing, and what it has counted',
    short: 'state',
    fields: z
      .strictObject({
        ...part,
        state: word(STATES).optional(),
        counter: integer(0, Number.MAX_SAFE_INTEGER).optional(),
        presses: integer(0, Number.MAX_SAFE_INTEGER).optional(),
        'device-locked': flag.optional(),
        'clock-off-at-least': span.optional(),
        'clock-off-at-most': span.optional(),
      })
      .superRefine(
        atLeastOne(
          ...['state', 'counter', 'presses', 'device-locked'],
          ...['clock-off-at-least', 'clock-off-at-most'],
        ),
      ),
  },
  'save-code': {
    summary: 'What the person reads off the display is kept under a name',
    short: 'as',
    fields: z.strictObject({
      ...part,
      as: savedName,
      from: word(['display', 'seed']).default('display'),
    }),
  },
  submit: {
    summary: 'A code, two codes, or an order of the helpdesk goes to fobd',
    short: 'verify',
    fields: z
      .strictObject({
        ...part,
        verify: expression.optional(),
        register: twoCodes.optional(),
        resync: twoCodes.optional(),
        order: word(LIFE_VERBS).optional(),
        account: account.optional(),
        ...repeated,
      })
      .superRefine(exactlyOne('verify', 'register', 'resync', 'order'))
      .superRefine(({ register, account: id }, context) => {
        if (register === undefined || id !== undefined) return;
        const message = 'is missing: whose token is it from now on?';
        context.addIssue({ code: 'custom', path: ['account'], message });
      }),
  },
  'expect-outcome': {
    summary: "fobd's answer to the last `submit`",
    short: 'outcome',
    fields: z
      .strictObject({
        outcome: word(ANSWERS).optional(),
        'outcome-not': word(ANSWERS).optional(),
        strength: word(STRENGTHS).optional(),
        'retry-after': span.optional(),
        life: word(LIVES).optional(),
        holds: z.array(word(HOLDS), 'takes a list of holds, [] for none').max(8).optional(),
      })
      .superRefine(exactlyOne('outcome', 'outcome-not')),
  },
  'take-screenshot': {
    summary: 'The LCD as a picture, saved or compared pixel by pixel',
    short: 'save-to',
    fields: z
      .strictObject({
        ...part,
        'save-to': file(['.png', '.svg']).optional(),
        'compare-with': file(['.png']).optional(),
      })
      .superRefine(atLeastOne('save-to', 'compare-with')),
  },
  request: {
    summary: 'One HTTP request to a server that is not fobd, and its expected answer',
    short: 'url',
    fields: z
      .strictObject({
        ...part,
        url: template,
        method: word(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
        headers: z.record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/), template).optional(),
        body: template.optional(),
        'time-limit': timeLimit.optional(),
        expect: z
          .strictObject({ status: integer(100, 599).optional(), ...contained })
          .superRefine(atLeastOne('status', 'contains', 'contains-not'))
          .default({ status: 200 }),
      })
      .superRefine(({ method, body }, context) => {
        if (method !== 'GET' || body === undefined) return;
        const message = 'is nothing that a GET sends; say method: POST';
        context.addIssue({ code: 'custom', path: ['body'], message });
      }),
  },
  exec: {
    summary: 'A program gets a code on its standard input; no shell is in between',
    fields: z.strictObject({
      ...part,
      program: line(500),
      arguments: z.array(template, 'takes a list of texts').max(64).default([]),
      code: expression.optional(),
      'time-limit': timeLimit.optional(),
      expect: z
        .strictObject({ 'exit-code': integer(0, 255).optional(), ...contained })
        .superRefine(atLeastOne('exit-code', 'contains', 'contains-not'))
        .default({ 'exit-code': 0 }),
    }),
  },
} as const satisfies Record<string, CommandDefinition>;

export type CommandName = keyof typeof COMMANDS;
export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];
/** What a command's step says, as the runner works with it. */
export type ArgumentOf<Name extends CommandName> = z.output<(typeof COMMANDS)[Name]['fields']>;

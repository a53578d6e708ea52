import { z } from 'zod';
import {
  type ArgumentOf,
  COMMAND_NAMES,
  COMMANDS,
  type CommandDefinition,
  type CommandName,
} from './commands.ts';
import { type ReadDocument, readDocument, type SourceDocument } from './document.ts';
import { integer, line, word } from './fields.ts';
import type { Place, Refusal } from './refusal.ts';
import { quoted } from './refusal.ts';

/** One step, whole: what is done, and where it stands in its file. */
export type Step = { readonly [Name in CommandName]: StepOf<Name> }[CommandName];

export interface StepOf<Name extends CommandName> extends Place {
  /** Counts from 1. */
  readonly number: number;
  /** What its writer calls it; absent: nothing. */
  readonly name?: string;
  readonly command: Name;
  readonly argument: ArgumentOf<Name>;
}

/** A scenario that was read whole and found sound in itself. */
export interface Scenario {
  /** As it was named on the command line. */
  readonly file: string;
  readonly name: string;
  readonly author?: string;
  readonly randomSeed: number;
  /** `real`: the servers it talks to keep their own time, which nothing here can move. */
  readonly clock: 'simulated' | 'real';
  readonly steps: readonly Step[];
  /** Where `steps` stands. */
  readonly source: SourceDocument;
}

export type ReadScenario =
  | { readonly scenario: Scenario }
  | { readonly refusals: readonly Refusal[] };

export const STEPS_MAX = 1000;
export const RANDOM_SEED_MAX = 0xffff_ffff;
export const CLOCKS = ['simulated', 'real'] as const;

/** The keys of a scenario but `steps`. */
export const HEADER = z.strictObject({
  name: line(120),
  version: z.literal(1, 'takes 1, the only version there is'),
  author: line(120).optional(),
  randomSeed: integer(0, RANDOM_SEED_MAX).default(1),
  clock: word(CLOCKS).optional(),
});
const HEADER_KEYS = new Set(Object.keys(HEADER.shape));

/** The key beside the command that a step may have. */
export const STEP_NAME = line(120);

/** Reads a file's text; everything that is wrong with it is named at once, with its place. */
export function readScenario(text: string, { file }: { readonly file: string }): ReadScenario {
  const read: ReadDocument = readDocument(text);
  if ('refusals' in read) return read;
  const { document } = read;
  if (!isRecord(document.value)) {
    const message = 'A scenario is a map of name, version, randomSeed and steps';
    return { refusals: [{ ...document.placeOf([]), message }] };
  }
  const { steps: list, ...rest } = document.value;
  const refusals: Refusal[] = [];
  const header = parseHeader(rest, document, refusals);
  const steps = readSteps(list, document, refusals);
  if (header === undefined || refusals.length > 0) return { refusals: inOrder(refusals) };
  const { name, author, randomSeed, clock = clockOf(steps) } = header;
  const by = author === undefined ? {} : { author };
  return { scenario: { file, name, ...by, randomSeed, clock, steps, source: document } };
}

/** A server that is asked by `request` or `exec` keeps its own time, unless its file says not. */
function clockOf(steps: readonly Step[]): Scenario['clock'] {
  const foreign = steps.some(({ command }) => command === 'request' || command === 'exec');
  return foreign ? 'real' : 'simulated';
}

function parseHeader(
  rest: Readonly<Record<string, unknown>>,
  document: SourceDocument,
  refusals: Refusal[],
): z.output<typeof HEADER> | undefined {
  const parsed = HEADER.safeParse(rest);
  if (parsed.success) return parsed.data;
  refusals.push(...parsed.error.issues.flatMap((issue) => refusalsOf(issue, [], document)));
  return undefined;
}

function readSteps(list: unknown, document: SourceDocument, refusals: Refusal[]): Step[] {
  const at = document.placeOfKey(['steps']);
  if (!Array.isArray(list) || list.length === 0) {
    refusals.push({ ...at, message: 'steps takes a list of at least one step' });
    return [];
  }
  if (list.length > STEPS_MAX) {
    refusals.push({ ...at, message: `A scenario has at most ${STEPS_MAX} steps` });
    return [];
  }
  return list.flatMap((value: unknown, index) => {
    const step = readStep(value, index, document);
    if (Array.isArray(step)) refusals.push(...step);
    return Array.isArray(step) ? [] : [step];
  });
}

function readStep(value: unknown, index: number, document: SourceDocument): Step | Refusal[] {
  const path = ['steps', index];
  const place = document.placeOf(path);
  if (!isRecord(value)) {
    const message = 'A step is a map: a command, and a name';
    const bare = typeof value === 'string' && isCommand(value);
    return [{ ...place, message, ...(bare ? { nextStep: `With a colon: - ${value}:` } : {}) }];
  }
  const command = commandOf(value, path, document);
  if (typeof command !== 'string') return command;
  const name = STEP_NAME.optional().safeParse(value['name']);
  if (!name.success) {
    return name.error.issues.flatMap((issue) => refusalsOf(issue, [...path, 'name'], document));
  }
  const argument = readArgument(value[command], command, { path: [...path, command], document });
  if ('refusals' in argument) return argument.refusals;
  const named = name.data === undefined ? {} : { name: name.data };
  return { ...place, number: index + 1, ...named, command, argument: argument.value } as Step;
}

/** The one command of a step: two, none or an unknown one are refused. */
function commandOf(
  value: Readonly<Record<string, unknown>>,
  path: readonly PropertyKey[],
  document: SourceDocument,
): CommandName | Refusal[] {
  const keys = Object.keys(value).filter((key) => key !== 'name');
  const unknown = keys.filter((key) => !isCommand(key));
  if (unknown.length > 0) {
    return unknown.map((key) => ({
      ...document.placeOfKey([...path, key]),
      message: `There is no command ${quoted(key)}`,
      nextStep: nearest(key, COMMAND_NAMES, 'The commands are'),
    }));
  }
  const [only, second] = keys;
  if (only !== undefined && second === undefined && isCommand(only)) return only;
  if (second === undefined) {
    return [{ ...document.placeOf(path), message: 'A step without a command does nothing' }];
  }
  return [
    {
      ...document.placeOfKey([...path, second]),
      message: `A step has one command; this one has ${keys.join(' and ')}`,
      nextStep: 'Put each command behind a hyphen of its own.',
    },
  ];
}

interface AtPath {
  readonly path: readonly PropertyKey[];
  readonly document: SourceDocument;
}

function readArgument(
  given: unknown,
  command: CommandName,
  { path, document }: AtPath,
): { readonly value: unknown } | { readonly refusals: Refusal[] } {
  const { fields, short }: CommandDefinition = COMMANDS[command];
  const spread = isRecord(given) || given === null ? undefined : short;
  const value = spread === undefined ? (given ?? {}) : { [spread]: given };
  if (!isRecord(value)) {
    return { refusals: [{ ...document.placeOf(path), message: `${command} takes a map` }] };
  }
  const parsed = fields.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  const refusals = parsed.error.issues.flatMap((issue) => {
    // A value without field names stands where the map would.
    const own = spread === undefined ? issue.path : issue.path.slice(1);
    const label = issue.path.length === 0 ? command : undefined;
    return refusalsOf({ ...issue, path: own }, path, document, label ?? String(issue.path[0]));
  });
  return { refusals };
}

type Issue = Pick<z.core.$ZodIssue, 'code' | 'message' | 'path'> & { readonly keys?: string[] };

/** What a schema says, as a sentence with a place. */
function refusalsOf(
  issue: Issue,
  base: readonly PropertyKey[],
  document: SourceDocument,
  label = String(issue.path.at(-1) ?? base.at(-1) ?? 'scenario'),
): Refusal[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((key) => ({
      ...document.placeOfKey([...path, key]),
      message: `${String(path.at(-1) ?? 'A scenario')} has no field ${quoted(key)}`,
      ...(path.length === 0
        ? { nextStep: nearest(key, [...HEADER_KEYS, 'steps'], 'Its fields are') }
        : {}),
    }));
  }
  const { message, ...hint } = explained(issue, path, document);
  return [{ ...document.placeOf(path), message: `${label} ${message}`, ...hint }];
}

/** `0755` without quotes is the number 755, and `30` says nothing of its unit. */
function explained(
  { message }: Issue,
  path: readonly PropertyKey[],
  document: SourceDocument,
): { readonly message: string; readonly nextStep?: string } {
  const plain = document.plainTextAt(path);
  if (plain === undefined || !message.startsWith('takes text')) return { message };
  const isSpan = message.includes('30s');
  return {
    message: `${message}, and ${plain === '' ? 'nothing' : plain} is not text in YAML`,
    nextStep: isSpan
      ? `A span of time carries its unit: ${plain}s, or ${plain}d.`
      : `Put it in quotes: "${plain}".`,
  };
}

function nearest(key: string, words: readonly string[], otherwise: string): string {
  const plain = (word: string) => word.toLowerCase().replace(/[^a-z]/g, '');
  const like = words.find(
    (word) => plain(word) === plain(key) || plain(word).startsWith(plain(key).slice(0, 4)),
  );
  return like === undefined ? `${otherwise} ${words.join(', ')}.` : `Is ${like} meant?`;
}

const inOrder = (refusals: readonly Refusal[]): Refusal[] =>
  [...refusals].sort((one, other) => one.line - other.line || one.column - other.column);

const isCommand = (key: string): key is CommandName => Object.hasOwn(COMMANDS, key);

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

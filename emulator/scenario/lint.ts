import type { Profile } from '../../firmware-spec/profiles/profile.ts';
import { PROFILES } from '../../firmware-spec/profiles/profiles.ts';
import type { ProfileName } from '../../firmware-spec/vocabulary.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { attributesOf } from '../device/faults/catalogue.ts';
import type { CommandName } from './commands.ts';
import type { CodeExpression, Template } from './expression.ts';
import { quoted, type Refusal } from './refusal.ts';
import type { Scenario, Step, StepOf } from './scenario.ts';

/**
 * What cannot work in a scenario that is well written otherwise, found by following its steps
 * without running them: tokens and codes that are used before they are there, and clocks that do
 * not move.
 */
export function lintScenario(scenario: Scenario): readonly Refusal[] {
  const known: Known = { parts: new Map(), saved: new Set(), serials: new Set(), submitted: false };
  return scenario.steps.flatMap((step) => [
    ...clockProblems(step, scenario),
    ...problemsOf(step, known),
  ]);
}

interface Known {
  readonly parts: Map<string, ProfileName>;
  readonly saved: Set<string>;
  readonly serials: Set<string>;
  submitted: boolean;
}

/** The tokens that a `make` makes: `token`, or `token-1` to `token-3`. */
export function partsOf({ argument }: StepOf<'make'>): readonly string[] {
  const { 'part-id': part, count } = argument;
  if (count === 1) return [part];
  return Array.from({ length: count }, (_, index) => `${part}-${index + 1}`);
}

/** The token that a step is about: the one it names, or the only one that was made. */
export function partOf(step: Step, made: readonly string[]): string | undefined {
  const named = 'part-id' in step.argument ? step.argument['part-id'] : undefined;
  return named ?? (made.length === 1 ? made[0] : undefined);
}

function clockProblems(step: Step, { clock }: Scenario): readonly Refusal[] {
  if (clock === 'simulated' || (step.command !== 'advance' && step.command !== 'at')) return [];
  const { line, column } = step;
  const seconds = step.command === 'advance' ? Math.ceil(step.argument.by / 1000) : 300;
  return [
    {
      line,
      column,
      message: `${step.command} moves no real clock, and this scenario runs against one`,
      nextStep:
        "Let the token's clock be wrong instead, by the fault clockOffset: " +
        `- inject: {fault: clockOffset, attributes: {seconds: -${seconds}}}; or, if the server ` +
        'takes its time from the scenario, say clock: simulated.',
    },
  ];
}

/** Commands that are about one token, whatever they say. */
const ABOUT_A_TOKEN: ReadonlySet<CommandName> = new Set([
  'press',
  'enter-pin',
  'set-temperature',
  'inject',
  'clear',
  'expect-display',
  'expect-segments',
  'expect-state',
  'save-code',
  'submit',
  'take-screenshot',
]);

function problemsOf(step: Step, known: Known): readonly Refusal[] {
  const { line, column } = step;
  const refused = ({ message, nextStep }: Problem): Refusal => ({
    line,
    column,
    message,
    ...(nextStep === undefined ? {} : { nextStep }),
  });
  if (step.command === 'make') return makeProblems(step, known).map(refused);
  const expressions = expressionsIn(step);
  const problems = [...orderProblems(step, expressions, known)];
  if (step.command === 'submit') known.submitted = true;
  if (step.command === 'save-code') known.saved.add(step.argument.as);
  if (!ABOUT_A_TOKEN.has(step.command) && !expressions.some(isOfAToken)) {
    return problems.map(refused);
  }
  const part = partOf(step, [...known.parts.keys()]);
  const profile = part === undefined ? undefined : known.parts.get(part);
  problems.push(
    ...(profile === undefined
      ? [missingPart(part, known)]
      : fitProblems(step, PROFILES[profile], expressions)),
  );
  return problems.map(refused);
}

interface Problem {
  readonly message: string;
  readonly nextStep?: string;
}

function makeProblems(step: StepOf<'make'>, known: Known): readonly Problem[] {
  const { profile, serial, count, counter } = step.argument;
  const problems: Problem[] = [];
  for (const part of partsOf(step)) {
    if (known.parts.has(part)) {
      const nextStep = 'Give each make a part-id of its own.';
      problems.push({ message: `A token ${part} has been made already`, nextStep });
    }
    known.parts.set(part, profile);
  }
  if (serial !== undefined && count > 1) {
    problems.push({ message: 'A serial belongs to one token: give serial or count, not both' });
  }
  if (serial !== undefined && known.serials.has(serial)) {
    problems.push({ message: `Another token has the serial ${serial} already` });
  }
  if (serial !== undefined) known.serials.add(serial);
  if (counter !== undefined && PROFILES[profile].type === 'time') {
    problems.push({ message: `A ${profile} has no counter: its codes come from the time` });
  }
  return problems;
}

function orderProblems(
  step: Step,
  expressions: readonly CodeExpression[],
  known: Known,
): readonly Problem[] {
  const problems = expressions.flatMap((expression): Problem[] => {
    if (expression.kind !== 'saved' || known.saved.has(expression.name)) return [];
    const nextStep = 'Save it by save-code in a step before.';
    return [{ message: `No code ${expression.name} has been saved yet`, nextStep }];
  });
  if (step.command !== 'expect-outcome' || known.submitted) return problems;
  return [
    ...problems,
    { message: 'Nothing has been submitted yet', nextStep: 'Put a submit before it.' },
  ];
}

function missingPart(part: string | undefined, { parts }: Known): Problem {
  const made = [...parts.keys()].join(', ');
  if (parts.size === 0) {
    return { message: 'No token has been made yet', nextStep: 'Begin with a make.' };
  }
  if (part === undefined) {
    return { message: 'Which token?', nextStep: `Say it by part-id; there are ${made}.` };
  }
  return { message: `No token ${part} has been made yet`, nextStep: `There are ${made}.` };
}

/** What does not go together with the token's model. */
function fitProblems(
  step: Step,
  profile: Profile,
  expressions: readonly CodeExpression[],
): readonly Problem[] {
  const problems: Problem[] = [];
  const needsPad = step.command === 'enter-pin' || expressions.some(isUnlockCode);
  if (needsPad && profile.pin === undefined) {
    problems.push({ message: `A ${profile.name} has no PIN pad`, nextStep: 'A p30 has one.' });
  }
  if (step.command === 'inject') problems.push(...faultProblems(step, profile));
  if (step.command === 'expect-segments') {
    const { cells, marks = 0 } = step.argument;
    const { display } = profile;
    if (cells !== undefined && cells.length !== display.cells) {
      problems.push({ message: `A ${profile.name} has ${display.cells} cells` });
    }
    if (marks > display.countdownMarks) {
      problems.push({ message: `A ${profile.name} has ${display.countdownMarks} marks` });
    }
  }
  if (step.command === 'expect-display' && step.argument.matches !== undefined) {
    problems.push(...patternProblems(step.argument.matches));
  }
  return problems;
}

/** Attributes are checked as they are at the injection; so is what a model cannot have. */
function faultProblems({ argument }: StepOf<'inject'>, profile: Profile): readonly Problem[] {
  const { fault, attributes } = argument;
  if (fault === 'counterSkip' && profile.type === 'time') {
    const nextStep = 'For a time token inject clockOffset.';
    return [{ message: `A ${profile.name} has no counter to skip`, nextStep }];
  }
  try {
    const { cell } = attributesOf(fault, attributes);
    const { cells } = profile.display;
    return Number(cell) > cells ? [{ message: `A ${profile.name} has ${cells} cells` }] : [];
  } catch (error) {
    if (!(error instanceof FobtwinError)) throw error;
    const { message, nextStep } = error;
    return [{ message, ...(nextStep === undefined ? {} : { nextStep }) }];
  }
}

function patternProblems(pattern: string): readonly Problem[] {
  try {
    new RegExp(pattern, 'u');
    return [];
  } catch {
    return [{ message: `${quoted(pattern)} is not a regular expression` }];
  }
}

/** Every expression of a step, wherever it stands. */
export function expressionsIn(step: Step): readonly CodeExpression[] {
  if (step.command === 'expect-display') {
    return present(step.argument.code, step.argument['code-not']);
  }
  if (step.command === 'submit') {
    const { verify, register = [], resync = [] } = step.argument;
    return [...present(verify), ...register, ...resync];
  }
  if (step.command === 'request') {
    const { url, headers = {}, body = [] } = step.argument;
    return [url, body, ...Object.values(headers)].flatMap(inTemplate);
  }
  if (step.command === 'exec') {
    const { code, arguments: words } = step.argument;
    return [...present(code), ...words.flatMap(inTemplate)];
  }
  const unlocks = step.command === 'enter-pin' && step.argument.pin === 'unlockCode()';
  return unlocks ? [{ kind: 'unlockCode' }] : [];
}

const present = (...expressions: readonly (CodeExpression | undefined)[]): CodeExpression[] =>
  expressions.filter((expression) => expression !== undefined);

const inTemplate = (template: Template): CodeExpression[] =>
  template.filter((piece) => typeof piece !== 'string');

const isOfAToken = ({ kind }: CodeExpression): boolean => kind !== 'digits' && kind !== 'saved';
const isUnlockCode = ({ kind }: CodeExpression): boolean => kind === 'unlockCode';

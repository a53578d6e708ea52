import { type Code, parseCode } from '../../shared/types.ts';

/** Where a code comes from, as a step writes it: `first`, `press()`, `wrongCode({steps: 20})`. */
export type CodeExpression =
  | { readonly kind: 'digits'; readonly code: Code }
  /** What `save-code` kept under this name. */
  | { readonly kind: 'saved'; readonly name: string }
  /** What is read off the display now. */
  | { readonly kind: 'displayed' }
  /** The button is pressed for a code not shown before, which is read off the display. */
  | { readonly kind: 'press' }
  /** Digits that no moving factor within so many steps, either way, gives. */
  | { readonly kind: 'wrongCode'; readonly steps: number }
  /** The seed's code so many steps, or counters, ago. */
  | { readonly kind: 'staleCode'; readonly steps: number }
  /** What unlocks a locked device with a PIN pad, from the challenge that it shows. */
  | { readonly kind: 'unlockCode' };

/** Steps that `wrongCode` avoids unless told. */
const WRONG_CODE_STEPS = 20;
export const EXPRESSION_STEPS_MAX = 1000;
/** Longest text of an expression. */
export const EXPRESSION_CHARACTERS_MAX = 80;

export const SAVED_NAME = /^[a-z][A-Za-z0-9-]{0,31}$/;
const CALL = /^([a-zA-Z]+)\(\s*(.*?)\s*\)$/;
const STEPS_OBJECT = /^\{\s*steps\s*:\s*([0-9]{1,4})\s*\}$/;
const STEPS_NUMBER = /^[0-9]{1,4}$/;

/** Names that a saved code cannot have. */
export const RESERVED_NAMES: readonly string[] = ['displayed'];

/** @returns undefined when the text is no expression */
export function parseExpression(text: string): CodeExpression | undefined {
  if (text.length > EXPRESSION_CHARACTERS_MAX) return undefined;
  const code = parseCode(text);
  if (code !== undefined) return { kind: 'digits', code };
  if (text === 'displayed') return { kind: 'displayed' };
  if (SAVED_NAME.test(text)) return { kind: 'saved', name: text };
  const [, name, argument] = CALL.exec(text) ?? [];
  return name === undefined || argument === undefined ? undefined : callOf(name, argument);
}

function callOf(name: string, argument: string): CodeExpression | undefined {
  const [, inObject] = STEPS_OBJECT.exec(argument) ?? [];
  switch (name) {
    case 'press':
    case 'unlockCode':
      return argument === '' ? { kind: name } : undefined;
    case 'wrongCode': {
      if (argument === '') return { kind: name, steps: WRONG_CODE_STEPS };
      return withSteps(name, inObject);
    }
    case 'staleCode':
      return withSteps(name, STEPS_NUMBER.test(argument) ? argument : inObject);
    default:
      return undefined;
  }
}

function withSteps(
  kind: 'wrongCode' | 'staleCode',
  text: string | undefined,
): CodeExpression | undefined {
  const steps = Number(text ?? Number.NaN);
  const fits = steps >= 1 && steps <= EXPRESSION_STEPS_MAX;
  return fits ? { kind, steps } : undefined;
}

const PLACEHOLDER = /\$\{([^{}]*(?:\{[^{}]*\}[^{}]*)?)\}/g;

/** A text with expressions in it, such as `code=${displayed}`: pieces of text, and expressions. */
export type Template = readonly (string | CodeExpression)[];

/** @returns undefined when a placeholder is no expression */
export function parseTemplate(text: string): Template | undefined {
  const parts: (string | CodeExpression)[] = [];
  let end = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    const expression = parseExpression((match[1] ?? '').trim());
    if (expression === undefined) return undefined;
    parts.push(text.slice(end, match.index), expression);
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  // A placeholder that is begun and not ended is a slip, not a text.
  return parts.some((part) => typeof part === 'string' && part.includes('${')) ? undefined : parts;
}

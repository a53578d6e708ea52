import { FobtwinError } from '../../shared/errors.ts';
import type { CliEnv } from './surroundings.ts';

/** Standard input is read this far and no further. */
const INPUT_CHARACTERS_MAX = 4096;

/** What a person at a terminal is told before each of the two. */
export type Prompts = readonly [first: string, second: string];

const PROMPTS: Prompts = ['First code: ', 'The code after it: '];

/** Said step by step, to somebody who holds the token and has never done it before. */
export const guidedPrompts = (serial: string): Prompts => [
  `Press the button of token ${serial} and type the number that it shows.\nFirst code: `,
  'Now wait until that number is gone, press once more and type the new one.\n' +
    'The code after it: ',
];

/**
 * Two codes from standard input, one a line: a command line is seen by every user of the machine
 * and kept in a shell's history. On a terminal each is asked for.
 *
 * @param prompts default: one word for each
 * @throws FobtwinError `usage` when there are not two lines
 */
export async function readTwoCodes(
  env: CliEnv,
  prompts: Prompts = PROMPTS,
): Promise<readonly [string, string]> {
  const [code1, code2] = await readLines(env, prompts);
  if (code1 !== undefined && code2 !== undefined) return [code1, code2];
  throw new FobtwinError('usage', 'Two codes are needed on standard input, one a line', {
    nextStep: "For example: printf '%s\\n' 123456 654321 | fobd token resync SERIAL",
  });
}

/** Likewise one line: a code or a key. @throws FobtwinError `usage`, as told, when there is none */
export async function readOneLine(
  env: CliEnv,
  prompt: string,
  {
    missing,
    nextStep = 'Type it at the prompt, or pipe it in.',
  }: { readonly missing: string; readonly nextStep?: string },
): Promise<string> {
  const [line] = await readLines(env, [prompt]);
  if (line !== undefined) return line;
  throw new FobtwinError('usage', missing, { nextStep });
}

/** As many lines that are not empty as there are prompts, or those that there are. */
export async function readLines(
  { input, errors }: CliEnv,
  prompts: readonly string[],
): Promise<readonly string[]> {
  const lines: string[] = [];
  const prompt = (): void => {
    const text = prompts[lines.length];
    if (input.isTTY === true && text !== undefined) errors.write(text);
  };
  let rest = '';
  let length = 0;
  prompt();
  for await (const piece of input) {
    const text = String(piece);
    length += text.length;
    if (length > INPUT_CHARACTERS_MAX) break;
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts.map((line) => line.trim())) {
      if (part === '') continue;
      lines.push(part);
      prompt();
    }
    if (lines.length >= prompts.length) break;
  }
  if (rest.trim() !== '') lines.push(rest.trim());
  return lines;
}

import { FobtwinError } from '../../shared/errors.ts';
import type { CliEnv } from './surroundings.ts';

/** Standard input is read this far and no further. */
const INPUT_CHARACTERS_MAX = 4096;
const PROMPTS = ['First code: ', 'The code after it: '] as const;

/**
 * Two codes from standard input, one a line: a command line is seen by every user of the machine
 * and kept in a shell's history. On a terminal each is asked for.
 *
 * @throws FobtwinError `usage` when there are not two lines
 */
export async function readTwoCodes({ input, errors }: CliEnv): Promise<readonly [string, string]> {
  const lines: string[] = [];
  const prompt = (): void => {
    const text = PROMPTS[lines.length];
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
    if (lines.length >= PROMPTS.length) break;
  }
  if (rest.trim() !== '') lines.push(rest.trim());
  const [code1, code2] = lines;
  if (code1 !== undefined && code2 !== undefined) return [code1, code2];
  throw new FobtwinError('usage', 'Two codes are needed on standard input, one a line', {
    nextStep: "For example: printf '%s\\n' 123456 654321 | fobd token resync SERIAL",
  });
}

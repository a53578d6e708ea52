import type { PadKey } from '../device/device.ts';
import type { Reading } from '../device/types.ts';
import type { CliEnv } from './env.ts';
import { type LiveToken, LOOK_MILLIS } from './live-token.ts';
import { printJson, printLines } from './output.ts';
import { readingJson } from './reading.ts';

/**
 * The token for a program or a script: each line of standard input is a press, but for `hold` and,
 * with a PIN pad, digits, which are entered; each change of the display is a line of standard
 * output. Ends with the input, after its last line.
 */
export async function runLines(
  token: LiveToken,
  env: CliEnv,
  { json }: { readonly json: boolean },
): Promise<void> {
  let shown = '';
  const print = (reading: Reading): void => {
    if (reading.display === shown) return;
    shown = reading.display;
    if (json) printJson(env, readingJson(token.serial, reading));
    else printLines(env, [shown === '' ? '(dark)' : shown]);
  };
  let failure: unknown;
  const leave = (): void => {
    env.stdin.destroy();
  };
  const stopLooking = env.every(LOOK_MILLIS, () => {
    try {
      print(token.look());
    } catch (error) {
      failure ??= error;
      leave();
    }
  });
  const interruption = env.interruption();
  interruption.addEventListener('abort', leave);
  if (interruption.aborted) leave();
  try {
    print(token.look());
    const hasPad = token.device().profile.pin !== undefined;
    for await (const line of linesOf(env)) {
      if (interruption.aborted) break;
      print(await obey(token, line, hasPad));
    }
  } catch (error) {
    // Reading fails when `leave` ends the input from here: then that was not the reason.
    if (!interruption.aborted) failure ??= error;
  } finally {
    stopLooking();
    interruption.removeEventListener('abort', leave);
  }
  if (failure !== undefined) throw failure;
}

async function obey(token: LiveToken, line: string, hasPad: boolean): Promise<Reading> {
  if (line === 'hold') return token.hold();
  if (!hasPad || !/^[0-9]+$/.test(line)) return token.press();
  for (const digit of line) await token.key(digit as PadKey);
  return token.key('enter');
}

/** Longer than any PIN and any word; of more, only that it is a line matters. */
const LINE_CHARACTERS_MAX = 64;

/** The lines of the input; the last need not be ended. */
async function* linesOf({ stdin }: CliEnv): AsyncGenerator<string> {
  let line = '';
  let begun = false;
  for await (const chunk of stdin as AsyncIterable<Uint8Array | string>) {
    const [first = '', ...others] = chunk.toString().split('\n');
    line = (line + first).slice(0, LINE_CHARACTERS_MAX);
    begun ||= first !== '';
    for (const next of others) {
      yield line.trim();
      line = next.slice(0, LINE_CHARACTERS_MAX);
      begun = next !== '';
    }
  }
  if (begun) yield line.trim();
}

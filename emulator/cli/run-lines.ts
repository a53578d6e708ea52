import type { Reading } from '../device/types.ts';
import type { CliEnv } from './env.ts';
import { type LiveToken, LOOK_MILLIS } from './live-token.ts';
import { printJson, printLines } from './output.ts';
import { readingJson } from './reading.ts';

/**
 * The token for a program or a script: each line of standard input is a press, each change of the
 * display a line of standard output. Ends with the input, after its last press.
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
    for await (const presses of countLines(env)) {
      for (let left = presses; left > 0 && !interruption.aborted; left -= 1) {
        print(await token.press());
      }
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

const LINE_END = 0x0a;

/** How many lines came with each piece of the input; a last line need not be ended. */
async function* countLines({ stdin }: CliEnv): AsyncGenerator<number> {
  let begun = false;
  for await (const chunk of stdin as AsyncIterable<Uint8Array | string>) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    yield bytes.reduce((lines, byte) => lines + (byte === LINE_END ? 1 : 0), 0);
    begun = bytes.length === 0 ? begun : bytes.at(-1) !== LINE_END;
  }
  if (begun) yield 1;
}

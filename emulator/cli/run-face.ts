import { drawLcd } from '../device/lcd-text.ts';
import type { Device, Reading } from '../device/types.ts';
import type { CliEnv } from './env.ts';
import { type LiveToken, LOOK_MILLIS } from './live-token.ts';
import { wantsColour } from './output.ts';
import { describeParameters } from './parameters.ts';
import { timeLeft, wantsAscii } from './reading.ts';
import { createScreen } from './screen.ts';

const ESCAPE = '\u001b';
const BOLD = `${ESCAPE}[1m`;
const PLAIN = `${ESCAPE}[0m`;
const COLOUR_SEQUENCE = new RegExp(`${ESCAPE}\\[[0-9;]*m`, 'g');

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const LEAVE_KEYS: ReadonlySet<string> = new Set(['q', 'Q', CTRL_C, CTRL_D]);
const PRESS_KEYS: ReadonlySet<string> = new Set([' ', '\r', '\n']);
/** Presses typed ahead of a slow disk; a held key does not pile up more. */
const PRESSES_WAITING_MAX = 8;

/**
 * The token's face on a terminal, until its person leaves. The terminal is given back as it was,
 * whatever ends it.
 *
 * @param inline below what stands on the terminal, instead of on a screen of its own
 */
export async function runFace(
  token: LiveToken,
  env: CliEnv,
  { inline }: { readonly inline: boolean },
): Promise<void> {
  const { stdin, stdout } = env;
  const screen = createScreen({ inline });
  const interruption = env.interruption();
  let drawn = '';
  let open = true;
  const draw = (reading: Reading): void => {
    // A press may end after its person has left.
    if (!open) return;
    const lines = faceOf(token.device(), reading, env, { inline });
    const picture = lines.join('\n');
    if (picture === drawn) return;
    drawn = picture;
    stdout.write(screen.show(lines));
  };
  const redraw = (): void => {
    drawn = '';
    draw(token.look());
  };
  stdin.setRawMode?.(true);
  stdout.write(screen.enter);
  let cleanUp = (): void => {};
  try {
    await new Promise<void>((resolve, reject) => {
      const orFail = (action: () => void) => () => {
        try {
          action();
        } catch (error) {
          reject(error);
        }
      };
      const keys = createKeys({
        press: async () => draw(await token.press()),
        leave: resolve,
        fail: reject,
      });
      const resized = orFail(redraw);
      const stopLooking = env.every(
        LOOK_MILLIS,
        orFail(() => draw(token.look())),
      );
      stdin.on('data', keys);
      stdin.once('end', resolve);
      stdin.once('error', reject);
      stdout.on('resize', resized);
      interruption.addEventListener('abort', () => resolve());
      cleanUp = () => {
        stopLooking();
        stdin.off('data', keys).off('end', resolve).off('error', reject).pause();
        stdout.off('resize', resized);
      };
      if (interruption.aborted) resolve();
      else resized();
    });
  } finally {
    open = false;
    cleanUp();
    stdin.setRawMode?.(false);
    stdout.write(screen.leave);
  }
}

interface KeyActions {
  readonly press: () => Promise<void>;
  readonly leave: () => void;
  readonly fail: (error: unknown) => void;
}

/** What keys do; presses one after the other. */
function createKeys({ press, leave, fail }: KeyActions): (chunk: Uint8Array | string) => void {
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();
  return (chunk) => {
    const typed = chunk.toString();
    // Arrows and function keys are sequences, not signs that somebody typed.
    if (typed.startsWith(ESCAPE)) return;
    for (const key of typed) {
      if (LEAVE_KEYS.has(key)) return leave();
      if (!PRESS_KEYS.has(key) || waiting >= PRESSES_WAITING_MAX) continue;
      waiting += 1;
      last = last
        .then(press)
        .catch(fail)
        .finally(() => {
          waiting -= 1;
        });
    }
  };
}

/** A terminal that does not tell its size, or says nought. */
const COLUMNS_UNKNOWN = 80;
const ROWS_UNKNOWN = 24;
/** Below other text, so many rows of it stay in sight while there is room for a small display. */
const ROWS_KEPT = 12;
const ROWS_OF_SMALL_FACE = 10;

/** One whole picture: the display as large as the window allows, and what one can do. */
function faceOf(
  device: Device,
  reading: Reading,
  env: CliEnv,
  { inline }: { readonly inline: boolean },
): string[] {
  const columns = env.stdout.columns || COLUMNS_UNKNOWN;
  const allRows = env.stdout.rows || ROWS_UNKNOWN;
  const rows = inline
    ? Math.max(allRows - ROWS_KEPT, Math.min(allRows, ROWS_OF_SMALL_FACE))
    : allRows;
  const colour = wantsColour(env.stdout, env);
  const title = fold(`${device.serial}  ${describeParameters(device.parameters)}`, columns);
  const captions = [timeLeft(reading), 'space presses, q leaves'].map((text) =>
    fold(text, columns),
  );
  const lcd = (['large', 'small'] as const)
    .map((size) => drawLcd(reading.frame, { colour, size, ascii: wantsAscii(env) }))
    .find((lines) => widthOf(lines) <= columns && lines.length + captions.length + 3 <= rows);
  const heading = colour ? `${BOLD}${title}${PLAIN}` : title;
  const digits = fold(reading.display === '' ? '(dark)' : reading.display, columns);
  const lines = [heading, '', ...(lcd ?? [digits]), '', ...captions];
  // What matters most comes first where not even this has room.
  return lines.length <= rows ? lines : [digits, ...captions, heading].slice(0, rows);
}

function widthOf(lines: readonly string[]): number {
  return Math.max(...lines.map((line) => [...line.replace(COLOUR_SEQUENCE, '')].length));
}

function fold(text: string, columns: number): string {
  return text.slice(0, Math.max(0, columns));
}

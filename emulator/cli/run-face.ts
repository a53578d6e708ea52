import type { PadKey } from '../device/device.ts';
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
const ENTER_KEYS: ReadonlySet<string> = new Set(['\r', '\n']);
/** A terminal tells when a key goes down, never when it comes up: holding is a key of its own. */
const HOLD_KEYS: ReadonlySet<string> = new Set(['h', 'H']);
/** Keys typed ahead of a slow disk; a held key does not pile up more. */
const KEYS_WAITING_MAX = 16;

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
  let drawn = '';
  let open = true;
  let isHeld = false;
  const draw = (reading: Reading): void => {
    // A press may end after its person has left.
    if (!open) return;
    const lines = faceOf({ device: token.device(), reading, isHeld }, env, { inline });
    const picture = lines.join('\n');
    if (picture === drawn) return;
    drawn = picture;
    stdout.write(screen.show(lines));
  };
  const act = async (what: Act): Promise<void> => {
    isHeld = what === 'hold';
    if (isHeld) draw(token.look());
    try {
      const reading = await perform(token, what);
      isHeld = false;
      draw(reading);
    } finally {
      isHeld = false;
    }
  };
  const redraw = (): void => {
    drawn = '';
    draw(token.look());
  };
  stdin.setRawMode?.(true);
  stdout.write(screen.enter);
  try {
    const hasPad = token.device().profile.pin !== undefined;
    await untilLeft(env, { act, hasPad, redraw, look: () => draw(token.look()) });
  } finally {
    open = false;
    stdin.setRawMode?.(false);
    stdout.write(screen.leave);
  }
}

interface FaceActions extends Pick<KeyActions, 'act' | 'hasPad'> {
  readonly look: () => void;
  readonly redraw: () => void;
}

/** Listens to keys, window and time until the person leaves, or something fails. */
async function untilLeft(env: CliEnv, { act, hasPad, look, redraw }: FaceActions): Promise<void> {
  const { stdin, stdout } = env;
  const interruption = env.interruption();
  let cleanUp = (): void => {};
  const left = new Promise<void>((resolve, reject) => {
    const orFail = (action: () => void) => () => {
      try {
        action();
      } catch (error) {
        reject(error);
      }
    };
    const keys = createKeys({ act, hasPad, leave: resolve, fail: reject });
    const resized = orFail(redraw);
    const stopLooking = env.every(LOOK_MILLIS, orFail(look));
    stdin.on('data', keys).once('end', resolve).once('error', reject);
    // A question that was asked before has paused it.
    stdin.resume();
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
  await left.finally(() => cleanUp());
}

type Act = 'press' | 'hold' | PadKey;

interface KeyActions {
  readonly act: (act: Act) => Promise<void>;
  /** It has a PIN pad, whose keys are the digits and enter. */
  readonly hasPad: boolean;
  readonly leave: () => void;
  readonly fail: (error: unknown) => void;
}

function perform(token: LiveToken, act: Act): Promise<Reading> {
  if (act === 'press') return token.press();
  return act === 'hold' ? token.hold() : token.key(act);
}

/** What keys do, one after the other. */
function createKeys({
  act,
  hasPad,
  leave,
  fail,
}: KeyActions): (chunk: Uint8Array | string) => void {
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();
  return (chunk) => {
    const typed = chunk.toString();
    // Arrows and function keys are sequences, not signs that somebody typed.
    if (typed.startsWith(ESCAPE)) return;
    for (const key of typed) {
      if (LEAVE_KEYS.has(key)) return leave();
      const what = actOf(key, hasPad);
      if (what === undefined || waiting >= KEYS_WAITING_MAX) continue;
      waiting += 1;
      last = last
        .then(() => act(what))
        .catch(fail)
        .finally(() => {
          waiting -= 1;
        });
    }
  };
}

function actOf(key: string, hasPad: boolean): Act | undefined {
  if (key === ' ') return 'press';
  if (HOLD_KEYS.has(key)) return 'hold';
  if (ENTER_KEYS.has(key)) return hasPad ? 'enter' : 'press';
  return hasPad && /^[0-9]$/.test(key) ? (key as PadKey) : undefined;
}

/** A terminal that does not tell its size, or says nought. */
const COLUMNS_UNKNOWN = 80;
const ROWS_UNKNOWN = 24;
/** Below other text, so many rows of it stay in sight while there is room for a small display. */
const ROWS_KEPT = 12;
const ROWS_OF_SMALL_FACE = 10;

interface Seen {
  readonly device: Device;
  readonly reading: Reading;
  /** A finger is on the button. */
  readonly isHeld: boolean;
}

/** One whole picture: the display as large as the window allows, and what one can do. */
function faceOf(
  { device, reading, isHeld }: Seen,
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
  const captions = [isHeld ? 'the button is held …' : timeLeft(reading), keysOf(device)].map(
    (text) => fold(text, columns),
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

/** What the keys do with this model. */
function keysOf({ profile }: Device): string {
  const hold = profile.button.holdSeconds === undefined ? '' : ', h holds it for the menu';
  const pad = profile.pin === undefined ? '' : ', digits and enter are its pad';
  return `space presses${hold}${pad}, q leaves`;
}

function widthOf(lines: readonly string[]): number {
  return Math.max(...lines.map((line) => [...line.replace(COLOUR_SEQUENCE, '')].length));
}

function fold(text: string, columns: number): string {
  return text.slice(0, Math.max(0, columns));
}

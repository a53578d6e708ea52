import { formatTime } from '../../shared/time.ts';
import type { Serial } from '../../shared/types.ts';
import { drawLcd } from '../device/lcd-text.ts';
import type { Reading } from '../device/types.ts';
import type { CliEnv } from './env.ts';
import { wantsColour } from './output.ts';

/** What `--json` says of a device at one moment. */
export function readingJson(serial: Serial, { at, state, display, code }: Reading) {
  return { serial, at: formatTime(at), state, display, code };
}

/** What a person sees of it. */
export function readingLines(reading: Reading, env: CliEnv): string[] {
  const colour = wantsColour(env.stdout, env);
  const lcd = drawLcd(reading.frame, { colour, ascii: wantsAscii(env), size: 'small' });
  return [...lcd, timeLeft(reading)];
}

/** What stays as it is whatever is pressed. */
const FOR_EVER: Readonly<Partial<Record<Reading['state'], string>>> = {
  dead: 'dark for ever: the cell is empty',
  expired: 'dark for ever: its end has come',
  erased: 'so for ever: the seed is gone',
  disabled: 'so for ever: it has disabled itself',
};

/** How long the display stays as it is, in words. */
export function timeLeft({ state, remainingMillis }: Reading): string {
  const forEver = FOR_EVER[state];
  if (forEver !== undefined) return forEver;
  if (remainingMillis === null) return 'dark: a press lights it';
  return `${Math.ceil(remainingMillis / 1000)} s left`;
}

/** A person whose language settings name an encoding other than UTF-8 gets plain signs. */
export function wantsAscii({ variables }: CliEnv): boolean {
  const locale = variables['LC_ALL'] || variables['LC_CTYPE'] || variables['LANG'] || 'UTF-8';
  return !/utf-?8/i.test(locale);
}

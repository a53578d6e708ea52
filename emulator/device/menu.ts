import { GLYPHS, TEXTS } from '../../firmware-spec/display.ts';
import type { MenuItem } from '../../firmware-spec/vocabulary.ts';
import { cellOf } from './cell.ts';
import type { Device } from './types.ts';

/** What a held button shows, item by item (FS-35 to FS-38). */

/** The fewest digits of the counter, as a VIP card shows it. */
const COUNTER_DIGITS = 6;

/** The item that shows; undefined outside the menu. */
export function menuItemOf({ profile, state }: Device): MenuItem | undefined {
  return state.menuPlace === undefined ? undefined : profile.menu[state.menuPlace];
}

export function hasMoreItems({ profile, state }: Device): boolean {
  return (state.menuPlace ?? 0) + 1 < profile.menu.length;
}

/** The item that shows, as the LCD can show it: where it is too long, its last signs (FS-38). */
export function menuText(device: Device, deviceTime: number): string {
  const item = menuItemOf(device);
  if (item === undefined) return '';
  const text = [...ITEM_TEXTS[item](device, deviceTime)].map(asGlyph).join('');
  return text.slice(-device.profile.display.cells);
}

const ITEM_TEXTS: Readonly<Record<MenuItem, (device: Device, deviceTime: number) => string>> = {
  time: (_device, deviceTime) => String(Math.floor(deviceTime / 1000)),
  battery: (device) => `${TEXTS.battery} ${Math.floor(cellOf(device).share * 100)}`,
  serial: ({ serial }) => serial,
  counter: ({ state }) => state.counter.toString(16).padStart(COUNTER_DIGITS, '0'),
};

/** A letter that the LCD has only in the other case stands in that. */
function asGlyph(sign: string): string {
  const forms = [sign, sign.toUpperCase(), sign.toLowerCase()];
  return forms.find((form) => GLYPHS.has(form)) ?? ' ';
}

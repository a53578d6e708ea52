import { SHOWS, type Shows, TEXTS } from '../../firmware-spec/display.ts';
import type { Icon } from '../../firmware-spec/vocabulary.ts';
import type { Code, UnixMillis } from '../../shared/types.ts';
import { cellOf, contrastOf } from './cell.ts';
import { distort, seedIsCorrupt } from './faults/effects.ts';
import { countdownMarks, segmentsOf } from './lcd.ts';
import { menuText } from './menu.ts';
import { challengeOf, entryOf } from './pin.ts';
import type { Device, DeviceEnv, Frame } from './types.ts';

/** What stands on the display (FS-20 to FS-23, FS-29 to FS-34). */

/** What the seed gives for the code that shows; null while none does (FS-29, FS-76). */
export function codeOf(device: Device, at: UnixMillis, { otp }: DeviceEnv): Code | null {
  const { state, shownFactor } = device.state;
  if (SHOWS[state].cells !== 'code' || shownFactor === undefined) return null;
  return seedIsCorrupt(device, at) ? null : otp.code(device.seed, shownFactor, device.parameters);
}

/** The LCD at one moment, as the device's faults leave it. */
export function frameOf(
  device: Device,
  { code, at, deviceTime }: { code: Code | null; at: UnixMillis; deviceTime: number },
  env: DeviceEnv,
): Frame {
  const { profile, parameters, state } = device;
  const { cells, countdownMarks: marksMax } = profile.display;
  const shows = SHOWS[state.state];
  const hasMarks = shows.marks === 'countdown' && parameters.type === 'time' && marksMax > 0;
  const text = TEXT_OF[shows.cells](device, { code, deviceTime, env });
  const frame: Frame = {
    lit: shows.lit,
    cells: segmentsOf(text, cells),
    marks: hasMarks
      ? countdownMarks(deviceTime, { stepSeconds: parameters.stepSeconds, marksMax })
      : 0,
    marksMax,
    icons: shows.lit ? iconsOf(device) : [],
    contrast: contrastOf(device),
    rotated: false,
  };
  return distort(frame, device, at);
}

/** FS-32: the battery when the cell is low, the lock when the device has locked itself. */
function iconsOf(device: Device): readonly Icon[] {
  return device.profile.display.icons.filter((icon) => SHOWS_ICON[icon](device));
}

const SHOWS_ICON: Readonly<Record<Icon, (device: Device) => boolean>> = {
  battery: (device) => cellOf(device).isLow,
  lock: ({ state }) => state.locked,
};

interface Moment {
  readonly code: Code | null;
  readonly deviceTime: number;
  readonly env: DeviceEnv;
}

const TEXT_OF: Readonly<Record<Shows['cells'], (device: Device, moment: Moment) => string>> = {
  nothing: () => '',
  code: ({ parameters }, { code }) => code ?? TEXTS.noDigit.repeat(parameters.digits),
  'menu item': (device, { deviceTime }) => menuText(device, deviceTime),
  'battery message': ({ profile }) => profile.messages.lowBattery,
  entry: entryText,
  'wrong PINs': ({ state }) => `${TEXTS.wrongPin} ${state.wrongPins}`,
  'lock message': lockText,
  'err message': ({ profile }) => profile.messages.err,
  'erased message': ({ profile }) => profile.messages.erased,
  'disabled message': ({ profile }) => profile.messages.disabled,
};

/** FS-39, FS-40: what to do, then a dash for each digit. */
function entryText(device: Device): string {
  const entry = entryOf(device);
  if (entry !== '') return TEXTS.pinDigit.repeat(entry.length);
  return device.state.pin === undefined ? TEXTS.choosePin : TEXTS.enterPin;
}

/** FS-45, FS-46: the message or the challenge; in its place what is entered of an unlock code. */
function lockText(device: Device, { env }: Moment): string {
  const entry = entryOf(device);
  if (entry !== '') return entry;
  const { deviceLocked } = device.profile.messages;
  return deviceLocked === 'challenge' ? challengeOf(device, env) : deviceLocked;
}

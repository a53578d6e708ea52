import { parseSerial, type Serial } from '../../shared/types.ts';

/**
 * Names inside a drawer. A device's file is `SERIAL.fob.json`; what starts with a dot is a lock, or
 * a file that is being written. Serials start with a letter or a digit, so the two never meet.
 */

const DEVICE_FILE_SUFFIX = '.fob.json';
const HIDDEN_NAME = new RegExp(
  '^\\.(?<serial>drawer|[A-Z0-9._-]{1,64})' +
    '\\.(?<revision>[0-9]{1,16})\\.(?<attempt>[0-9]{1,3})\\.(lock|tmp)$',
);

/** What the drawer says of itself; no device's file, since those end otherwise. */
export const HEADER_FILE = 'drawer.json';
/** Turns at the header are taken like those at a device; no serial is in lower case. */
export const HEADER_TURN = 'drawer' as Serial;

/**
 * Windows gives these names to devices, whatever follows the first dot; a file of such a serial
 * gets a sign in front that no serial starts with. Everywhere, so that drawers can be carried.
 */
const WINDOWS_DEVICE = /^(CON|PRN|AUX|NUL|CLOCK\$|COM[0-9]|LPT[0-9])(\.|$)/;
const WINDOWS_GUARD = '_';

export function deviceFileName(serial: Serial): string {
  const guard = WINDOWS_DEVICE.test(serial) ? WINDOWS_GUARD : '';
  return `${guard}${serial}${DEVICE_FILE_SUFFIX}`;
}

/** The serial whose file has this name; `undefined` for a file that is not a drawer's own. */
export function serialOfFileName(name: string): Serial | undefined {
  if (!name.endsWith(DEVICE_FILE_SUFFIX)) return undefined;
  const bare = name.slice(0, -DEVICE_FILE_SUFFIX.length);
  const serial = parseSerial(bare.startsWith(WINDOWS_GUARD) ? bare.slice(1) : bare);
  return serial !== undefined && deviceFileName(serial) === name ? serial : undefined;
}

/** One attempt at changing one revision of a device's file. */
export interface Attempt {
  readonly serial: Serial;
  readonly revision: number;
  readonly attempt: number;
}

export function lockName({ serial, revision, attempt }: Attempt): string {
  return `.${serial}.${revision}.${attempt}.lock`;
}

/** The next revision while it is being written. */
export function draftName({ serial, revision, attempt }: Attempt): string {
  return `.${serial}.${revision}.${attempt}.tmp`;
}

/** Reads the name of a lock or a draft; `undefined` for any other file. */
export function attemptOfFileName(name: string): Attempt | undefined {
  const { serial: text = '', revision, attempt } = HIDDEN_NAME.exec(name)?.groups ?? {};
  const serial = text === HEADER_TURN ? HEADER_TURN : parseSerial(text);
  if (serial === undefined) return undefined;
  return { serial, revision: Number(revision), attempt: Number(attempt) };
}

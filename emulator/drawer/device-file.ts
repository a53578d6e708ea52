import { PROFILES } from '../../firmware-spec/profiles/profiles.ts';
import { PROFILE_NAMES, STATES } from '../../firmware-spec/vocabulary.ts';
import { decodeBase32, encodeBase32 } from '../../shared/base32.ts';
import { type FieldErrorCode, FobtwinError } from '../../shared/errors.ts';
import {
  ALGORITHMS,
  DIGITS,
  parseSeed,
  parseSerial,
  parseUnixMillis,
  type Seed,
  type TokenParameters,
  type UnixMillis,
} from '../../shared/types.ts';
import { RATE_PPM_MAX } from '../device/crystal.ts';
import type { Device, DeviceState } from '../device/types.ts';

/** What the maker of a token printed on it, as a seed file carries it. */
export interface Labels {
  readonly manufacturer?: string;
  readonly model?: string;
  readonly issuer?: string;
}

/** A device and what else its owner keeps of it. */
export interface KeptDevice {
  readonly device: Device;
  readonly labels: Labels;
}

/** What one file says: the device, and how often it has been written. */
export interface DeviceFile extends KeptDevice {
  /** 1 when made; one more with each change. */
  readonly revision: number;
}

export const DEVICE_FILE_FORMAT = 1;
/** A device's file is about 600 characters; what is far longer is not one. */
export const DEVICE_FILE_BYTES_MAX = 64 * 1024;
/** Longest manufacturer, model or issuer, in characters. */
const LABEL_CHARACTERS_MAX = 4096;
/** A device's clock or its offset beyond this is none: twice what a JavaScript Date can hold. */
const CLOCK_MILLIS_MAX = 2 * 8_640_000_000_000_000;

export function formatDeviceFile({ device, labels, revision }: DeviceFile): string {
  const { serial, profile, mode, parameters, seed, ratePpm, state } = device;
  const contents = {
    format: DEVICE_FILE_FORMAT,
    revision,
    serial,
    profile: profile.name,
    mode,
    parameters,
    seed: encodeBase32(seed),
    ratePpm,
    labels,
    state,
  };
  return `${JSON.stringify(contents, null, 2)}\n`;
}

/**
 * @param file the file's path, to name it in an error
 * @throws FobtwinError `deviceNewer` for a later format; `deviceDamaged` naming the field
 */
export function parseDeviceFile(text: string, file: string): DeviceFile {
  const root = readJson(text, file);
  const format = root.integer('format', 1);
  if (format > DEVICE_FILE_FORMAT) throw newerFormat(format, file);
  const time = root.group('state');
  const device: Device = {
    serial: root.parsed('serial', (value) => whenText(value, parseSerial)),
    profile: PROFILES[root.oneOf('profile', PROFILE_NAMES)],
    mode: root.oneOf('mode', ['live', 'simulated'] as const),
    parameters: readParameters(root.group('parameters')),
    seed: root.parsed('seed', (value) => whenText(value, readSeed)),
    ratePpm: root.number('ratePpm', RATE_PPM_MAX),
    state: readState(time),
  };
  const labels = readLabels(root.group('labels'));
  const revision = root.integer('revision', 1);
  root.done();
  if (device.parameters.type !== device.profile.type) {
    throw damaged(file, '/parameters/type', 'notAllowed');
  }
  return { device, labels, revision };
}

function readParameters(group: Group): TokenParameters {
  const type = group.oneOf('type', ['event', 'time'] as const);
  const algorithm = group.oneOf('algorithm', ALGORITHMS);
  const digits = group.oneOf('digits', DIGITS);
  const stepSeconds = type === 'time' ? group.integer('stepSeconds', 1, 3600) : 0;
  group.done();
  return type === 'time' ? { type, algorithm, digits, stepSeconds } : { type, algorithm, digits };
}

function readState(group: Group): DeviceState {
  const shown = group.oneOf('state', STATES);
  // Without these a code that shows would never go dark.
  const whenShowing = shown === 'showing' ? group.required : group.optional;
  const shownFactor = whenShowing('shownFactor', (name) => group.integer(name, 0));
  const litAt = whenShowing('litAt', (name) => group.number(name, CLOCK_MILLIS_MAX));
  const pressedAt = group.optional('pressedAt', (name) => group.parsed(name, whenMillis));
  const state: DeviceState = {
    state: shown,
    asOf: group.parsed('asOf', whenMillis),
    offsetMillis: group.number('offsetMillis', CLOCK_MILLIS_MAX),
    counter: group.integer('counter', 0),
    ...(shownFactor === undefined ? {} : { shownFactor }),
    ...(litAt === undefined ? {} : { litAt }),
    ...(pressedAt === undefined ? {} : { pressedAt }),
    presses: group.integer('presses', 0),
  };
  group.done();
  return state;
}

function readLabels(group: Group): Labels {
  const labels: { -readonly [Name in keyof Labels]: string } = {};
  for (const name of ['manufacturer', 'model', 'issuer'] as const) {
    const text = group.optional(name, () => group.parsed(name, whenLabel));
    if (text !== undefined) labels[name] = text;
  }
  group.done();
  return labels;
}

function readSeed(text: string): Seed | undefined {
  const bytes = decodeBase32(text);
  return bytes === undefined ? undefined : parseSeed(bytes);
}

function whenText<T>(value: unknown, parse: (text: string) => T | undefined): T | undefined {
  return typeof value === 'string' ? parse(value) : undefined;
}

function whenMillis(value: unknown): UnixMillis | undefined {
  return typeof value === 'number' ? parseUnixMillis(value) : undefined;
}

function whenLabel(value: unknown): string | undefined {
  return whenText(value, (text) => (text.length <= LABEL_CHARACTERS_MAX ? text : undefined));
}

/** The members of one JSON object, each asked for once; `done` refuses what nobody asked for. */
interface Group {
  group(name: string): Group;
  oneOf<const T>(name: string, values: readonly T[]): T;
  /** At most so far from zero. */
  number(name: string, max: number): number;
  integer(name: string, min: number, max?: number): number;
  parsed<T>(name: string, parse: (value: unknown) => T | undefined): T;
  required<T>(name: string, read: (name: string) => T): T;
  optional<T>(name: string, read: (name: string) => T): T | undefined;
  done(): void;
}

function readJson(text: string, file: string): Group {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which holds the seed: it goes nowhere.
    throw damaged(file, '', 'malformed');
  }
  return groupOf(value, file, '');
}

function groupOf(value: unknown, file: string, pointer: string): Group {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw damaged(file, pointer, 'wrongType');
  }
  const members = new Map<string, unknown>(Object.entries(value));
  const asked = new Set<string>();
  const fail = (name: string, code: FieldErrorCode) => damaged(file, `${pointer}/${name}`, code);
  const take = (name: string): unknown => {
    asked.add(name);
    if (!members.has(name)) throw fail(name, 'required');
    return members.get(name);
  };
  const parsed = <T>(name: string, parse: (value: unknown) => T | undefined): T => {
    const result = parse(take(name));
    if (result === undefined) throw fail(name, 'badFormat');
    return result;
  };
  return {
    parsed,
    group: (name) => groupOf(take(name), file, `${pointer}/${name}`),
    oneOf: (name, values) => parsed(name, (found) => values.find((known) => known === found)),
    number: (name, max) =>
      parsed(name, (found) =>
        typeof found === 'number' && Math.abs(found) <= max ? found : undefined,
      ),
    integer: (name, min, max = Number.MAX_SAFE_INTEGER) =>
      parsed(name, (found) => {
        const fits = Number.isSafeInteger(found) && Number(found) >= min && Number(found) <= max;
        return fits ? Number(found) : undefined;
      }),
    required: (name, read) => read(name),
    optional: (name, read) => (members.has(name) ? read(name) : undefined),
    done() {
      for (const name of members.keys()) {
        if (!asked.has(name)) throw fail(name, 'unknownField');
      }
    },
  };
}

/** @param pointer JSON Pointer of the field at fault; empty for the whole file */
export function damaged(file: string, pointer: string, code: FieldErrorCode): FobtwinError {
  const place = pointer === '' ? '' : ` at ${pointer}`;
  return new FobtwinError(
    'deviceDamaged',
    `The device's file ${file} is damaged${place} (${code})`,
    {
      errors: [{ field: pointer, code }],
      nextStep: 'Put a copy of the file back, or move it out of the drawer and make a new token.',
    },
  );
}

function newerFormat(format: number, file: string): FobtwinError {
  return new FobtwinError(
    'deviceNewer',
    `The device's file ${file} has format ${format}; this fob reads ${DEVICE_FILE_FORMAT}`,
    { nextStep: 'Use the newer fob that wrote it.' },
  );
}

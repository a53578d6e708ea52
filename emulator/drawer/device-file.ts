import type { Profile } from '../../firmware-spec/profiles/profile.ts';
import { PROFILES } from '../../firmware-spec/profiles/profiles.ts';
import { FAULT_NAMES, PROFILE_NAMES, STATES } from '../../firmware-spec/vocabulary.ts';
import { decodeBase32, encodeBase32 } from '../../shared/base32.ts';
import { type FieldErrorCode, FobtwinError } from '../../shared/errors.ts';
import {
  ALGORITHMS,
  DIGITS,
  parseSeed,
  parseSerial,
  type Seed,
  type TokenParameters,
  type UnixMillis,
} from '../../shared/types.ts';
import { IDEAL_PHYSIQUE, PHYSIQUE_LIMITS } from '../device/factory.ts';
import type { Device, DeviceState, Fault, Physique } from '../device/types.ts';
import { type Damage, type Group, readJson } from './json-group.ts';

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

/** 1 was plain; since 2 the contents are sealed (`sealed-file.ts`). */
export const DEVICE_FILE_FORMAT = 2;
/** A device's file is about 2,000 characters; what is far longer is not one. */
export const DEVICE_FILE_BYTES_MAX = 64 * 1024;
/** Longest manufacturer, model or issuer, in characters. */
const LABEL_CHARACTERS_MAX = 4096;
/** A device's clock or its offset beyond this is none: twice what a JavaScript Date can hold. */
const CLOCK_MILLIS_MAX = 2 * 8_640_000_000_000_000;
const CELSIUS_MAX = 1000;
const CHARGE_MAX = 1e9;
const ENTRY_CHARACTERS_MAX = 32;
const FAULT_ATTRIBUTES_MAX = 16;
const ATTRIBUTE_CHARACTERS_MAX = 256;

/** A device as text: what is sealed in its file, and what a moved drawer carries. */
export function formatDevice({ device, labels }: KeptDevice): string {
  const { profile, seed, ...rest } = device;
  return JSON.stringify({ ...rest, profile: profile.name, seed: encodeBase32(seed), labels });
}

/**
 * @param damage makes the error of a field at fault
 * @throws what `damage` makes
 */
export function parseDevice(text: string, damage: Damage): KeptDevice {
  const root = readJson(text, damage);
  const profile = PROFILES[root.oneOf('profile', PROFILE_NAMES)];
  const device: Device = {
    ...readWhatIsFixed(root),
    profile,
    madeAt: root.millis('madeAt'),
    physique: readPhysique(root.group('physique')),
    faults: readFaults(root),
    state: readState(root.group('state'), profile),
  };
  const labels = readLabels(root.group('labels'));
  root.done();
  checkType(device, damage);
  return { device, labels };
}

/**
 * A file of format 1, which had neither physique nor cell nor faults: its crystal keeps its rate at
 * every age and temperature, and its cell is full.
 *
 * @param file the file's path, to name it in an error
 */
export function parsePlainFile(text: string, file: string): DeviceFile {
  const damage: Damage = (pointer, code) => damaged(file, pointer, code);
  const root = readJson(text, damage);
  root.integer('format', 1, 1);
  const profile = PROFILES[root.oneOf('profile', PROFILE_NAMES)];
  const fixed = readWhatIsFixed(root);
  const trimPpm = root.number('ratePpm', PHYSIQUE_LIMITS.trimPpm.max);
  const state = readState(root.group('state'), profile, {
    celsius: IDEAL_PHYSIQUE.turnoverCelsius,
    chargeMicroampHours: profile.cell.capacityMicroampHours,
    wrongPins: 0,
    locked: false,
    challenge: 0,
    memoryLost: false,
    disabled: false,
  });
  const device: Device = {
    ...fixed,
    profile,
    madeAt: state.asOf,
    physique: { ...IDEAL_PHYSIQUE, trimPpm },
    faults: [],
    state,
  };
  const labels = readLabels(root.group('labels'));
  const revision = root.integer('revision', 1);
  root.done();
  checkType(device, damage);
  return { device, labels, revision };
}

function readWhatIsFixed(root: Group): Pick<Device, 'serial' | 'mode' | 'parameters' | 'seed'> {
  return {
    serial: root.parsed('serial', (value) => whenText(value, parseSerial)),
    mode: root.oneOf('mode', ['live', 'simulated'] as const),
    parameters: readParameters(root.group('parameters')),
    seed: root.parsed('seed', (value) => whenText(value, readSeed)),
  };
}

function checkType({ parameters, profile }: Device, damage: Damage): void {
  if (parameters.type !== profile.type) throw damage('/parameters/type', 'notAllowed');
}

function readParameters(group: Group): TokenParameters {
  const type = group.oneOf('type', ['event', 'time'] as const);
  const algorithm = group.oneOf('algorithm', ALGORITHMS);
  const digits = group.oneOf('digits', DIGITS);
  const stepSeconds = type === 'time' ? group.integer('stepSeconds', 1, 3600) : 0;
  group.done();
  return type === 'time' ? { type, algorithm, digits, stepSeconds } : { type, algorithm, digits };
}

function readPhysique(group: Group): Physique {
  const within = (name: keyof Physique): number => {
    const { min, max } = PHYSIQUE_LIMITS[name];
    return group.parsed(name, (value) =>
      typeof value === 'number' && value >= min && value <= max ? value : undefined,
    );
  };
  const physique = {
    trimPpm: within('trimPpm'),
    turnoverCelsius: within('turnoverCelsius'),
    parabolicPpm: within('parabolicPpm'),
    ageingPpm: within('ageingPpm'),
    cellShare: within('cellShare'),
  };
  group.done();
  return physique;
}

function readFaults(root: Group): Fault[] {
  const names = new Set<string>();
  return root.groups('faults', FAULT_NAMES.length).map((group) => {
    const name = group.oneOf('name', FAULT_NAMES);
    if (names.has(name)) group.refuse('name', 'duplicate');
    names.add(name);
    const fault = {
      name,
      attributes: group.parsed('attributes', readAttributes),
      probability: group.number('probability', 1),
      randomSeed: group.integer('randomSeed', 0),
      since: group.millis('since'),
    };
    if (fault.probability <= 0) group.refuse('probability', 'tooSmall');
    group.done();
    return fault;
  });
}

function readAttributes(value: unknown): Fault['attributes'] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value).map(([name, each]) => [name, readAttribute(each)] as const);
  if (entries.length > FAULT_ATTRIBUTES_MAX) return undefined;
  const known = entries.flatMap(([name, each]) => (each === undefined ? [] : [[name, each]]));
  return known.length === entries.length ? Object.fromEntries(known) : undefined;
}

function readAttribute(value: unknown): number | string | boolean | undefined {
  if (typeof value === 'string') {
    return value.length <= ATTRIBUTE_CHARACTERS_MAX ? value : undefined;
  }
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

type SinceFormat2 = Pick<
  DeviceState,
  | 'celsius'
  | 'chargeMicroampHours'
  | 'wrongPins'
  | 'locked'
  | 'challenge'
  | 'memoryLost'
  | 'disabled'
>;

/** @param older what a file of format 1 does not say; default: the file says it */
function readState(group: Group, { menu }: Profile, older?: SinceFormat2): DeviceState {
  const shown = group.oneOf('state', STATES);
  // Without these a display that is lit would never go dark, or have nothing to show.
  const whenIn = (...states: readonly string[]) =>
    states.includes(shown) ? group.required : group.optional;
  const clock = (name: string) => group.number(name, CLOCK_MILLIS_MAX);
  const whole = (name: string) => group.integer(name, 0);
  const digits = (name: string) =>
    group.parsed(name, (value) =>
      whenText(value, (text) => (DIGITS_ONLY.test(text) ? text : undefined)),
    );
  const shownFactor = whenIn('showing')('shownFactor', whole);
  const litAt = whenIn('showing')('litAt', clock);
  const messageAt = group.optional('messageAt', clock);
  const lastItem = Math.max(0, menu.length - 1);
  const menuPlace = whenIn('menu')('menuPlace', (name) => group.integer(name, 0, lastItem));
  const entry = group.optional('entry', digits);
  const pin = group.optional('pin', digits);
  const pressedAt = group.optional('pressedAt', (name): UnixMillis => group.millis(name));
  const state: DeviceState = {
    state: shown,
    asOf: group.millis('asOf'),
    offsetMillis: group.number('offsetMillis', CLOCK_MILLIS_MAX),
    ...(older ?? readSinceFormat2(group)),
    counter: group.integer('counter', 0),
    ...(shownFactor === undefined ? {} : { shownFactor }),
    ...(litAt === undefined ? {} : { litAt }),
    ...(messageAt === undefined ? {} : { messageAt }),
    ...(menuPlace === undefined ? {} : { menuPlace }),
    ...(entry === undefined ? {} : { entry }),
    ...(pin === undefined ? {} : { pin }),
    ...(pressedAt === undefined ? {} : { pressedAt }),
    presses: group.integer('presses', 0),
  };
  group.done();
  return state;
}

const DIGITS_ONLY = new RegExp(`^[0-9]{0,${ENTRY_CHARACTERS_MAX}}$`);

function readSinceFormat2(group: Group): SinceFormat2 {
  const chargeMicroampHours = group.number('chargeMicroampHours', CHARGE_MAX);
  if (chargeMicroampHours < 0) group.refuse('chargeMicroampHours', 'tooSmall');
  return {
    celsius: group.number('celsius', CELSIUS_MAX),
    chargeMicroampHours,
    wrongPins: group.integer('wrongPins', 0),
    locked: group.boolean('locked'),
    challenge: group.integer('challenge', 0),
    memoryLost: group.boolean('memoryLost'),
    disabled: group.boolean('disabled'),
  };
}

function readLabels(group: Group): Labels {
  const labels: { -readonly [Name in keyof Labels]: string } = {};
  for (const name of ['manufacturer', 'model', 'issuer'] as const) {
    const text = group.optional(name, () => group.text(name, LABEL_CHARACTERS_MAX));
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

import { CELSIUS_MAX, CELSIUS_MIN, YEAR_MILLIS } from '../../firmware-spec/physics.ts';
import type { State } from '../../firmware-spec/vocabulary.ts';
import { invalidInput } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { capacityOf } from './cell.ts';
import { advance, type PadKey, press, pressKey, setTemperature } from './device.ts';
import type { Device, DeviceEnv } from './types.ts';

/** A device's life as somebody leads it: pressed by day, warm and cold by turns (FS-74, FS-75). */

export const YEARS_MAX = 50;
export const PRESSES_PER_DAY_MAX = 500;
/** In one life: about half a minute of a computer's time. */
export const PRESSES_MAX = 1_000_000;

const DAY_MILLIS = 86_400_000;
const HALF_DAY_MILLIS = DAY_MILLIS / 2;
/** Days begin at eight in the morning, nights at eight in the evening, UTC. */
const MORNING_MILLIS = 8 * 3_600_000;
/** The coldest day of the year, counted from its first: 20 January. */
const COLDEST_MILLIS = 19 * DAY_MILLIS;
/** Parts of the range of temperatures: the seasons', the day's and night's, and the weather's. */
const SEASON_SHARE = 0.5;
const DAY_SHARE = 0.25;
const WEATHER_SHARE = 0.25;

/** How a device is used for a time. */
export interface LifePlan {
  readonly until: UnixMillis;
  /** On average; spread over the days as evenly as whole presses can be. */
  readonly pressesPerDay: number;
  /** Coldest and warmest, degrees Celsius. */
  readonly celsius: { readonly min: number; readonly max: number };
  /** Draws the moments of presses and the weather. */
  readonly rng: Pick<Rng, 'uniform'>;
  /** Each evening its cell is changed for a fresh one of the same kind. Default false. */
  readonly keepCellFresh?: boolean;
  /** Told of each press that shows a code, with the device as it then is. Default: nobody is. */
  readonly onCode?: (device: Device) => void;
}

/** How far a life has come: the end of a day, of a night, or of the plan. */
export interface LifeMoment {
  readonly device: Device;
  /** Presses so far in this life, and those of them that showed a code. */
  readonly presses: number;
  readonly codes: number;
}

/** From key to key of a PIN pad. */
const KEY_MILLIS = 500;
/** A message has gone for certain, by whatever clock. */
const MESSAGE_SLACK_MILLIS = 100;

/** States out of which no press leads. */
const FINAL_STATES: ReadonlySet<State> = new Set(['dead', 'erased', 'disabled', 'expired']);

/**
 * The device lives until `plan.until`, press by press, through the same rules as a press by hand;
 * yields each half day. Nobody presses it any more once it is dead. The same plan and random
 * numbers give the same life.
 *
 * @throws FobtwinError `invalidInput` naming what no life can be
 */
export function* liveThrough(
  device: Device,
  plan: LifePlan,
  env: DeviceEnv,
): Generator<LifeMoment, LifeMoment> {
  checkPlan(device, plan);
  const from = device.state.asOf;
  const phase = plan.rng.uniform();
  let lived: LifeMoment = { device, presses: 0, codes: 0 };
  let halfDays = 0;
  for (let start = from; start < plan.until; start = lived.device.state.asOf) {
    const end = Math.min(plan.until, nextTurn(start)) as UnixMillis;
    const isDay = turnsSince(start) % 2 === 0;
    const celsius = celsiusAt(start, { isDay, ...plan });
    const current = setTemperature(lived.device, start, celsius, env);
    if (isDay) halfDays += (end - start) / HALF_DAY_MILLIS;
    const due = Math.floor(plan.pressesPerDay * halfDays + phase) - lived.presses;
    const times = isDay && !isOver(current) ? drawTimes(due, start, end, plan.rng) : [];
    lived = pressedAt({ ...lived, device: current }, times, plan, env);
    const aged = advance(lived.device, end, env);
    lived = { ...lived, device: plan.keepCellFresh === true ? withFreshCell(aged) : aged };
    yield lived;
  }
  return lived;
}

/**
 * The device as if all that happened to it had happened so long ago: what it then lives through
 * ends today (FS-79). Faults stay what is wrong with it today.
 *
 * @param device as it is today: `advance`d to the moment that its life is to end at
 */
export function movedBack(device: Device, millis: number): Device {
  const { state } = device;
  const back = <Time extends number>(time: Time) => (time - millis) as Time;
  return {
    ...device,
    madeAt: back(device.madeAt),
    state: {
      ...state,
      asOf: back(state.asOf),
      ...(state.litAt === undefined ? {} : { litAt: back(state.litAt) }),
      ...(state.messageAt === undefined ? {} : { messageAt: back(state.messageAt) }),
      ...(state.pressedAt === undefined ? {} : { pressedAt: back(state.pressedAt) }),
    },
  };
}

/** @throws FobtwinError `invalidInput` naming the field */
function checkPlan(device: Device, { until, pressesPerDay, celsius }: LifePlan): void {
  const years = (until - device.state.asOf) / YEAR_MILLIS;
  if (!(years >= 0 && years <= YEARS_MAX)) {
    throw invalidInput('until', 'badFormat', `A life is at most ${YEARS_MAX} years long`);
  }
  if (!(pressesPerDay >= 0 && pressesPerDay <= PRESSES_PER_DAY_MAX)) {
    const range = `0 to ${PRESSES_PER_DAY_MAX} presses a day`;
    throw invalidInput('pressesPerDay', 'badFormat', `A button takes ${range}`);
  }
  if (years * 365.25 * pressesPerDay > PRESSES_MAX) {
    const most = `${PRESSES_MAX.toLocaleString('en-US')} presses`;
    throw invalidInput('pressesPerDay', 'tooLarge', `A life has at most ${most}`);
  }
  const { min, max } = celsius;
  if (!(min >= CELSIUS_MIN && min <= max && max <= CELSIUS_MAX)) {
    const range = `${CELSIUS_MIN} to ${CELSIUS_MAX} degrees`;
    throw invalidInput('celsius', 'badFormat', `Coldest and warmest lie within ${range}, in order`);
  }
}

/** Mornings and evenings since the first morning of 1970. */
function turnsSince(at: number): number {
  return Math.floor((at - MORNING_MILLIS) / HALF_DAY_MILLIS);
}

function nextTurn(at: number): number {
  return MORNING_MILLIS + (turnsSince(at) + 1) * HALF_DAY_MILLIS;
}

/** FS-75: warm in July and by day, and the weather on top; never outside the range. */
function celsiusAt(at: number, { isDay, celsius, rng }: LifePlan & { isDay: boolean }): number {
  const yearPart = ((at - COLDEST_MILLIS) % YEAR_MILLIS) / YEAR_MILLIS;
  const season = (1 - Math.cos(2 * Math.PI * yearPart)) / 2;
  const part = SEASON_SHARE * season + DAY_SHARE * (isDay ? 1 : 0) + WEATHER_SHARE * rng.uniform();
  return celsius.min + part * (celsius.max - celsius.min);
}

/** So many moments between two, in order. */
function drawTimes(
  count: number,
  from: number,
  to: number,
  rng: Pick<Rng, 'uniform'>,
): readonly UnixMillis[] {
  const draw = () => Math.floor(from + rng.uniform() * (to - from)) as UnixMillis;
  return Array.from({ length: count }, draw).sort((one, other) => one - other);
}

function pressedAt(
  before: LifeMoment,
  times: readonly UnixMillis[],
  plan: LifePlan,
  env: DeviceEnv,
): LifeMoment {
  let { device, presses, codes } = before;
  for (const at of times) {
    if (isOver(device)) break;
    const { litAt } = device.state;
    device = seenThrough(press(device, at, env), env);
    presses += 1;
    if (device.state.state !== 'showing' || device.state.litAt === litAt) continue;
    codes += 1;
    plan.onCode?.(device);
  }
  return { device, presses, codes };
}

/** Has it ended for good? Then no press does anything. */
export function isOver({ state }: Pick<Device, 'state'>): boolean {
  return FINAL_STATES.has(state.state);
}

/** What a person does until the press has given what it can: reads a warning, enters the PIN. */
function seenThrough(pressed: Device, env: DeviceEnv): Device {
  const warned = pressed.state.state === 'lowBattery' ? afterMessage(pressed, env) : pressed;
  const { state, pin } = warned.state;
  if (state !== 'enteringPin' || pin === undefined) return warned;
  const keys = [...pin, 'enter'] as PadKey[];
  const entered = keys.reduce(
    (device, key) => pressKey(device, later(device, KEY_MILLIS), key, env),
    warned,
  );
  return entered.state.state === 'lowBattery' ? afterMessage(entered, env) : entered;
}

function afterMessage(device: Device, env: DeviceEnv): Device {
  const millis = device.profile.display.messageSeconds * 1000;
  return advance(device, later(device, millis + MESSAGE_SLACK_MILLIS), env);
}

function later({ state }: Device, millis: number): UnixMillis {
  return (state.asOf + millis) as UnixMillis;
}

function withFreshCell(device: Device): Device {
  const chargeMicroampHours = capacityOf(device.profile, device.physique);
  return { ...device, state: { ...device.state, chargeMicroampHours } };
}

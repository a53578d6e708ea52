import { isDeepStrictEqual } from 'node:util';
import { CELSIUS_MAX, CELSIUS_MIN, YEAR_MILLIS } from '../../firmware-spec/physics.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { RANDOM_SEED_MAX, seededRng } from '../../shared/rng.ts';
import { formatTime } from '../../shared/time.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { advance, setTemperature } from '../device/device.ts';
import {
  isOver,
  type LifeMoment,
  type LifePlan,
  liveThrough,
  movedBack,
  PRESSES_PER_DAY_MAX,
  YEARS_MAX,
} from '../device/life.ts';
import type { Device } from '../device/types.ts';
import { drawLifeSvg, type LifePoint, lifePoint } from '../picture/life-svg.ts';
import { type Arguments, usageError } from './arguments.ts';
import type { FobCommand } from './command.ts';
import { conditionJson, conditionRows } from './condition.ts';
import { deviceEnv } from './device-env.ts';
import { drawerOf, SERIAL } from './drawer-of.ts';
import type { CliEnv } from './env.ts';
import { listed } from './label.ts';
import { prepareNewFile } from './new-file.ts';
import { printJson, printLines } from './output.ts';
import { createProgress } from './progress.ts';

const PRESET = { pressesPerDay: 10, temperature: '20..30' } as const;

export const age: FobCommand = {
  positionals: { serial: SERIAL },
  options: {
    years: { describe: `How long it has lived, over 0 to ${YEARS_MAX}: 4, 0.5` },
    'presses-per-day': {
      describe: `On average, 0 to ${PRESSES_PER_DAY_MAX}; ${PRESET.pressesPerDay} if not given`,
    },
    temperature: {
      describe:
        'Coldest and warmest that it was, in degrees Celsius: 20..35, or 25 for always the same; ' +
        `${PRESET.temperature} if not given. Below zero: --temperature=-10..30`,
    },
    'random-seed': {
      describe: `Repeats a life, 0 to ${RANDOM_SEED_MAX}; drawn and told if not given`,
    },
    picture: { describe: 'Draw voltage, drift and presses over its life into this new SVG file' },
  },
  examples: [
    ['age C30-00000001 --years 3', 'a token that has been used for three years, today'],
    ['age E6-00000001 --years 2 --presses-per-day 30 --picture life.svg', 'used much; and drawn'],
    ['age C30-00000001 --years 3 --presses-per-day 0 --temperature 5..40', 'left in a shed'],
  ],
  notes:
    'The years lie behind the token and end now, so that its codes meet real servers: its making ' +
    'moves into the past, and its clock, right when it was made, has drifted since. An event ' +
    "token's counter has gone on with each code. There is no way back: a server that knew the " +
    'token needs two codes to find it again. All of the life happens, or nothing does.',
  async run(args, env) {
    const serial = args.serial();
    const order = orderOf(args, env);
    const drawer = drawerOf(args, env);
    const { device: before } = drawer.read(serial);
    checkCanAge(before, order);
    const lived = await live(before, order, { env, json: args.flag('json') });
    const file = args.text('picture');
    const picture =
      file === undefined ? undefined : prepareNewFile(file, pictureOf(lived, order), env.rng);
    try {
      await drawer.update(serial, (kept) => {
        if (!isDeepStrictEqual(kept.device, before)) throw usedMeanwhile(before);
        return { ...kept, device: lived.device };
      });
    } catch (error) {
      picture?.discard();
      throw error;
    }
    picture?.place();
    if (args.flag('json')) printJson(env, lifeJson(lived, order, file));
    else printLines(env, lifeLines(lived, order, file));
    return 0;
  },
};

interface Order extends Pick<LifePlan, 'celsius'> {
  readonly years: number;
  /** Undefined: as the model is used. */
  readonly pressesPerDay: number | undefined;
  readonly randomSeed: number;
  readonly now: UnixMillis;
}

function orderOf(args: Arguments, env: CliEnv): Order {
  const years = decimal(args.required('years'));
  if (years === undefined || years === 0 || years > YEARS_MAX) {
    throw usageError(`--years takes a number over 0 to ${YEARS_MAX}, like 4 or 0.5`);
  }
  const presses = args.text('presses-per-day');
  const pressesPerDay = presses === undefined ? undefined : decimal(presses);
  if (presses !== undefined && !(Number(pressesPerDay) <= PRESSES_PER_DAY_MAX)) {
    throw usageError(`--presses-per-day takes a number from 0 to ${PRESSES_PER_DAY_MAX}`);
  }
  return {
    years,
    pressesPerDay,
    celsius: rangeOf(args.text('temperature') ?? PRESET.temperature),
    randomSeed:
      args.integer('random-seed', { min: 0, max: RANDOM_SEED_MAX }) ??
      Math.floor(env.rng.uniform() * (RANDOM_SEED_MAX + 1)),
    now: env.clock.now(),
  };
}

const DECIMAL = /^\d{1,6}(?:\.\d{1,6})?$/;
const DEGREES = String.raw`-?\d{1,3}(?:\.\d{1,2})?`;
const RANGE = new RegExp(String.raw`^(${DEGREES})(?:\.\.(${DEGREES}))?$`);

function decimal(text: string): number | undefined {
  return DECIMAL.test(text) ? Number(text) : undefined;
}

function rangeOf(text: string): LifePlan['celsius'] {
  const [, coldest, warmest = coldest] = RANGE.exec(text) ?? [];
  const [min, max] = [Number(coldest ?? Number.NaN), Number(warmest ?? Number.NaN)];
  if (min >= CELSIUS_MIN && min <= max && max <= CELSIUS_MAX) return { min, max };
  throw usageError(
    '--temperature takes coldest and warmest in degrees Celsius, like 20..35, within ' +
      `${CELSIUS_MIN} to ${CELSIUS_MAX}`,
  );
}

function checkCanAge({ serial, mode, profile, state, madeAt }: Device, order: Order): void {
  if (mode === 'live') {
    throw new FobtwinError('notAllowedNow', `${serial} is live: it neither drifts nor wears`, {
      nextStep: 'Age a token that `fob make` made.',
    });
  }
  if (isOver({ state })) {
    throw new FobtwinError('notAllowedNow', `${serial} is ${state.state} and stays so`, {
      nextStep: 'Make a new token with `fob make`.',
    });
  }
  if (profile.alwaysOn !== undefined && (order.pressesPerDay ?? 0) > 0) {
    throw usageError(`A ${profile.name} has no button: leave --presses-per-day away`);
  }
  const isPressed = pressesOf({ profile }, order) > 0;
  if (profile.pin !== undefined && state.pin === undefined && isPressed) {
    throw new FobtwinError('notAllowedNow', `${serial} has no PIN yet, so it shows no codes`, {
      nextStep: `Set one with \`fob press ${serial} --pin\`, or give --presses-per-day 0.`,
    });
  }
  if (madeAt - order.years * YEAR_MILLIS < 0) {
    throw usageError('--years leads to before 1970, where no clock goes');
  }
}

function pressesOf({ profile }: Pick<Device, 'profile'>, { pressesPerDay }: Order): number {
  return pressesPerDay ?? (profile.alwaysOn === undefined ? PRESET.pressesPerDay : 0);
}

/** A life that was lived to its end. */
interface Life {
  readonly device: Device;
  readonly from: UnixMillis;
  readonly presses: number;
  readonly codes: number;
  readonly points: readonly LifePoint[];
}

const DAY_MILLIS = 86_400_000;
/** Half days between two looks at the rest of the world. */
const BREATH = 60;

async function live(
  before: Device,
  order: Order,
  { env, json }: { readonly env: CliEnv; readonly json: boolean },
): Promise<Life> {
  const signal = env.interruption();
  const today = advance(before, order.now, deviceEnv);
  const until = today.state.asOf;
  const young = movedBack(today, Math.round(order.years * YEAR_MILLIS));
  const from = young.state.asOf;
  const plan: LifePlan = {
    until,
    pressesPerDay: pressesOf(before, order),
    celsius: order.celsius,
    rng: seededRng(order.randomSeed),
  };
  const total = Math.ceil((until - from) / DAY_MILLIS);
  const progress = createProgress(env, { total, json, unit: 'days' });
  const points = [lifePoint({ device: young })];
  let last: LifeMoment = { device: young, presses: 0, codes: 0 };
  try {
    for (last of liveThrough(young, plan, deviceEnv)) {
      points.push(lifePoint(last));
      if (points.length % BREATH !== 0) continue;
      progress.show(Math.floor((last.device.state.asOf - from) / DAY_MILLIS));
      await env.pause(0);
      if (signal.aborted) throw interrupted(before);
    }
  } finally {
    progress.clear();
  }
  const { celsius } = before.state;
  return { ...last, device: setTemperature(last.device, until, celsius, deviceEnv), from, points };
}

function pictureOf({ device, from, points }: Life, order: Order): string {
  const { serial, profile, parameters } = device;
  const [coldest, warmest] = [order.celsius.min, order.celsius.max].map(degreesText);
  const warmth = coldest === warmest ? `${coldest} °C` : `${coldest} to ${warmest} °C`;
  const presses = `${pressesOf({ profile }, order)} presses a day`;
  const svg = drawLifeSvg(points, {
    heading: `${serial}, ${yearsText(order.years)} of life`,
    subheading:
      `${profile.title}; ${presses} at ${warmth}, ${dateText(from)} to ` +
      `${dateText(device.state.asOf)}; random seed ${order.randomSeed}`,
    ...(parameters.type === 'time' ? { stepSeconds: parameters.stepSeconds } : {}),
  });
  return `${svg}\n`;
}

/** When something was first so; null when it never was. */
function firstTime(points: readonly LifePoint[], is: (point: LifePoint) => boolean) {
  return points.find(is)?.at ?? null;
}

function lifeJson(life: Life, order: Order, picture: string | undefined) {
  const { device, from, points, presses, codes } = life;
  const at = device.state.asOf;
  const time = (millis: UnixMillis | null) => (millis === null ? null : formatTime(millis));
  const { counter } = device.state;
  return {
    serial: device.serial,
    years: order.years,
    from: formatTime(from),
    to: formatTime(at),
    pressesPerDay: pressesOf(device, order),
    temperature: order.celsius,
    randomSeed: order.randomSeed,
    lived: { presses, codes },
    ...(device.parameters.type === 'event' ? { counter } : {}),
    lowSince: time(firstTime(points, ({ isLow }) => isLow)),
    emptySince: time(firstTime(points, ({ isEmpty }) => isEmpty)),
    state: device.state.state,
    ...conditionJson(device, at),
    ...(picture === undefined ? {} : { picture }),
  };
}

function lifeLines(life: Life, order: Order, picture: string | undefined): string[] {
  const { device, from, points, presses, codes } = life;
  const low = firstTime(points, ({ isLow, isEmpty }) => isLow && !isEmpty);
  const empty = firstTime(points, ({ isEmpty }) => isEmpty);
  const counter = device.parameters.type === 'event' ? String(device.state.counter) : undefined;
  return [
    `${device.serial} has ${yearsText(order.years)} behind it, since ${dateText(from)}: ` +
      `${counted(presses)} presses, ${counted(codes)} codes.`,
    ...listed([
      ...conditionRows(device, device.state.asOf),
      ['counter', counter],
      ['low', low === null ? undefined : `first on ${dateText(low)}`],
      ['empty', empty === null ? undefined : `since ${dateText(empty)}`],
    ]),
    `Its clock was right when it was made. The same life again: --random-seed ${order.randomSeed}`,
    ...(picture === undefined ? [] : [`Drew its life: ${picture}`]),
    ...(isOver(device) ? [`It is ${device.state.state} now: fewer years leave it alive.`] : []),
  ];
}

const counted = (value: number): string => value.toLocaleString('en-US');
const dateText = (at: UnixMillis): string => formatTime(at).slice(0, 10);
const degreesText = (celsius: number): string => String(celsius).replace('-', '−');
const yearsText = (years: number): string => (years === 1 ? 'a year' : `${years} years`);

function usedMeanwhile({ serial }: Device): FobtwinError {
  return new FobtwinError('notAllowedNow', `${serial} was used while it was being aged`, {
    nextStep: 'Nothing was changed: try again.',
  });
}

function interrupted({ serial }: Device): FobtwinError {
  return new FobtwinError('unavailable', `Interrupted: ${serial} was not aged`, {
    nextStep: 'Start it again when it may run to its end.',
  });
}

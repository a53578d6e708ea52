import { createHash } from 'node:crypto';
import { capacityOf } from '../../emulator/device/cell.ts';
import { rateAt } from '../../emulator/device/crystal.ts';
import { createDevice } from '../../emulator/device/device.ts';
import { createPhysique, IDEAL_PHYSIQUE } from '../../emulator/device/factory.ts';
import { type LifeMoment, type LifePlan, liveThrough } from '../../emulator/device/life.ts';
import type { Device } from '../../emulator/device/types.ts';
import { AMBIENT_CELSIUS, YEAR_MILLIS } from '../../firmware-spec/physics.ts';
import { C30 } from '../../firmware-spec/profiles/c30.ts';
import { C60 } from '../../firmware-spec/profiles/c60.ts';
import { E6 } from '../../firmware-spec/profiles/e6.ts';
import type { Profile } from '../../firmware-spec/profiles/profile.ts';
import { createOtp } from '../../shared/otp.ts';
import { seededRng } from '../../shared/rng.ts';
import type { Seed, Serial, UnixMillis } from '../../shared/types.ts';
import { nodeCrypto } from '../support/node-crypto.ts';
import { table } from './report.ts';

const ENV = { otp: createOtp(nodeCrypto) };
const MADE_AT = Date.UTC(2026, 0, 1) as UnixMillis;
const DAY_SECONDS = 86_400;

/** Years that a fob lives at so many presses a day: with a slim cell and with a thick one. */
export const LIFE_TABLES: readonly {
  readonly profile: Profile;
  readonly rows: readonly (readonly [pressesPerDay: number, years: number])[];
}[] = [
  {
    profile: C30,
    rows: [
      [0, 5.2],
      [1, 5.0],
      [3, 4.7],
      [5, 4.4],
      [8, 4.0],
      [10, 3.8],
      [20, 3.0],
      [30, 2.5],
      [50, 1.8],
    ],
  },
  {
    profile: C60,
    rows: [
      [0, 5.0],
      [5, 4.3],
      [10, 3.7],
      [20, 2.9],
    ],
  },
];

/** Swivel's event fob: so many presses in so many years. */
export const PRESSES_AND_YEARS = { presses: 14_000, years: 4 } as const;

/** An untrimmed crystal of -0.034 ppm a square degree about 25: seconds a day. */
export const DRIFT_TABLE: readonly (readonly [celsius: number, secondsPerDay: number])[] = [
  [25, 0],
  [10, -0.66],
  [40, -0.66],
  [0, -1.84],
  [50, -1.84],
  [-20, -6.0],
  [70, -6.0],
];

/** Ten years at ten presses a day, the cell kept fresh, codes included: seconds of processor. */
export const DECADE_SECONDS_MAX = 1;

/** How a nominal device lived at 25 degrees until its cell was empty. */
export function lifeOf(
  profile: Profile,
  pressesPerDay: number,
): { readonly years: number; readonly presses: number } {
  const life = liveThrough(
    nominal(profile),
    {
      until: (MADE_AT + 8 * YEAR_MILLIS) as UnixMillis,
      pressesPerDay,
      celsius: { min: AMBIENT_CELSIUS, max: AMBIENT_CELSIUS },
      rng: seededRng(1),
    },
    ENV,
  );
  for (const { device, presses } of life) {
    if (device.state.state === 'dead') return { years: yearsOf(device), presses };
  }
  throw new Error(`a ${profile.name} pressed ${pressesPerDay} times a day outlived eight years`);
}

export function driftSecondsPerDay(celsius: number): number {
  const physique = { ...IDEAL_PHYSIQUE, parabolicPpm: C30.crystal.parabolicPpm };
  return (rateAt({ ...nominal(C30), physique }, celsius, MADE_AT) * DAY_SECONDS) / 1e6;
}

/** A decade with all its codes; the same random seed gives the same hash. */
export function liveDecade(randomSeed: number): {
  readonly hash: string;
  readonly codes: number;
  readonly processorSeconds: number;
} {
  const hash = createHash('sha256');
  const rng = seededRng(randomSeed);
  const device = nominal(C30, createPhysique(C30, rng, 'trimmed'));
  const plan: LifePlan = {
    until: (MADE_AT + 10 * YEAR_MILLIS) as UnixMillis,
    pressesPerDay: 10,
    celsius: { min: 15, max: 35 },
    rng,
    keepCellFresh: true,
    onCode: ({ seed, state, parameters }) =>
      hash.update(ENV.otp.code(seed, state.shownFactor ?? 0, parameters)),
  };
  const begun = process.cpuUsage();
  let last: LifeMoment | undefined;
  for (last of liveThrough(device, plan, ENV)) hash.update(String(last.device.state.offsetMillis));
  const { user, system } = process.cpuUsage(begun);
  hash.update(JSON.stringify(last?.device.state));
  const processorSeconds = (user + system) / 1e6;
  return { hash: hash.digest('hex'), codes: last?.codes ?? 0, processorSeconds };
}

/** Prints the device's physics beside the figures it is to give. */
export async function benchDevice(write: (text: string) => void): Promise<void> {
  for (const { profile, rows } of LIFE_TABLES) {
    const lines = rows.map(([pressesPerDay, years]) => {
      const lived = lifeOf(profile, pressesPerDay);
      const total = lived.presses.toLocaleString('en-US');
      return [String(pressesPerDay), ...beside(years, lived.years, 2), total];
    });
    const head = ['presses a day', 'years: given', 'simulated', 'off by', 'presses'];
    const milliamps = capacityOf(profile, IDEAL_PHYSIQUE) / 1000;
    write(`${profile.name}, ${profile.cell.model} of ${milliamps} mAh, at 25 °C\n\n`);
    write(`${table(head, lines)}\n\n`);
  }
  const { presses, years } = PRESSES_AND_YEARS;
  const fob = lifeOf(E6, presses / years / 365.25);
  const pair = [
    ['years', ...beside(years, fob.years, 2)],
    ['presses', ...beside(presses, fob.presses, 0)],
  ];
  write(`e6, pressed ${(presses / years / 365.25).toFixed(2)} times a day\n\n`);
  write(`${table(['', 'given', 'simulated', 'off by'], pair)}\n\n`);
  const drift = DRIFT_TABLE.map(([celsius, given]) => [
    String(celsius),
    ...beside(given, driftSecondsPerDay(celsius), 3),
  ]);
  write(`${table(['°C', 's a day: given', 'simulated', 'off by'], drift)}\n\n`);
  writeDecades(write);
}

function writeDecades(write: (text: string) => void): void {
  const [first, again, other] = [liveDecade(1), liveDecade(1), liveDecade(2)];
  const rows = [first, again, other].map(({ hash, codes, processorSeconds }, place) => [
    place < 2 ? '1' : '2',
    processorSeconds.toFixed(2),
    String(codes),
    hash.slice(0, 16),
  ]);
  const head = ['random seed', 'processor seconds', 'codes', 'SHA-256 of codes and clock'];
  write(`Ten years at ten presses a day, the cell kept fresh\n\n${table(head, rows)}\n\n`);
  const same = first.hash === again.hash && first.hash !== other.hash;
  write(`The same seed gives the same bytes: ${same ? 'held' : 'MISSED'}. `);
  const fastest = Math.min(first.processorSeconds, again.processorSeconds, other.processorSeconds);
  write(`Under ${DECADE_SECONDS_MAX} s: ${fastest < DECADE_SECONDS_MAX ? 'held' : 'MISSED'}.\n`);
}

/** A given figure, the simulated one, and how far that is off in per cent of the given. */
function beside(given: number, simulated: number, decimals: number): string[] {
  const off = given === 0 ? simulated * 100 : ((simulated - given) / given) * 100;
  const sign = off < 0 ? '−' : '+';
  return [String(given), simulated.toFixed(decimals), `${sign}${Math.abs(off).toFixed(1)} %`];
}

function nominal(profile: Profile, physique = IDEAL_PHYSIQUE): Device {
  const seed = new TextEncoder().encode('12345678901234567890') as Seed;
  return createDevice({ serial: 'BENCH' as Serial, profile, seed, physique, at: MADE_AT });
}

function yearsOf({ state, madeAt }: Device): number {
  return (state.asOf - madeAt) / YEAR_MILLIS;
}

import { readFile } from 'node:fs/promises';
import { normal } from '../../shared/rng.ts';
import type { TimeParameters } from '../../shared/types.ts';
import { seededUniform } from '../support/seeded-uniform.ts';
import {
  type Follower,
  RIVALS,
  WINDOW_POLICIES,
  type WindowPolicy,
} from './prediction-policies.ts';
import { table } from './report.ts';

/**
 * How often each way to choose a window refuses good codes, how many two-code resyncs it needs and
 * how many codes it accepts, on simulated crystals over years of use. Every policy sees the same
 * tokens, logins and typing (paired random seeds); intervals are over tokens, 95 %.
 */

type Span = readonly [least: number, most: number];

interface Population {
  readonly randomSeed: number;
  readonly years: number;
  readonly stepSeconds: number;
  readonly crystal: Readonly<
    Record<
      | 'trimPpm'
      | 'trimPpmMax'
      | 'turnoverCelsius'
      | 'turnoverDeviation'
      | 'parabolicPpm'
      | 'ageingPpm',
      number
    >
  >;
  readonly climates: Readonly<Record<string, Climate>>;
  readonly typing: Readonly<Record<'medianSeconds' | 'logDeviation' | 'tailSeconds', number>>;
  readonly retrySeconds: Span;
  readonly patterns: Readonly<
    Record<string, { readonly tokens: number; readonly gapDays: Span; readonly shelfDays: Span }>
  >;
}

type Climate = Readonly<
  Record<'meanCelsius' | 'meanDeviation' | 'seasonCelsius' | 'weekCelsius', number>
>;

const DAY_SECONDS = 86_400;
const WEEK_DAYS = 7;
const START_SECONDS = 1_767_225_600;

interface Random {
  uniform(): number;
  bytes(): never;
}

const between = ({ uniform }: Random, [least, most]: Span): number =>
  least + uniform() * (most - least);

/** Device time less true time at each week since programming, in seconds. */
function driftOf(random: Random, weeks: number, { crystal }: Population, climate: Climate) {
  const trim = normal(random) * crystal.trimPpm;
  const ppm = Math.min(crystal.trimPpmMax, Math.max(-crystal.trimPpmMax, trim));
  const turnover = crystal.turnoverCelsius + normal(random) * crystal.turnoverDeviation;
  const ageing = (2 * random.uniform() - 1) * crystal.ageingPpm;
  const mean = climate.meanCelsius + normal(random) * climate.meanDeviation;
  const phase = random.uniform() * 2 * Math.PI;
  const offsets = new Float64Array(weeks + 1);
  for (let week = 0; week < weeks; week += 1) {
    const season = climate.seasonCelsius * Math.sin(phase + (2 * Math.PI * week) / 52.18);
    const celsius = mean + season + normal(random) * climate.weekCelsius;
    const years = week / 52.18;
    const aged = ageing * (Math.log1p(years * 10) / Math.log(11));
    const rate = ppm + crystal.parabolicPpm * (celsius - turnover) ** 2 + aged;
    offsets[week + 1] = (offsets[week] ?? 0) + (rate * WEEK_DAYS * DAY_SECONDS) / 1e6;
  }
  return (days: number): number => {
    const week = Math.min(weeks - 1, Math.floor(days / WEEK_DAYS));
    const [from, to] = [offsets[week] ?? 0, offsets[week + 1] ?? 0];
    return from + (to - from) * (days / WEEK_DAYS - week);
  };
}

/** One token under one policy: what it cost. */
interface Count {
  logins: number;
  refused: number;
  resyncs: number;
  codes: number;
}

/** Server's seconds when a code arrived, and the step whose code it was. */
interface Arrival {
  readonly at: number;
  readonly step: number;
}

interface Login extends Arrival {
  /** The code that is tried when this one was refused, and the second of the pair after that. */
  readonly again: Arrival;
  readonly proof: Arrival;
}

/** Everything that happens to one token, the same for every policy. */
function lifeOf(random: Random, population: Population, pattern: string, climate: Climate) {
  const { gapDays, shelfDays } = population.patterns[pattern] ?? {
    gapDays: [1, 1],
    shelfDays: [1, 1],
  };
  const shelf = between(random, shelfDays);
  const days = population.years * 365.25;
  const drift = driftOf(random, Math.ceil((shelf + days) / WEEK_DAYS) + 2, population, climate);
  const { typing, stepSeconds, retrySeconds } = population;
  const arrival = (readSeconds: number) => {
    const delay = typing.medianSeconds * Math.exp(normal(random) * typing.logDeviation);
    const device = readSeconds + drift(shelf + (readSeconds - START_SECONDS) / DAY_SECONDS);
    const at = readSeconds + Math.min(typing.tailSeconds, delay);
    return { at, step: Math.floor(device / stepSeconds) };
  };
  const logins: Login[] = [];
  const first = arrival(START_SECONDS);
  for (let day = between(random, gapDays); day < days; day += between(random, gapDays)) {
    const read = START_SECONDS + day * DAY_SECONDS;
    const wait = between(random, retrySeconds);
    const login = arrival(read);
    const again = arrival(read + wait);
    logins.push({ ...login, again, proof: arrival(read + wait + 60) });
  }
  return { first, logins };
}

function countOf(follower: Follower, life: ReturnType<typeof lifeOf>): Count {
  const count: Count = { logins: 0, refused: 0, resyncs: 0, codes: 0 };
  follower.proven(life.first.step, life.first.at * 1000);
  let last = life.first.step;
  const accepts = ({ at, step }: Arrival): boolean => {
    const [from, to] = follower.window(at * 1000);
    return step >= from && step <= to;
  };
  for (const login of life.logins) {
    // A second login inside one step is refused as a replay by every policy: not counted.
    if (login.step <= last) continue;
    const [from, to] = follower.window(login.at * 1000);
    count.logins += 1;
    count.codes += Math.max(0, to - Math.max(from, last + 1) + 1);
    let accepted: Arrival | undefined = accepts(login) ? login : undefined;
    if (accepted === undefined) {
      count.refused += 1;
      accepted = accepts(login.again) ? login.again : undefined;
      if (accepted === undefined) count.refused += 1;
    }
    if (accepted !== undefined) {
      follower.accepted(accepted.step, accepted.at * 1000);
      last = accepted.step;
    } else {
      count.resyncs += 1;
      follower.proven(login.proof.step, login.proof.at * 1000);
      last = login.proof.step;
    }
  }
  return count;
}

/** Sums over tokens, and the spread between them. */
class Tally {
  tokens = 0;
  readonly sums: Count = { logins: 0, refused: 0, resyncs: 0, codes: 0 };
  #squares = 0;

  add(count: Count): void {
    this.tokens += 1;
    this.sums.logins += count.logins;
    this.sums.refused += count.refused;
    this.sums.resyncs += count.resyncs;
    this.sums.codes += count.codes;
    this.#squares += count.refused ** 2;
  }

  get codes(): number {
    return this.sums.codes / this.sums.logins;
  }

  /** Good codes refused a thousand logins, and half its 95 % interval. */
  get refused(): readonly [rate: number, half: number] {
    const { logins, refused } = this.sums;
    const mean = refused / this.tokens;
    const variance = Math.max(0, this.#squares / this.tokens - mean ** 2);
    const scale = (1000 * this.tokens) / logins;
    return [mean * scale, 1.96 * Math.sqrt(variance / this.tokens) * scale];
  }

  resyncsPerThousandYears(years: number): number {
    return (1000 * this.sums.resyncs) / (this.tokens * years);
  }
}

type Tallies = ReadonlyMap<WindowPolicy, Tally>;

function talliesOf(population: Population, pattern: string, climate: Climate): Tallies {
  const parameters: TimeParameters = {
    ...{ type: 'time', algorithm: 'SHA1', digits: 6 },
    stepSeconds: population.stepSeconds,
  };
  const tallies = new Map<WindowPolicy, Tally>(
    [...WINDOW_POLICIES, ...RIVALS].map((policy) => [policy, new Tally()]),
  );
  const { tokens } = population.patterns[pattern] ?? { tokens: 0 };
  for (let token = 0; token < tokens; token += 1) {
    const uniform = seededUniform(population.randomSeed + token);
    const random: Random = {
      uniform,
      bytes: () => {
        throw new Error('no bytes are drawn here');
      },
    };
    const life = lifeOf(random, population, pattern, climate);
    for (const [policy, tally] of tallies) tally.add(countOf(policy.follow(parameters), life));
  }
  return tallies;
}

const short = (value: number): string =>
  value === 0
    ? '0'
    : value < 0.01
      ? value.toFixed(4)
      : value < 10
        ? value.toFixed(2)
        : value.toFixed(0);

function cellOf(tally: Tally, years: number): string {
  const [rate, half] = tally.refused;
  const resyncs = short(tally.resyncsPerThousandYears(years));
  return `${short(rate)} ±${short(half)} / ${resyncs} / ${tally.codes.toFixed(1)}`;
}

/** fobd against the best last-offset window that accepts at least as many codes on the mean. */
function verdictOf(tallies: Tallies): string {
  const ours = [...tallies].find(([{ name }]) => name.startsWith('fobd'))?.[1];
  const fitting = RIVALS.flatMap((policy) => {
    const tally = tallies.get(policy);
    return tally !== undefined && ours !== undefined && tally.codes >= ours.codes
      ? [{ name: policy.name, refused: tally.refused[0], codes: tally.codes }]
      : [];
  });
  const fewest = Math.min(...fitting.map(({ codes }) => Math.round(codes)));
  const best = fitting
    .filter(({ codes }) => Math.round(codes) === fewest)
    .sort((a, b) => a.refused - b.refused)[0];
  if (best === undefined || ours === undefined) return 'none has as many';
  const name = best.name.split(' ')[0] ?? '';
  const share = ours.refused[0] === 0 ? 'none' : `1/${short(best.refused / ours.refused[0])}`;
  return `${short(best.refused)} by ${name}: ${share}`;
}

export async function benchPrediction(write: (text: string) => void): Promise<void> {
  const file = new URL('../../firmware-spec/vectors/prediction.json', import.meta.url);
  const population = JSON.parse(await readFile(file, 'utf8')) as Population;
  for (const [name, climate] of Object.entries(population.climates)) {
    const patterns = Object.keys(population.patterns);
    const columns = patterns.map((pattern) => {
      write(`${name}, ${pattern} …\n`);
      return talliesOf(population, pattern, climate);
    });
    const rows = WINDOW_POLICIES.map((policy) => [
      policy.name,
      ...columns.map((tallies) => cellOf(tallies.get(policy) ?? new Tally(), population.years)),
    ]);
    rows.push([
      'the best last-offset window of as many codes; fobd refuses',
      ...columns.map(verdictOf),
    ]);
    write(
      `\nClimate: ${name}. Good codes refused per 1,000 logins (95 %) / resyncs per 1,000 ` +
        'token-years / codes that would be accepted, mean\n\n' +
        `${table([name, ...patterns], rows)}\n\n`,
    );
  }
}

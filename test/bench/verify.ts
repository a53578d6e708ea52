import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { LoadOptions, LoadResult } from './http-load.ts';
import { populate } from './populate.ts';
import { median, spread, table } from './report.ts';

/**
 * `POST /v1/verify` beside bare Koa echoing the same body: whole processes, the servers pinned to
 * one core and the load to another. All are started and warmed up first (the just-in-time compiler
 * shares that one core, so it takes a while); then they take turns, one at work at a time.
 */

const RUNS = 5;
const CONNECTIONS = 64;
const WARM_UP_MILLIS = 20_000;
const LEAD_MILLIS = 1000;
/** Long enough for what comes once in ten seconds, such as a collection of the whole heap. */
const MILLIS = 10_000;
const SIZES = [1000, 100_000] as const;
/** In the order of the report: what is asked for comes first. */
const SERVED = [
  { tokens: SIZES[0], logs: false },
  { tokens: SIZES[1], logs: false },
  { tokens: SIZES[0], logs: true },
] as const;

interface System {
  readonly name: string;
  readonly tokens: number;
  readonly apiKey: string;
  readonly expected: string;
  readonly start: () => Promise<Started>;
  readonly rates: number[];
  firstCounter: number;
}

interface Started {
  readonly port: number;
  readonly child: ChildProcess;
}

const pinned = (core: number, args: readonly string[]) =>
  ['taskset', ['-c', String(core), process.execPath, ...args]] as const;

/** @param logFile where it logs to; default: as this process */
async function startPinned(args: readonly string[], logFile?: string) {
  const [command, all] = pinned(0, args);
  const log = logFile === undefined ? undefined : await open(logFile, 'w');
  const child = spawn(command, all, { stdio: ['ignore', 'pipe', log?.fd ?? 'inherit'] });
  await log?.close();
  const { stdout } = child;
  if (stdout === null) throw new Error('no pipe');
  for await (const line of createInterface({ input: stdout })) {
    const { address } = JSON.parse(line) as { address: string };
    stdout.resume();
    return { port: Number(new URL(address).port), child };
  }
  throw new Error(`${args[0] ?? ''} ended before it listened`);
}

async function load(options: LoadOptions): Promise<LoadResult> {
  const [command, args] = pinned(1, [
    '--import',
    'tsx',
    'test/bench/http-load.ts',
    JSON.stringify(options),
  ]);
  const { stdout } = await promisify(execFile)(command, args);
  return JSON.parse(stdout) as LoadResult;
}

/** One spell of load; the rate counts when it is over. */
async function spell(system: System, { port }: Started, warmUpMillis: number, millis: number) {
  const result = await load({
    port,
    apiKey: system.apiKey,
    connections: CONNECTIONS,
    tokens: system.tokens,
    firstCounter: system.firstCounter,
    warmUpMillis,
    millis,
    expected: system.expected,
  });
  if (result.wrongAnswers > 0) {
    throw new Error(`${system.name}: ${result.wrongAnswers} answers were not as they should be`);
  }
  system.firstCounter = result.nextCounter;
  return result.requestsPerSecond;
}

async function measureAll(systems: readonly System[], write: (text: string) => void) {
  const started = new Map<System, Started>();
  try {
    for (const system of systems) started.set(system, await system.start());
    for (const [system, server] of started) {
      write(`warming up: ${system.name}\n`);
      await spell(system, server, 0, WARM_UP_MILLIS);
    }
    for (let run = 1; run <= RUNS; run += 1) {
      for (const [system, server] of started) {
        const rate = await spell(system, server, LEAD_MILLIS, MILLIS);
        system.rates.push(rate);
        write(`run ${run} of ${RUNS}: ${system.name}: ${rate.toFixed(0)}/s\n`);
      }
    }
  } finally {
    for (const { child } of started.values()) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  }
}

export async function benchVerify(write: (text: string) => void): Promise<void> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'fobtwin-bench-'));
  try {
    const bare: System = {
      name: 'bare Koa, JSON echo',
      tokens: SIZES[0],
      apiKey: 'none',
      expected: '"serial"',
      start: () => startPinned(['--import', 'tsx', 'test/bench/bare-koa.ts']),
      rates: [],
      firstCounter: 0,
    };
    const systems = [bare];
    for (const [place, { tokens, logs }] of SERVED.entries()) {
      write(`making ${tokens.toLocaleString('en-US')} tokens\n`);
      const data = path.join(directory, String(place));
      const { apiKey } = await populate(data, tokens);
      const logging = logs ? ['--log-requests'] : ['--log-level', 'warn'];
      const serve = ['dist/fobd.js', 'serve', '--data', data, '--port', '0', '--json'];
      systems.push({
        name: `fobd verify, ${tokens.toLocaleString('en-US')} tokens${logs ? ', request log' : ''}`,
        tokens,
        apiKey,
        expected: '"accepted":true',
        start: () => startPinned([...serve, ...logging], logs ? `${data}.log` : undefined),
        rates: [],
        firstCounter: 0,
      });
    }
    await measureAll(systems, write);
    write(`\n${report(systems, bare)}\n`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Ratios are taken within a run, then their median. */
function report(systems: readonly System[], bare: System): string {
  const ratios = (system: System, to: System) =>
    system.rates.map((rate, run) => rate / (to.rates[run] ?? Number.NaN));
  const rows = systems.map((system) => [
    system.name,
    spread(system.rates),
    spread(ratios(system, bare), 2),
  ]);
  const [, small, large] = systems;
  const lines = [table(['system', 'requests/s, median (spread)', 'x bare Koa'], rows)];
  if (small !== undefined && large !== undefined) {
    const factor = median(ratios(large, small));
    lines.push(`\n100,000 tokens against 1,000: ${factor.toFixed(2)} (at least 0.80 is asked)`);
    lines.push(
      `verify against bare Koa: ${median(ratios(small, bare)).toFixed(2)} (at least 0.60 is asked)`,
    );
  }
  return lines.join('\n');
}

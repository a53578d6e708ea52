import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { freeUdpPort } from '../support/free-udp-port.ts';
import { startFreeRadius } from './freeradius.ts';
import { populate } from './populate.ts';
import { benchSeed } from './population.ts';
import type { RadiusLoadOptions, RadiusLoadResult } from './radius-load.ts';
import { median, spread, table } from './report.ts';

/**
 * RADIUS accepts of fobd (event tokens, a code alone, each accept durable and replay-safe) beside
 * FreeRADIUS with rlm_totp, and beside what Node alone takes for what every such accept needs
 * (radius-floor.ts), which bounds what fobd can reach: whole processes, the servers pinned to one
 * core and the load to another. All are warmed up first; then they take turns, one at work at a
 * time.
 */

const RUNS = 5;
const IN_FLIGHT = 64;
const TOKENS = 4096;
const WARM_UP_MILLIS = 20_000;
const LEAD_MILLIS = 1000;
const MILLIS = 4000;
const SERVER_CORE = 0;
const LOAD_CORE = 1;
const SECRET = 'secret-of-the-benchmark';
const WANTED_RATIO = 0.25;

interface System {
  readonly name: string;
  readonly codes: RadiusLoadOptions['codes'];
  readonly start: () => Promise<{ readonly port: number; readonly child: ChildProcess }>;
  readonly rates: number[];
  readonly busy: number[];
  /** Microseconds of the processor that an accept took of the server. */
  readonly cpuMicros: number[];
  firstCounter: number;
}

export async function benchRadius(write: (text: string) => void): Promise<void> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'fobtwin-bench-'));
  try {
    write(`making ${TOKENS.toLocaleString('en-US')} accounts with a token each\n`);
    const data = path.join(directory, 'data');
    await populate(data, TOKENS, { withAccounts: true });
    const of = (name: string, codes: System['codes'], start: System['start']): System => ({
      ...{ name, codes, start, rates: [], busy: [], cpuMicros: [] },
      firstCounter: 0,
    });
    const fobd = of('fobd, durable and replay-safe', 'fresh', () => startFobd(directory, data));
    const peer = of('FreeRADIUS, rlm_totp', 'current', () => startPeer(directory));
    const floor = of('Node alone, no server', 'fresh', () => startFloor(directory));
    await measure([fobd, peer, floor], write);
    write(`\n${report(fobd, peer, floor)}\n`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function startFobd(directory: string, data: string) {
  const file = path.join(directory, 'radius.json');
  const client = {
    ...{ name: 'bench', addresses: ['127.0.0.1'], secret: SECRET },
    ...{ mode: 'code', codeAlone: true, wrongCodesPerMinute: 1_000_000 },
  };
  await writeFile(file, JSON.stringify({ listen: [{ port: 0 }], clients: [client] }));
  const args = ['serve', '--data', data, '--port', '0', '--radius', file, '--log-level', 'info'];
  const command = ['-c', String(SERVER_CORE), process.execPath, 'dist/fobd.js', ...args];
  const child = spawn('taskset', command, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    const port = portIn(line);
    if (port === undefined) continue;
    child.stderr.resume();
    return { port, child };
  }
  throw new Error(`fobd ended before it listened: ${said.join('\n')}`);
}

/** Of the line that says where RADIUS is listened for. */
function portIn(line: string): number | undefined {
  if (!line.startsWith('{')) return undefined;
  const { listener, port } = JSON.parse(line) as { listener?: string; port?: number };
  return listener?.startsWith('radius') ? port : undefined;
}

async function startPeer(directory: string) {
  const place = path.join(directory, 'freeradius');
  await mkdir(place);
  const port = await freeUdpPort();
  const seed = benchSeed(0);
  const wishes = { directory: place, port, secret: SECRET, seed, core: SERVER_CORE };
  return { port, child: await startFreeRadius(wishes) };
}

async function startFloor(directory: string) {
  const args = ['--import', 'tsx', 'test/bench/radius-floor.ts', path.join(directory, 'floor')];
  const command = ['-c', String(SERVER_CORE), process.execPath, ...args, SECRET];
  const child = spawn('taskset', command, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    return { port: (JSON.parse(line) as { port: number }).port, child };
  }
  throw new Error('what Node takes alone ended before it listened');
}

async function measure(systems: readonly System[], write: (text: string) => void) {
  const started: { system: System; port: number; child: ChildProcess }[] = [];
  try {
    for (const system of systems) started.push({ system, ...(await system.start()) });
    for (const { system, port } of started) {
      write(`warming up: ${system.name}\n`);
      await spell(system, port, 0, WARM_UP_MILLIS);
    }
    for (let run = 1; run <= RUNS; run += 1) {
      for (const { system, port, child } of started) {
        const before = await cpuMicrosOf(child);
        const { accepts, acceptsPerSecond, busy } = await spell(system, port, LEAD_MILLIS, MILLIS);
        system.rates.push(acceptsPerSecond);
        system.busy.push(busy);
        system.cpuMicros.push(((await cpuMicrosOf(child)) - before) / accepts);
        write(`run ${run} of ${RUNS}: ${system.name}: ${acceptsPerSecond.toFixed(0)}/s\n`);
      }
    }
  } finally {
    for (const { child } of started) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
  }
}

/** Linux: user and system time, in hundredths of a second, are the 14th and 15th field. */
async function cpuMicrosOf({ pid }: ChildProcess): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'latin1')).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10_000;
}

async function spell(system: System, port: number, warmUpMillis: number, millis: number) {
  const { codes, firstCounter } = system;
  const options: RadiusLoadOptions = {
    ...{ port, secret: SECRET, inFlight: IN_FLIGHT, codes, tokens: TOKENS, firstCounter },
    ...{ warmUpMillis, millis },
  };
  const load = ['--import', 'tsx', 'test/bench/radius-load.ts', JSON.stringify(options)];
  const command = ['-c', String(LOAD_CORE), process.execPath, ...load];
  const { stdout } = await promisify(execFile)('taskset', command);
  const result = JSON.parse(stdout) as RadiusLoadResult;
  if (result.wrongAnswers > 0) {
    throw new Error(`${system.name}: ${result.wrongAnswers} wrong answers`);
  }
  system.firstCounter = result.nextCounter;
  return result;
}

/** Ratios are taken within a run, then their median. */
function report(fobd: System, peer: System, floor: System): string {
  const ratiosOf = ({ rates }: System) =>
    rates.map((rate, run) => rate / (peer.rates[run] ?? Number.NaN));
  const costsOf = ({ cpuMicros }: System) =>
    peer.cpuMicros.map((micros, run) => micros / (cpuMicros[run] ?? Number.NaN));
  const header = [
    ...['system', 'accepts/s, median (spread)', "µs of the server's core an accept"],
    "load generator's core",
  ];
  const rows = [fobd, peer, floor].map(({ name, rates, cpuMicros, busy }) => [
    ...[name, spread(rates), spread(cpuMicros, 1), spread(busy, 2)],
  ]);
  const bound = median(ratiosOf(fobd)).toFixed(2);
  return [
    table(header, rows),
    '',
    `fobd against rlm_totp: ${spread(ratiosOf(fobd), 2)} (at least ${WANTED_RATIO} is asked)`,
    `by the processor time that an accept takes: ${spread(costsOf(fobd), 2)}`,
    `Node alone, for what every accept needs: ${spread(ratiosOf(floor), 2)}, by the processor time`,
    `${spread(costsOf(floor), 2)}`,
    `${IN_FLIGHT} in flight, one core each. fobd's accepts are on disk before their reply, and a`,
    'code is accepted once. rlm_totp stores nothing and accepts replays: its load is one code,',
    'sent again and again. Node alone verifies, opens a seed, makes a code and a hash, writes to',
    'the disk and signs; it looks nothing up and refuses nothing. Where the generator takes its',
    `whole core, the server could do more: the ratio's median of ${bound} is then an upper bound.`,
  ].join('\n');
}

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { createClient } from '../../shared/client/client.ts';
import { createOtp } from '../../shared/otp.ts';
import { formatCsv } from '../../shared/seed-files/csv-format.ts';
import type { SeedFileEntry } from '../../shared/seed-files/entry.ts';
import { nodeCrypto } from '../support/node-crypto.ts';
import { seededUniform } from '../support/seeded-uniform.ts';
import { benchSeed, benchSerial } from './population.ts';
import { table } from './report.ts';
import { mannWhitneyZ, quantile, welchT } from './two-samples.ts';

/**
 * How long a wrong code takes for a serial or an account that exists and for one that does not, as
 * a caller with scope `verify` can measure it: over one connection, one request at a time, the
 * kinds in random order. Each name is asked once, so that hardly one has to wait: names that do not
 * exist share their counts, and those few answers are left out.
 *
 * Two halves of the known ones are compared as well: what they differ by is noise.
 */

const NAMES = 2_000;
const WARM_UP = 1_000;

interface Kind {
  readonly name: string;
  readonly bodyOf: (index: number) => object;
  readonly micros: number[];
}

const kindsOf = (): readonly Kind[] => [
  { name: 'known serial', bodyOf: (n) => ({ serial: benchSerial(n) }), micros: [] },
  { name: 'unknown serial', bodyOf: (n) => ({ serial: benchSerial(n + NAMES) }), micros: [] },
  { name: 'known account', bodyOf: (n) => ({ account: `bench-${n}` }), micros: [] },
  { name: 'unknown account', bodyOf: (n) => ({ account: `bench-${n + NAMES}` }), micros: [] },
];

/** Serials and accounts of the warm-up are nobody's. */
const warmUpBody = (n: number): object => ({ serial: `WARM-${n}` });

export async function benchTiming(write: (text: string) => void): Promise<void> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'fobtwin-bench-'));
  try {
    const data = path.join(directory, 'data');
    const { apiKey, administratorKey } = await stock(data);
    const { port, child } = await startFobd(data);
    const kinds = kindsOf();
    try {
      write(`registering ${NAMES} tokens\n\n`);
      await registerAll({ port, apiKey: administratorKey });
      await measure(kinds, { port, apiKey });
    } finally {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    write(`${report(kinds)}\n`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A data directory with so many stocked event tokens, and an application that may verify. */
async function stock(data: string) {
  const fobd = async (...args: string[]) => {
    const argv = ['dist/fobd.js', ...args, '--data', data, '--json'];
    const options = { maxBuffer: 64 * 1024 * 1024 };
    const { stdout } = await promisify(execFile)(process.execPath, argv, options);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const { administrator } = await fobd('init');
  const seedFile = `${data}.csv`;
  await writeFile(seedFile, formatCsv(entries()));
  await fobd('seed-file', 'import', seedFile);
  const { apiKey } = await fobd('application', 'add', 'bench', '--scope', 'verify');
  return {
    apiKey: String(apiKey),
    administratorKey: (administrator as { readonly apiKey: string }).apiKey,
  };
}

const PARAMETERS = { type: 'event', algorithm: 'SHA1', digits: 6 } as const;

function* entries(): Generator<SeedFileEntry> {
  for (let index = 0; index < NAMES; index += 1) {
    const serial = benchSerial(index);
    yield { serial, seed: benchSeed(index), parameters: PARAMETERS, nextCounter: 0 };
  }
}

/** As people do it: an account, its token, two codes. */
async function registerAll({ port, apiKey }: Target): Promise<void> {
  const otp = createOtp(nodeCrypto);
  const client = createClient({ baseUrl: `http://127.0.0.1:${port}`, fetch, apiKey });
  const register = async (index: number) => {
    const account = `bench-${index}`;
    const code = (counter: number) => otp.code(benchSeed(index), counter, PARAMETERS);
    await client.call('addAccount', { body: { id: account } });
    const { outcome } = await client.call('registerToken', {
      params: { serial: benchSerial(index) },
      body: { account, code1: code(0), code2: code(1) },
    });
    if (outcome !== 'accepted') throw new Error(`registering ${account} came to ${outcome}`);
  };
  for (let index = 0; index < NAMES; index += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, n) => register(index + n)));
  }
}

async function startFobd(data: string): Promise<{ port: number; child: ChildProcess }> {
  const argv = ['dist/fobd.js', 'serve', '--data', data, '--port', '0', '--log-level', 'warn'];
  const child = spawn(process.execPath, [...argv, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { address } = JSON.parse(line) as { address: string };
    child.stdout.resume();
    return { port: Number(new URL(address).port), child };
  }
  throw new Error('fobd ended before it listened');
}

interface Target {
  readonly port: number;
  readonly apiKey: string;
}

async function measure(kinds: readonly Kind[], target: Target): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (body: object, code: string) => verify({ ...body, code }, target, agent);
  try {
    for (let n = 0; n < WARM_UP; n += 1) await ask(warmUpBody(n), '000000');
    for (const { kind, index } of shuffled(kinds)) {
      const micros = await ask(kind.bodyOf(index), '100000');
      if (micros !== undefined) kind.micros.push(micros);
    }
  } finally {
    agent.destroy();
  }
}

/** Every name of every kind, once, in a random order that is the same in every run. */
function shuffled(kinds: readonly Kind[]) {
  const uniform = seededUniform(1);
  return kinds
    .flatMap((kind) => Array.from({ length: NAMES }, (_, index) => ({ kind, index })))
    .map((one) => ({ one, place: uniform() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ one }) => one);
}

/** Microseconds from the request to the whole answer; undefined for one that was throttled. */
function verify(body: object, { port, apiKey }: Target, agent: Agent): Promise<number | undefined> {
  const text = JSON.stringify(body);
  const headers = {
    'content-type': 'application/json',
    'content-length': text.length,
    authorization: `Bearer ${apiKey}`,
  };
  return new Promise((resolve, reject) => {
    const began = process.hrtime.bigint();
    const asked = request(
      { host: '127.0.0.1', port, method: 'POST', path: '/v1/verify', agent, headers },
      (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          answer += piece;
        });
        response.on('end', () => {
          const micros = Number(process.hrtime.bigint() - began) / 1000;
          if (answer === '{"accepted":false,"outcome":"wrongCode"}') resolve(micros);
          else if (answer.includes('"throttled"')) resolve(undefined);
          else reject(new Error(`an answer was ${response.statusCode} ${answer}`));
        });
      },
    );
    asked.on('error', reject);
    asked.end(text);
  });
}

function report(kinds: readonly Kind[]): string {
  const rows = kinds.map(({ name, micros }) => [
    name,
    String(micros.length),
    ...[0.05, 0.5, 0.95, 0.99].map((share) => quantile(micros, share).toFixed(0)),
  ]);
  const [serial, noSerial, account, noAccount] = kinds.map(({ micros }) => micros);
  const compare = (name: string, a: readonly number[] = [], b: readonly number[] = []) => [
    name,
    (quantile(a, 0.5) - quantile(b, 0.5)).toFixed(1),
    welchT(a, b).toFixed(2),
    mannWhitneyZ(a, b).toFixed(2),
  ];
  const even = serial?.filter((_, n) => n % 2 === 0);
  const odd = serial?.filter((_, n) => n % 2 === 1);
  const comparisons = [
    compare('serial: known, unknown', serial, noSerial),
    compare('account: known, unknown', account, noAccount),
    compare('noise: known serials, even, odd', even, odd),
  ];
  return [
    table(['a wrong code for', 'times', '5 % µs', 'median µs', '95 % µs', '99 % µs'], rows),
    '',
    table(['compared', 'medians apart, µs', "Welch's t", 'Mann-Whitney z'], comparisons),
    '',
    'Beyond 4.5 either way a figure tells the two apart; within it, so many requests do not.',
  ].join('\n');
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createOtp } from '../../shared/otp.ts';
import { nodeCrypto } from '../support/node-crypto.ts';
import { seededUniform } from '../support/seeded-uniform.ts';
import { PARAMETERS } from './populate.ts';
import { benchSeed, benchSerial } from './population.ts';
import { table } from './report.ts';
import { ASKING, PASSWORD, populateForTiming } from './timing-population.ts';
import {
  type Asked,
  type Case,
  POPULATION,
  type Question,
  questionsWith,
} from './timing-questions.ts';
import { mannWhitneyZ, quantile, welchT } from './two-samples.ts';

/**
 * How long what exists takes and what does not, as strangers can measure it: over one connection,
 * one request at a time, both in random order, each name once. A token or an account that exists is
 * in use (memory has its records) or not yet read since fobd was started (the disk has them).
 *
 * Two halves of what does not exist are compared as well: what they differ by is noise. Names that
 * do not exist share their counts: the few answers that make one wait are left out.
 */

/** Beyond it, either way, times tell the two apart. */
const BOUND = 4.5;

export async function benchTiming(write: (text: string) => void): Promise<void> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'fobtwin-bench-'));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const data = path.join(directory, 'data');
    write(`making ${POPULATION.tokens} tokens\n`);
    const keys = await populateForTiming(data, POPULATION);
    const { port, child } = await startFobd(data);
    const target = { port, agent };
    try {
      await useTokens(keys.verifying, target);
      const questions = questionsWith(keys, await signIn(keys.signingIn, target));
      for (const question of questions) {
        write(`asking: ${question.name}\n`);
        await measure(question, target);
      }
      write(`\n${report(questions)}\n`);
    } finally {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  } finally {
    agent.destroy();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Who asks ten thousand times in a minute is turned away otherwise, whatever he asks about. */
const UNLIMITED = { accountRequestsPerMinute: 0 };

async function startFobd(data: string): Promise<{ port: number; child: ChildProcess }> {
  const limits = `${data}-limits.json`;
  await writeFile(limits, JSON.stringify(UNLIMITED));
  const argv = ['dist/fobd.js', 'serve', '--data', data, '--port', '0', '--log-level', 'warn'];
  const child = spawn(process.execPath, [...argv, '--limits', limits, '--json'], {
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
  readonly agent: Agent;
}

/** A good code each. */
async function useTokens(key: string, target: Target): Promise<void> {
  const otp = createOtp(nodeCrypto);
  for (let index = 0; index < POPULATION.inUse; index += 1) {
    const code = otp.code(benchSeed(index), 0, PARAMETERS);
    const asked = { path: '/v1/verify', key, body: { serial: benchSerial(index), code } };
    const { text } = await send(asked, target);
    if (!text.startsWith('{"accepted":true')) throw new Error(`a good code came to ${text}`);
  }
}

async function signIn(key: string, target: Target): Promise<string> {
  const body = { user: ASKING, password: PASSWORD };
  const { text } = await send({ path: '/v1/sessions', key, body }, target);
  const { sessionToken } = JSON.parse(text) as { readonly sessionToken?: unknown };
  if (typeof sessionToken !== 'string') throw new Error(`signing in came to ${text}`);
  return sessionToken;
}

async function measure(question: Question, target: Target): Promise<void> {
  const { names, warmUp, known, unknown, isTold = false } = question;
  const cases = [...known, unknown];
  for (let n = names; n < names + warmUp; n += 1) {
    for (const { ask } of cases) await send(ask(n), target);
  }
  const answers = new Map<Case | Question, string>();
  for (const { one, n } of shuffled(cases, names)) {
    const { micros, text } = await send(one.ask(n), target);
    if (text.includes('"throttled"')) continue;
    const whose = isTold ? one : question;
    const expected = answers.get(whose) ?? text;
    answers.set(whose, expected);
    if (text !== expected) throw new Error(`${question.name}, ${one.name}: ${text}`);
    one.micros.push(micros);
  }
}

/** Every name of every kind, once, in a random order that is the same in every run. */
function shuffled(cases: readonly Case[], names: number) {
  const uniform = seededUniform(1);
  return cases
    .flatMap((one) => Array.from({ length: names }, (_, n) => ({ one, n, place: uniform() })))
    .toSorted((a, b) => a.place - b.place);
}

/** Microseconds from the request to the whole answer, which names no request. */
function send(
  { method = 'POST', path: where, key, body }: Asked,
  { port, agent }: Target,
): Promise<{ readonly micros: number; readonly text: string }> {
  const sent = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${key}`,
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
  };
  return new Promise((resolve, reject) => {
    const began = process.hrtime.bigint();
    const asked = request(
      { host: '127.0.0.1', port, method, path: where, agent, headers },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () => {
          const micros = Number(process.hrtime.bigint() - began) / 1000;
          resolve({ micros, text: text.replace(/"requestId":"[^"]*"/, '') });
        });
      },
    );
    asked.on('error', reject);
    asked.end(sent);
  });
}

function report(questions: readonly Question[]): string {
  const rows = questions.flatMap(({ name, known, unknown }) =>
    [...known, unknown].map((one) => [
      name,
      one.name,
      String(one.micros.length),
      ...[0.05, 0.5, 0.95].map((share) => quantile(one.micros, share).toFixed(0)),
    ]),
  );
  const comparisons = questions.flatMap(({ name, known, unknown: { micros } }) => [
    ...known.map((one) => compared(name, `${one.name}, unknown`, one.micros, micros)),
    compared(
      name,
      'noise: unknown, halves',
      micros.filter((_, n) => n % 2 === 0),
      micros.filter((_, n) => n % 2 === 1),
    ),
  ]);
  return [
    table(['asked', 'of what', 'times', '5 % µs', 'median µs', '95 % µs'], rows),
    '',
    table(['asked', 'compared', 'medians apart, µs', "Welch's t", 'Mann-Whitney z'], comparisons),
    '',
    `Beyond ${BOUND} either way z tells the two apart; within it, so many requests do not.`,
    'Whether a licence key was used is told, to who has it: its 120 random bits nobody guesses.',
  ].join('\n');
}

const compared = (name: string, pair: string, a: readonly number[], b: readonly number[]) => [
  name,
  pair,
  (quantile(a, 0.5) - quantile(b, 0.5)).toFixed(1),
  welchT(a, b).toFixed(2),
  mannWhitneyZ(a, b).toFixed(2),
];

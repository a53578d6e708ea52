import { mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { STORE_NAME } from '../../../server/data-directory/data-directory.ts';
import { formatCsv } from '../../../shared/seed-files/csv-format.ts';
import type { Serial } from '../../../shared/types.ts';
import { type DiskHistory, readDiskHistory } from '../../support/crash-images.ts';
import type { Peer } from '../../support/debian.ts';
import { fobd, serveInProcess } from '../../support/fobd-in-process.ts';
import { seededUniform } from '../../support/seeded-uniform.ts';
import { parseStrace, replyLines, type TracedCall } from '../../support/strace.ts';
import { LOG, type Sent } from './commits.ts';
import type { Acknowledgement } from './facts.ts';
import { Load, type Share } from './load.ts';
import { type Asking, addAccount, Caller, importTokens, registerToken } from './requests.ts';
import { accountOf, eventEntry, serialOf } from './tokens.ts';
import { serveTraced, type TracedFobd } from './traced-fobd.ts';

/** A data directory that is ready for the load. */
export interface Prepared {
  readonly data: string;
  readonly apiKey: string;
  readonly shares: readonly Share[];
  /** Every file as it was before fobd was traced. */
  readonly before: ReadonlyMap<string, Buffer>;
}

const SHARES = 12;
const TOKENS_A_SHARE = 3;
const STOCKED_A_SHARE = 12;
const SCOPES = [
  ...['verify', 'verify:detail', 'tokens:read', 'tokens:register'],
  ...['accounts:admin', 'seed-files:import'],
];

/** Makes it in `place`: tokens imported, some of them registered, and an application added. */
export async function prepare(place: string): Promise<Prepared> {
  await mkdir(place, { recursive: true });
  const data = path.join(await realpath(place), 'data');
  await run('init', '--data', data);
  const plans = Array.from({ length: SHARES }, (_, share) => planShare(share));
  const seedFile = path.join(place, 'tokens.csv');
  const all = plans.flatMap(({ used, stocked }) => [...used, ...stocked]);
  await writeFile(seedFile, formatCsv(all.map(eventEntry)));
  await run('seed-file', 'import', seedFile, '--data', data);
  const scopes = SCOPES.flatMap((scope) => ['--scope', scope]);
  const { apiKey } = JSON.parse(
    await run('application', 'add', 'load', ...scopes, '--data', data),
  ) as { apiKey: string };
  const shares = await registerThem(data, apiKey, plans);
  return { data, apiKey, shares, before: await readFiles(data) };
}

async function run(...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await fobd([...argv, '--json']);
  if (code !== 0) throw new Error(`fobd ${argv[0] ?? ''}: ${stderr}`);
  return stdout;
}

interface SharePlan {
  readonly name: string;
  readonly used: readonly Serial[];
  readonly stocked: readonly Serial[];
}

function planShare(share: number): SharePlan {
  const name = `SHARE${String(share).padStart(2, '0')}`;
  return {
    name,
    used: serialsOf(`${name}-U`, TOKENS_A_SHARE + 1),
    stocked: serialsOf(`${name}-S`, STOCKED_A_SHARE),
  };
}

const serialsOf = (prefix: string, length: number): Serial[] =>
  Array.from({ length }, (_, place) => serialOf(`${prefix}${place}`));

async function registerThem(
  data: string,
  apiKey: string,
  plans: readonly SharePlan[],
): Promise<Share[]> {
  const served = await serveInProcess(data);
  const caller = new Caller(served.address, apiKey);
  const asking = { caller, acknowledged: () => undefined };
  const register = async (serial: Serial) => {
    const account = accountOf(`of-${serial}`);
    await addAccount(account, asking);
    return registerToken(serial, account, asking);
  };
  const shares = await Promise.all(
    plans.map(async ({ name, used, stocked }): Promise<Share> => {
      const [battered, ...tokens] = await Promise.all(used.map(register));
      if (battered === undefined) throw new Error('a share has a token to batter');
      return { name, tokens, stocked: [...stocked], battered };
    }),
  );
  await caller.close();
  await served.stop();
  return shares;
}

async function readFiles(directory: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((found) => found.isFile())) {
    const file = path.join(entry.parentPath, entry.name);
    files.set(path.relative(directory, file), await readFile(file));
  }
  return files;
}

/** One run of fobd under strace with all that was acknowledged in it. */
export interface TracedRun {
  readonly data: string;
  readonly apiKey: string;
  readonly before: Prepared['before'];
  readonly calls: readonly TracedCall[];
  readonly history: DiskHistory;
  /** In the order in which they were sent. */
  readonly sent: readonly Sent[];
}

export interface RunOptions {
  readonly strace: Peer;
  /** What every part of the load does follows from it. */
  readonly seed: number;
  /** The load ends with the first acknowledgement after so many. */
  readonly acknowledgements: number;
  /** How fobd ends, in the middle of the load. */
  readonly end: 'SIGKILL' | 'SIGTERM';
  /**
   * Whether files of tokens are imported from half of the acknowledgements on, until LevelDB has
   * gone on to another log and removed the one before; the load then ends with the first
   * acknowledgement after `acknowledgements` and `AFTER_IMPORTS` more. Default false.
   */
  readonly untilNextLog?: boolean;
}

/** Runs the load on a data directory made in `place`, from many connections at once. */
export async function runTraced(place: string, options: RunOptions): Promise<TracedRun> {
  const { data, apiKey, shares, before } = await prepare(place);
  const traced = await serveTraced(data, {
    strace: options.strace,
    traceFile: path.join(place, 'trace'),
  });
  const caller = new Caller(traced.address, apiKey);
  const told = await loadUntilItEnds(shares, { data, caller, traced, ...options })
    .catch((error: unknown) => {
      traced.signal('SIGKILL');
      throw error;
    })
    .finally(() => caller.close());
  const { trace, end } = await traced.ended;
  const expected = options.end === 'SIGTERM' ? 0 : options.end;
  if (end !== expected) throw new Error(`fobd ended with ${end}`);
  const calls = parseStrace(trace);
  return {
    ...{ data, apiKey, before, calls },
    history: readDiskHistory({ calls, before, directory: data }),
    sent: inOrderSent(told, replyLines(calls)),
  };
}

/** As long as a serial may be with its number, so that few tokens make much to write. */
const bulkPrefix = (file: number): string =>
  `BULK${String(file).padStart(2, '0')}-`.padEnd(58, 'X');

const BULK_TOKENS = 6000;
/** Several times what LevelDB gathers. */
const BULK_FILES_MAX = 40;
/** Acknowledgements between the last import and the end. */
const AFTER_IMPORTS = 100;

interface Running extends RunOptions {
  readonly data: string;
  readonly caller: Caller;
  readonly traced: TracedFobd;
}

/** Imports until LevelDB has removed every log that there was when it began. */
async function importUntilNextLog(data: string, asking: Asking): Promise<void> {
  const store = path.join(data, STORE_NAME);
  const logs = async () => (await readdir(store)).filter((name) => LOG.test(name));
  const before = await logs();
  if (before.length === 0) throw new Error('LevelDB has no log');
  for (let file = 0; file < BULK_FILES_MAX; file += 1) {
    await importTokens(serialsOf(bulkPrefix(file), BULK_TOKENS), asking);
    const now = await logs();
    if (!before.some((name) => now.includes(name))) return;
  }
  throw new Error(`LevelDB kept its log while ${BULK_FILES_MAX} files were imported`);
}

async function loadUntilItEnds(
  shares: readonly Share[],
  { data, caller, traced, seed, acknowledgements, end, untilNextLog = false }: Running,
): Promise<readonly Acknowledgement[]> {
  const told: Acknowledgement[] = [];
  const asking: Asking = { caller, acknowledged: (one) => told.push(one) };
  let importing: Promise<void> | undefined;
  let endsAt = untilNextLog ? Number.POSITIVE_INFINITY : acknowledgements;
  let ending = false;
  const afterStep = (): void => {
    if (untilNextLog && importing === undefined && told.length >= acknowledgements / 2) {
      importing = importUntilNextLog(data, asking).then(() => {
        endsAt = Math.max(acknowledgements, told.length + AFTER_IMPORTS);
      });
    }
    if (ending || told.length < endsAt) return;
    ending = true;
    traced.signal(end);
  };
  const work = async (share: Share, place: number): Promise<void> => {
    const load = new Load(share, { ...asking, uniform: seededUniform(seed + place) });
    try {
      for (let step = 0; step < STEPS_MAX; step += 1) {
        await load.step();
        afterStep();
      }
    } catch (error) {
      if (!ending || !isCutOff(error)) throw error;
    }
  };
  await Promise.all(shares.map(work));
  await importing;
  if (!ending) throw new Error(`the load ended after ${told.length} acknowledgements`);
  return told;
}

/** Far more than it takes, for each share. */
const STEPS_MAX = 10_000;

const CUT_OFF = new Set(['UND_ERR_SOCKET', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

/** Whether that is how a caller learns that fobd has ended. */
const isCutOff = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && CUT_OFF.has(String(error.code));

function inOrderSent(told: readonly Acknowledgement[], lines: ReadonlyMap<string, number>): Sent[] {
  return told
    .map((acknowledgement) => {
      const line = lines.get(acknowledgement.requestId);
      if (line === undefined) throw new Error(`${acknowledgement.requestId} is not in the trace`);
      return { ...acknowledgement, line };
    })
    .toSorted((a, b) => a.line - b.line);
}

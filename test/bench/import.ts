import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { seedFileCrypto } from '../../server/http/seed-file-crypto.ts';
import { type Client, createClient } from '../../shared/client/client.ts';
import { writeCsv } from '../../shared/seed-files/csv-format.ts';
import type { SeedFileEntry } from '../../shared/seed-files/entry.ts';
import { formatKeyHeader, type SeedFileKey } from '../../shared/seed-files/key.ts';
import { writePskc } from '../../shared/seed-files/pskc-writer.ts';
import { benchSeed, benchSerial } from './population.ts';
import { table } from './report.ts';

/**
 * A seed file of 100,000 tokens into a fobd of its own, over HTTP, and out again: how much memory
 * the server takes at its peak above what it took idle, how long it takes, and how long the event
 * loop is held at a stretch. Figures of Linux: they come from /proc.
 */

const TOKENS = 100_000;
const MEBIBYTE = 2 ** 20;
const ABOVE_IDLE_MAX = 300;
const SETTLE_MILLIS = 1000;
const KEY: SeedFileKey = { kind: 'key', bytes: new Uint8Array(16).fill(0x2a) };
const PASSPHRASE: SeedFileKey = { kind: 'passphrase', text: 'a passphrase of the supplier' };
const rng = { bytes: (length: number) => randomBytes(length), uniform: Math.random };

interface Variant {
  readonly name: string;
  readonly type: 'application/pskc+xml' | 'text/csv';
  readonly format: 'pskc' | 'csv';
  readonly key?: SeedFileKey;
}

const VARIANTS: readonly Variant[] = [
  { name: 'CSV', type: 'text/csv', format: 'csv' },
  { name: 'PSKC', type: 'application/pskc+xml', format: 'pskc' },
  { name: 'PSKC, by key', type: 'application/pskc+xml', format: 'pskc', key: KEY },
  { name: 'PSKC, by passphrase', type: 'application/pskc+xml', format: 'pskc', key: PASSPHRASE },
];

interface Measured {
  readonly what: string;
  readonly megabytes: number;
  readonly seconds: number;
  readonly idle: number;
  readonly aboveIdle: number;
  readonly stallMillis: number;
}

export async function benchImport(write: (text: string) => void): Promise<void> {
  const rows: Measured[] = [];
  for (const variant of VARIANTS) {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'fobtwin-bench-'));
    try {
      for (const measured of await measure(variant, directory)) {
        rows.push(measured);
        write(`${measured.what}: ${measured.aboveIdle.toFixed(0)} MiB above idle\n`);
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  write(`\n${report(rows)}\n`);
}

async function measure(variant: Variant, directory: string): Promise<readonly Measured[]> {
  const data = path.join(directory, 'data');
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['dist/fobd.js', 'init', '--data', data, '--json'],
  ]);
  const { apiKey } = (JSON.parse(stdout) as { administrator: { apiKey: string } }).administrator;
  const file = path.join(directory, 'seeds');
  await writeSeedFile(file, variant);
  const key = variant.key === undefined ? {} : { key: formatKeyHeader(variant.key) };

  const importing = await withServer(data, apiKey, `import ${variant.name}`, async (client) => {
    const { imported } = await client.call('importSeedFile', {
      contentType: variant.type,
      stream: Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>,
      ...key,
    });
    if (imported !== TOKENS) throw new Error(`${imported} were imported`);
    return (await stat(file)).size;
  });
  const exporting = await withServer(data, apiKey, `export ${variant.name}`, async (client) => {
    const plain = variant.key === undefined ? { plain: true } : {};
    const body = { format: variant.format, ...plain };
    let bytes = 0;
    for await (const piece of await client.stream('exportSeedFile', { body, ...key })) {
      bytes += piece.length;
    }
    return bytes;
  });
  return [importing, exporting];
}

async function writeSeedFile(file: string, { format, key }: Variant): Promise<void> {
  const encryption = key === undefined ? undefined : { key, crypto: seedFileCrypto, rng };
  const pieces =
    format === 'csv'
      ? writeCsv(entries())
      : writePskc(entries(), encryption === undefined ? {} : { encryption });
  const handle = await open(file, 'wx');
  try {
    await writeFile(handle, pieces);
  } finally {
    await handle.close();
  }
}

function* entries(): Generator<SeedFileEntry> {
  for (let index = 0; index < TOKENS; index += 1) {
    yield {
      serial: benchSerial(index),
      seed: benchSeed(index),
      parameters: { type: 'event', algorithm: 'SHA1', digits: 6 },
      nextCounter: index,
      manufacturer: 'A manufacturer of tokens',
      model: 'A model of theirs',
    };
  }
}

/** Starts a server, lets it settle, measures what `work` does to it, and stops it. */
async function withServer(
  data: string,
  apiKey: string,
  what: string,
  work: (client: Client) => Promise<number>,
): Promise<Measured> {
  const { child, pid, address } = await start(data);
  try {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MILLIS));
    await stallOf(child);
    // Forgets the peak so far (proc_pid_clear_refs).
    await writeFile(`/proc/${pid}/clear_refs`, '5');
    const idle = await kibibytes(pid, 'VmRSS');
    const begin = performance.now();
    const bytes = await work(createClient({ baseUrl: address, fetch, apiKey }));
    const seconds = (performance.now() - begin) / 1000;
    const stallMillis = await stallOf(child);
    const peak = await kibibytes(pid, 'VmHWM');
    return {
      what,
      megabytes: bytes / 1e6,
      seconds,
      idle: (idle * 1024) / MEBIBYTE,
      aboveIdle: ((peak - idle) * 1024) / MEBIBYTE,
      stallMillis,
    };
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}

async function start(data: string) {
  const child = spawn(process.execPath, [
    ...['--import', 'tsx', '--import', './test/bench/stall-watch.ts', 'dist/fobd.js', 'serve'],
    ...['--data', data, '--port', '0', '--log-level', 'error', '--json'],
  ]);
  for await (const line of createInterface({ input: child.stdout })) {
    const { address } = JSON.parse(line) as { address: string };
    if (child.pid === undefined) break;
    child.stdout.resume();
    return { child, pid: child.pid, address };
  }
  throw new Error('fobd ended before it listened');
}

async function stallOf(child: ChildProcess): Promise<number> {
  if (child.stderr === null) throw new Error('no pipe');
  child.kill('SIGUSR2');
  const [text] = (await once(child.stderr, 'data')) as [Buffer];
  return Number(/stall ([\d.]+)/.exec(text.toString())?.[1]);
}

async function kibibytes(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
}

function report(rows: readonly Measured[]): string {
  const cells = rows.map((row) => [
    row.what,
    row.megabytes.toFixed(1),
    row.seconds.toFixed(1),
    row.idle.toFixed(0),
    row.aboveIdle.toFixed(0),
    row.stallMillis.toFixed(0),
  ]);
  const header = ['100,000 tokens', 'MB', 's', 'idle MiB', 'peak above idle MiB', 'stall ms'];
  const most = Math.max(...rows.map(({ aboveIdle }) => aboveIdle));
  const verdict = `at most ${most.toFixed(0)} MiB above idle (under ${ABOVE_IDLE_MAX} is asked)`;
  return `${table(header, cells)}\n\n${verdict}`;
}

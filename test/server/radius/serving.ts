import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Token } from '../../../emulator/library/token.ts';
import type { ReplyOf } from '../../../shared/wire/operations.ts';
import { fobd } from '../../support/fobd-in-process.ts';
import {
  type InitResult,
  type ServingFobd,
  startFobd,
  temporaryDirectory,
} from '../../support/fobd-process.ts';

/** `fobd serve --radius`, or `--compat`, as a process, with an account, its password and token. */

export const SECRET = 'a-secret-of-sixteen-and-more';
export const PASSWORD = 'tumbling-otters-44';
export const USER = 'jennifer';

export type AuditItem = ReplyOf<'listAudit'>['items'][number];

/** fobd as a process, with edges of some test. */
export interface Served {
  readonly place: string;
  readonly address: string;
  readonly apiKey: string;
  /** Presses the account's event token, and reads it. */
  press(): string;
  /** Entries since the server began, oldest first, of one action where it is given. */
  audit(action?: string): Promise<readonly AuditItem[]>;
  readonly fobd: ServingFobd;
  stop(): Promise<void>;
}

export interface RadiusServed extends Served {
  /** Of RADIUS over UDP. */
  readonly port: number;
}

/**
 * @param clients rows of the RADIUS file, but for addresses and secret
 * @param file the rest of the RADIUS file
 * @param compat the file of the drop-in API, where that is to be served too
 */
export async function serveRadius(
  clients: readonly object[],
  { compat, ...file }: { readonly compat?: object; readonly [field: string]: unknown } = {},
): Promise<RadiusServed> {
  const served = await serveEdges(async (place) => {
    const options = path.join(place, 'radius.json');
    const secretFile = 'client.secret';
    await writeFile(path.join(place, secretFile), `${SECRET}\n`, { mode: 0o600 });
    const rows = clients.map((row) => ({ addresses: ['127.0.0.0/8'], secretFile, ...row }));
    await writeFile(options, JSON.stringify({ listen: [{ port: 0 }], clients: rows, ...file }), {
      mode: 0o600,
    });
    const more = compat === undefined ? [] : await compatFlags(place, compat);
    return ['--radius', options, ...more];
  });
  const [, port = ''] = await served.fobd.logged(/"listener":"radius[^}]*"port":(\d+)/);
  return { ...served, port: Number(port) };
}

/** @param compat the file of the drop-in API */
export const serveCompat = (compat: object): Promise<Served> =>
  serveEdges((place) => compatFlags(place, compat));

async function compatFlags(place: string, compat: object): Promise<readonly string[]> {
  const file = path.join(place, 'compat.json');
  await writeFile(file, JSON.stringify(compat));
  return ['--compat', file];
}

/** @param flagsOf writes what it needs into the directory, and says how to serve it */
async function serveEdges(flagsOf: (place: string) => Promise<readonly string[]>): Promise<Served> {
  const { place, remove } = await temporaryDirectory();
  const data = path.join(place, 'data');
  const { stdout } = await fobd(['init', '--data', data, '--json']);
  const { apiKey } = (JSON.parse(stdout) as InitResult).administrator;
  const running = await startFobd(data, await flagsOf(place));
  const client = running.client(apiKey);
  const token = Token.make({ profile: 'e6' });
  await client.call('addAccount', { body: { id: USER } });
  await client.call('setPassword', { params: { id: USER }, body: { password: PASSWORD } });
  await importSeeds(token.seedFile({ format: 'csv' }), running.address, apiKey);
  const press = (): string => token.press().display;
  const body = { account: USER, code1: press(), code2: press() };
  const { outcome } = await client.call('registerToken', {
    params: { serial: token.serial },
    body,
  });
  if (outcome !== 'accepted') throw new Error(`the registration came to ${outcome}`);
  return {
    place,
    address: running.address,
    apiKey,
    press,
    async audit(action) {
      const { items } = await client.call('listAudit', { query: { limit: 500 } });
      return items.filter((item) => action === undefined || item.action === action);
    },
    fobd: running,
    async stop() {
      running.signal('SIGTERM');
      await running.ended;
      await remove();
    },
  };
}

async function importSeeds(body: string, address: string, apiKey: string): Promise<void> {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'text/csv' };
  const reply = await fetch(`${address}/v1/seed-files`, { method: 'POST', headers, body });
  if (reply.status !== 200) throw new Error(await reply.text());
}

export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** A program to its end; what it writes on both sides is one text. */
export async function finish(
  program: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {},
): Promise<Ended> {
  const work = promisify(execFile)(program, [...args], {
    timeout: 30_000,
    ...(options.env && { env: options.env }),
  });
  work.child.stdin?.end(options.input ?? '');
  return work.then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    (error: { code?: unknown; stdout?: string; stderr?: string }) => ({
      code: typeof error.code === 'number' ? error.code : Number.NaN,
      output: `${error.stdout ?? ''}${error.stderr ?? ''}`,
    }),
  );
}

import { execFile } from 'node:child_process';
import { rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { connectionsFor, openFiles } from '../http/open-files.ts';
import { freeBytes } from '../readiness.ts';
import { type Finding, fail, ok, orOk, warn } from './finding.ts';

const MIB = 1024 * 1024;
/** Below so many times the reserve it is time to make room. */
const ROOMY = 4;

/** Whether the disk has room for what comes. */
export async function checkDisk(data: string, reservedBytes: number): Promise<readonly Finding[]> {
  const free = await freeBytes(data).catch(() => undefined);
  if (free === undefined) {
    return [fail('disk', `The file system of ${data} cannot be looked at`, 'Mount it again.')];
  }
  const says = `${mib(free)} MiB of the disk are free`;
  const next = 'Make room, or move the data directory to a larger file system.';
  if (free < reservedBytes) {
    const reserve = `fobd is not ready with less than ${mib(reservedBytes)}`;
    return [fail('disk', `${says}, and ${reserve}`, next)];
  }
  if (free < ROOMY * reservedBytes) return [warn('disk', says, next)];
  return [ok('disk', says)];
}

const mib = (bytes: number): string => String(Math.floor(bytes / MIB));

/** Fewer connections than that, and an idle client here and there is felt. */
const CONNECTIONS_FEW = 256;

/** How many connections the open-file limit leaves, of this process or of the one that serves. */
export async function checkOpenFiles(
  served: { readonly limit: number; readonly open: number } | undefined,
): Promise<readonly Finding[]> {
  const files = served ?? (await openFiles());
  if (files === undefined) return [ok('openFiles', 'This system does not tell the limit')];
  const connections = connectionsFor(files);
  const says = `${files.limit} open files allow ${connections} connections`;
  const next = 'Allow more: LimitNOFILE=65536 in the systemd unit, or ulimit -n 65536.';
  if (connections === 0) return [fail('openFiles', says, next)];
  return [connections < CONNECTIONS_FEW ? warn('openFiles', says, next) : ok('openFiles', says)];
}

/** Beyond so much a clock and a file system, or the newest audit entry, do not agree. */
const CLOCK_MILLIS_MAX = 5_000;
const PROBE = '.fobd-doctor';

export interface ClockEvidence {
  readonly now: () => number;
  /** Unix milliseconds; absent where the log could not be read. */
  readonly newestEntryAt?: number | undefined;
  /** Whether a serving fobd saw its clock being set of late. */
  readonly wasSet: boolean;
  /** What keeps the clock right; default: the system is asked. */
  readonly timeService?: () => Promise<boolean | undefined>;
}

/** Time tokens stand and fall with the server's clock. */
export async function checkClock(
  data: string,
  { now, newestEntryAt, wasSet, timeService = isSynchronised }: ClockEvidence,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  if (newestEntryAt !== undefined && newestEntryAt > now() + CLOCK_MILLIS_MAX) {
    const seconds = Math.round((newestEntryAt - now()) / 1000);
    const what = `The clock is ${seconds} s behind the newest entry of the audit log`;
    findings.push(fail('clock', what, 'Set the clock right before anything else is decided.'));
  }
  if (wasSet) {
    const next = 'Let a time service keep it; fobd is ready again after five even minutes.';
    findings.push(warn('clock', 'The clock was set within the last minutes', next));
  }
  const apart = await fileTimeApart(data, now);
  if (apart !== undefined && apart > CLOCK_MILLIS_MAX) {
    const what = `The file system's clock is ${Math.round(apart / 1000)} s off this computer's`;
    findings.push(warn('clock', what, 'Set both right; one of them is wrong.'));
  }
  const kept = await timeService();
  if (kept === false) {
    const next = 'Switch one on, such as systemd-timesyncd or chrony.';
    findings.push(warn('clock', 'No time service keeps the clock right', next));
  }
  const by = kept === true ? ', and a time service keeps it' : '';
  return orOk(findings, 'clock', `The clock agrees with the audit log and the file system${by}`);
}

/** What a file that is written now says of the time; undefined where none can be written. */
async function fileTimeApart(data: string, now: () => number): Promise<number | undefined> {
  const probe = path.join(data, `${PROBE}-${process.pid}`);
  try {
    const before = now();
    await writeFile(probe, '', { mode: 0o600, flag: 'wx' });
    const { mtimeMs } = await stat(probe);
    return Math.max(0, before - mtimeMs, mtimeMs - now());
  } catch {
    return undefined;
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}

const TIMEDATECTL_MILLIS_MAX = 3_000;

/** Asked of systemd; undefined where it is not there (a container's host keeps its clock). */
async function isSynchronised(): Promise<boolean | undefined> {
  try {
    const args = ['show', '--property=NTPSynchronized', '--value'];
    const options = { timeout: TIMEDATECTL_MILLIS_MAX };
    const { stdout } = await promisify(execFile)('timedatectl', args, options);
    const said = stdout.trim();
    return said === '' ? undefined : said === 'yes';
  } catch {
    return undefined;
  }
}

/** Node's versions that this program is made for. */
const NODE_MIN = [20, 19] as const;

/** This program, the one that serves, and what runs them. */
export function checkVersions(
  version: string,
  { served, node }: { readonly served: string | undefined; readonly node: string },
): readonly Finding[] {
  const findings: Finding[] = [];
  const [major = 0, minor = 0] = node.replace(/^v/, '').split('.').map(Number);
  if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
    const next = `Install Node ${NODE_MIN.join('.')} or newer.`;
    findings.push(fail('versions', `Node ${node} is older than fobd is made for`, next));
  }
  if (served !== undefined && served !== version) {
    const what = `fobd ${served} serves, and this is fobd ${version}`;
    findings.push(warn('versions', what, 'Restart fobd, so that the one installed serves.'));
  }
  return orOk(findings, 'versions', `fobd ${version} on Node ${node}`);
}

import { lstat, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import { FORMAT_NAME, readFormat, STORE_NAME } from '../data-directory/data-directory.ts';
import { FORMAT } from '../data-directory/format.ts';
import {
  describeMasterKeySource,
  type MasterKeyOptions,
  masterKeySource,
} from '../data-directory/master-key.ts';
import { findSocket } from '../data-directory/socket.ts';
import { type Finding, fail, ok, orOk, warn } from './finding.ts';

const DAY_MILLIS = 86_400_000;
/** NIST SP 800-57 part 1 section 5.3.6: a key-wrapping key is good for a year or two. */
const KEY_AGE_MILLIS_MAX = 2 * 365 * DAY_MILLIS;
const OTHERS = 0o077;

/** The data directory itself: there, of a form that is known. */
export async function checkFormat(data: string): Promise<readonly Finding[]> {
  try {
    const { lab } = await readFormat(data);
    return [ok('dataDirectory', `${data} has format ${FORMAT}${lab ? ', and is a lab' : ''}`)];
  } catch (error) {
    return [fromError('dataDirectory', error)];
  }
}

/** What was thrown, as a finding. */
export function fromError(check: string, error: unknown): Finding {
  if (!(error instanceof FobtwinError)) return fail(check, String(error), 'Run fobd as its owner.');
  return fail(check, error.message, error.nextStep ?? 'Run fobd as its owner.');
}

/** Nobody but the owner may enter the data directory or read what opens the seeds. */
export async function checkPermissions(
  data: string,
  keys: MasterKeyOptions,
): Promise<readonly Finding[]> {
  if (process.platform === 'win32') {
    return [ok('permissions', 'Windows keeps them by access lists, which are not looked at')];
  }
  const source = masterKeySource(data, keys);
  const socket = await findSocket(data).catch(() => undefined);
  const private_: readonly (readonly [string, string])[] = [
    [data, '700'],
    [path.join(data, STORE_NAME), '700'],
    [path.join(data, FORMAT_NAME), '600'],
    ...(source.kind === 'file' ? [[source.file, '600'] as const] : []),
    ...(socket === undefined ? [] : [[socket, '600'] as const]),
  ];
  const found = await Promise.all(private_.map(([file, mode]) => checkPrivate(file, mode)));
  const others = await checkOwners(path.join(data, STORE_NAME));
  return orOk(
    [...found.flat(), ...others],
    'permissions',
    'Only the owner can enter the data directory and read its keys',
  );
}

async function checkPrivate(file: string, wanted: string): Promise<readonly Finding[]> {
  const found = await lstat(file).catch(() => undefined);
  if (found === undefined) return [];
  const mode = found.mode & 0o777;
  const owner = process.getuid?.();
  const findings: Finding[] = [];
  if ((mode & OTHERS) !== 0) {
    const what = `${file} is open to others (mode ${mode.toString(8)})`;
    findings.push(fail('permissions', what, `chmod ${wanted} ${file}`));
  }
  if (owner !== undefined && owner !== 0 && found.uid !== owner) {
    const what = `${file} belongs to another user (${found.uid})`;
    findings.push(fail('permissions', what, `Run fobd as that user, or: chown -R ${owner} FILE`));
  }
  return findings;
}

/** A command run as root leaves files that the server's own user cannot write. */
async function checkOwners(store: string): Promise<readonly Finding[]> {
  const directory = await stat(store).catch(() => undefined);
  if (directory === undefined) return [];
  const names = await readdir(store).catch(() => []);
  for (const name of names) {
    const file = await lstat(path.join(store, name)).catch(() => undefined);
    if (file === undefined || file.uid === directory.uid) continue;
    const what = `${path.join(store, name)} does not belong to the owner of the store`;
    return [fail('permissions', what, `chown -R ${directory.uid} ${store}`)];
  }
  return [];
}

/** The master key: where it lies, how old it is. That it is the right one is told by opening. */
export async function checkMasterKey(
  data: string,
  keys: MasterKeyOptions,
  now: number,
): Promise<readonly Finding[]> {
  const source = masterKeySource(data, keys);
  const name = describeMasterKeySource(source);
  if (source.kind !== 'file') return [ok('masterKey', `The master key comes from ${name}`)];
  const found = await stat(source.file).catch(() => undefined);
  if (found === undefined) {
    const next = 'Name its file with --master-key-file, or restore it from where it was kept.';
    return [fail('masterKey', `There is no master key at ${name}`, next)];
  }
  const findings: Finding[] = [];
  if (isInside(source.file, data)) {
    findings.push(
      warn(
        'masterKey',
        'The master key lies beside what it protects: whoever copies the directory has both',
        'Move master.key elsewhere and name it with --master-key-file or FOBD_MASTER_KEY_FILE.',
      ),
    );
  }
  const ageMillis = now - found.mtimeMs;
  const days = Math.floor(ageMillis / DAY_MILLIS);
  if (ageMillis > KEY_AGE_MILLIS_MAX) {
    const next = 'Exchange it: fobd key --help tells how.';
    findings.push(warn('masterKey', `The master key is ${days} days old`, next));
  }
  return orOk(findings, 'masterKey', `The master key is in ${name}, ${days} days old`);
}

const isInside = (file: string, directory: string): boolean =>
  !path.relative(directory, file).startsWith('..');

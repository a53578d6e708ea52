import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { makeDirectory } from './directory.ts';
import { isSystemError } from './lock.ts';
import { KEY_BYTES } from './sealing.ts';

/**
 * The file that opens a drawer: one line, for its owner alone, outside of the drawer, so that a
 * copy of the drawer without it opens nothing.
 */

/** How this system keeps a file from others. */
export interface KeyFileEnv {
  readonly rng: Rng;
  readonly platform: NodeJS.Platform;
  /** Runs a program to its end; throws when it fails. Used on Windows only. */
  readonly runProgram: (program: string, args: readonly string[]) => void;
}

const LINE = /^fob-key-1 (?<key>[A-Za-z0-9+/]{43}=)\n?$/;
const KEY_FILE_BYTES_MAX = 1024;
/** Group and others. */
const OTHERS = 0o077;

export interface FileKey {
  readonly bytes: Uint8Array;
  /** Says which key it is, and nothing of it. */
  readonly id: string;
}

/** @returns `undefined` when there is none */
export function readKeyFile(file: string, platform: NodeJS.Platform): FileKey | undefined {
  let text: string;
  try {
    const { mode, size } = fs.statSync(file);
    if (platform !== 'win32' && (mode & OTHERS) !== 0) throw openToOthers(file, mode);
    if (size > KEY_FILE_BYTES_MAX) throw noKey(file);
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error instanceof FobtwinError ? error : unreadable(file, error);
  }
  const { key } = LINE.exec(text)?.groups ?? {};
  if (key === undefined) throw noKey(file);
  return fileKeyOf(Buffer.from(key, 'base64'));
}

/** A new key in a new file; the one that is there already, where another process was faster. */
export function readOrMakeKeyFile(file: string, env: KeyFileEnv): FileKey {
  const found = readKeyFile(file, env.platform);
  if (found !== undefined) return found;
  const key = fileKeyOf(env.rng.bytes(KEY_BYTES));
  try {
    makeDirectory(path.dirname(file));
    makeKeyFile(file, key, env);
  } catch (error) {
    const made = isSystemError(error, 'EEXIST') ? readKeyFile(file, env.platform) : undefined;
    if (made !== undefined) return made;
    throw unwritable(file, error);
  }
  return key;
}

/** Whole before it has its name: who finds the file finds a key. */
function makeKeyFile(file: string, { bytes }: FileKey, env: KeyFileEnv): void {
  const mark = Buffer.from(env.rng.bytes(8)).toString('hex');
  const draft = `${file}.${mark}.tmp`;
  try {
    const descriptor = fs.openSync(draft, 'wx', 0o600);
    try {
      if (env.platform === 'win32') env.runProgram('icacls.exe', aclArguments(draft));
      fs.writeFileSync(descriptor, `fob-key-1 ${Buffer.from(bytes).toString('base64')}\n`);
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    placeWithoutReplacing(draft, file);
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

function placeWithoutReplacing(draft: string, file: string): void {
  try {
    fs.linkSync(draft, file);
  } catch (error) {
    // File systems of memory sticks have no second names.
    if (!isSystemError(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) throw error;
    fs.copyFileSync(draft, file, fs.constants.COPYFILE_EXCL);
  }
}

/**
 * Takes away what a file inherits and leaves it to its owner (S-1-3-4, OWNER RIGHTS), by the
 * identifier, which is the same in every language of Windows.
 */
export function aclArguments(file: string): readonly string[] {
  return [file, '/inheritance:r', '/grant:r', '*S-1-3-4:F', '/q'];
}

function fileKeyOf(bytes: Uint8Array): FileKey {
  const id = createHash('sha256').update('fob key id').update(bytes).digest('hex').slice(0, 16);
  return { bytes, id };
}

function openToOthers(file: string, mode: number): FobtwinError {
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  return new FobtwinError(
    'drawerKeyUnusable',
    `The key file ${file} can be read by others (mode ${octal})`,
    { nextStep: `Close it to them: chmod 600 ${file}` },
  );
}

function noKey(file: string): FobtwinError {
  return new FobtwinError('drawerKeyUnusable', `${file} is no key file of a drawer`, {
    nextStep: 'Put a copy of the key file back, or name the right one in FOB_KEY_FILE.',
  });
}

function unreadable(file: string, cause: unknown): FobtwinError {
  const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new FobtwinError('drawerKeyUnusable', `The key file ${file} cannot be read${why}`, {
    cause,
    nextStep: 'Look at its permissions, or name another in FOB_KEY_FILE.',
  });
}

function unwritable(file: string, cause: unknown): FobtwinError {
  const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new FobtwinError('drawerKeyUnusable', `The key file ${file} cannot be made${why}`, {
    cause,
    nextStep: 'Look at its directory, or name another place in FOB_KEY_FILE.',
  });
}

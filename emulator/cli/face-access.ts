import fs from 'node:fs';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { ACCESS_TOKEN } from '../control/gate.ts';
import { makeDirectory } from '../drawer/directory.ts';
import { drawerPlace } from './drawer-place.ts';
import type { CliEnv } from './env.ts';

/** Port and access token of a drawer's face, kept so that an installed page finds it again. */
export interface FaceAccess {
  readonly port: number;
  readonly accessToken: string;
}

const FORMAT = 1;
const ACCESS_TOKEN_BYTES = 24;
const FILE_BYTES_MAX = 4096;

type Place = Pick<CliEnv, 'variables' | 'platform' | 'homeDirectory'>;

/** Beside a drawer of one's own choice; for the usual one where each system keeps such states. */
export function faceAccessPlace(drawer: string, env: Place): string {
  const place = path.resolve(drawer);
  const usual = drawerPlace(undefined, { ...env, variables: { ...env.variables, FOB_DRAWER: '' } });
  if (place !== path.resolve(usual)) return `${place}.face.json`;
  if (env.platform === 'darwin' || env.platform === 'win32') {
    return path.join(path.dirname(place), 'face.json');
  }
  const xdg = env.variables['XDG_STATE_HOME'] ?? '';
  const state = path.posix.isAbsolute(xdg)
    ? xdg
    : path.posix.join(env.homeDirectory, '.local/state');
  return path.posix.join(state, 'fob', 'face.json');
}

/** 192 random bits, as they may stand in an address. */
export function createAccessToken(rng: Rng): string {
  return Buffer.from(rng.bytes(ACCESS_TOKEN_BYTES)).toString('base64url');
}

/**
 * @returns undefined where none is kept
 * @throws FobtwinError `fileUnreadable` for a file that is something else; its text is not quoted
 */
export function readFaceAccess(file: string): FaceAccess | undefined {
  const text = readShort(file);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(file);
  }
  if (typeof value !== 'object' || value === null) throw damaged(file);
  const { format, port, accessToken } = value as Record<string, unknown>;
  const isPort = Number.isInteger(port) && Number(port) > 0 && Number(port) <= 65_535;
  const isToken = typeof accessToken === 'string' && ACCESS_TOKEN.test(accessToken);
  if (format !== FORMAT || !isPort || !isToken) throw damaged(file);
  return { port: Number(port), accessToken };
}

function readShort(file: string): string | undefined {
  try {
    const text = fs.readFileSync(file, 'utf8');
    if (text.length > FILE_BYTES_MAX) throw damaged(file);
    return text;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error instanceof FobtwinError ? error : unwritable(file, error, 'fileUnreadable');
  }
}

/** Replaced whole, readable by its owner alone. */
export function writeFaceAccess(file: string, access: FaceAccess, rng: Rng): void {
  const draft = `${file}.${Buffer.from(rng.bytes(8)).toString('hex')}.tmp`;
  try {
    makeDirectory(path.dirname(file));
    const text = `${JSON.stringify({ format: FORMAT, ...access }, null, 2)}\n`;
    fs.writeFileSync(draft, text, { flag: 'wx', mode: 0o600 });
    fs.renameSync(draft, file);
  } catch (error) {
    fs.rmSync(draft, { force: true });
    throw unwritable(file, error, 'fileUnwritable');
  }
}

function damaged(file: string): FobtwinError {
  return new FobtwinError('fileUnreadable', `${file} does not hold the access to a face`, {
    nextStep: 'Make a new one with `fob face --renew`; an installed page is then installed anew.',
  });
}

function unwritable(
  file: string,
  cause: unknown,
  code: 'fileUnreadable' | 'fileUnwritable',
): FobtwinError {
  const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  const verb = code === 'fileUnreadable' ? 'read' : 'written';
  return new FobtwinError(code, `${file} cannot be ${verb}${why}`, {
    cause,
    nextStep: 'Look at its permissions, or choose another drawer with --drawer.',
  });
}

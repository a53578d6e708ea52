import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { syncDirectory } from '../store/sync-directory.ts';
import { wipe } from '../vault/keys.ts';
import { createPrivateFile, readSmallBytes, systemErrorCode } from './durable-files.ts';
import type { HiddenText } from './hidden-text.ts';
import { type KeyCommandLog, runKeyCommand } from './master-key-command.ts';

const MASTER_KEY_BYTES = 32;
/** The file in the data directory that holds the master key where nothing else was said. */
const MASTER_KEY_NAME = 'master.key';
/** A master key as text with comfortable room for white space. */
const KEY_TEXT_BYTES_MAX = 1024;

/** Where the master key comes from: at most one of the three is given. */
export interface MasterKeyOptions {
  /** Absolute; default `master.key` in the data directory. */
  readonly masterKeyFile?: string | undefined;
  /** A program and its arguments, started without a shell. */
  readonly masterKeyCommand?: readonly string[] | undefined;
  /** The key itself, as the environment had it. */
  readonly masterKeyText?: { readonly variable: string; readonly text: HiddenText } | undefined;
}

/** The same, told apart. */
export type MasterKeySource =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'command'; readonly command: readonly string[] }
  | { readonly kind: 'environment'; readonly variable: string; readonly text: HiddenText };

/** The source that was given; `undefined` when none was. */
export function givenMasterKeySource({
  masterKeyFile,
  masterKeyCommand,
  masterKeyText,
}: MasterKeyOptions): MasterKeySource | undefined {
  if (masterKeyText !== undefined) return { kind: 'environment', ...masterKeyText };
  if (masterKeyCommand !== undefined) return { kind: 'command', command: masterKeyCommand };
  return masterKeyFile === undefined ? undefined : { kind: 'file', file: masterKeyFile };
}

/** @param place the data directory, absolute: where the key file is when nothing was given */
export const masterKeySource = (place: string, options: MasterKeyOptions): MasterKeySource =>
  givenMasterKeySource(options) ?? { kind: 'file', file: path.join(place, MASTER_KEY_NAME) };

/** For people. Of a command only the program is named: its arguments may open something. */
export function describeMasterKeySource(source: MasterKeySource): string {
  if (source.kind === 'file') return source.file;
  return source.kind === 'command' ? `the command ${source.command[0]}` : source.variable;
}

/**
 * The master key: 32 bytes, given as 64 hexadecimal digits, white space ignored. The caller wipes
 * them.
 *
 * @throws FobtwinError `fileUnreadable`, `masterKeyUnavailable` when the command failed, or
 * `wrongMasterKey` when what it gave is no key
 */
export async function readMasterKey(
  source: MasterKeySource,
  { onKeyCommand }: { readonly onKeyCommand?: KeyCommandLog | undefined } = {},
): Promise<Uint8Array> {
  const text = await readKeyText(source, onKeyCommand);
  const key = parseKeyText(text);
  wipe(text);
  if (key !== undefined) return key;
  const what = describeMasterKeySource(source);
  const verb = source.kind === 'command' ? 'gives' : 'holds';
  throw new FobtwinError('wrongMasterKey', `${what} ${verb} no master key`, {
    nextStep:
      source.kind === 'file'
        ? 'A master key is 64 hexadecimal digits; name its file with --master-key-file.'
        : 'A master key is 64 hexadecimal digits; nothing was changed.',
  });
}

function readKeyText(
  source: MasterKeySource,
  onKeyCommand: KeyCommandLog | undefined,
): Promise<Uint8Array> {
  if (source.kind === 'file') return readKeyFile(source.file);
  if (source.kind === 'environment') return Promise.resolve(Buffer.from(source.text.reveal()));
  return runKeyCommand(source.command, { bytesMax: KEY_TEXT_BYTES_MAX, onSaid: onKeyCommand });
}

const DIGIT_BITS = 4;
/** The value of a hexadecimal digit by its character's code. */
const digitValue = (code: number): number => Number.parseInt(String.fromCharCode(code), 16);
const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13);

/** Byte by byte, so that no string, which nobody can wipe, ever holds the key. */
function parseKeyText(text: Uint8Array): Uint8Array | undefined {
  const key = new Uint8Array(MASTER_KEY_BYTES);
  let digits = 0;
  for (const code of text) {
    if (isSpace(code)) continue;
    const value = digitValue(code);
    const place = digits >> 1;
    if (Number.isNaN(value) || place >= MASTER_KEY_BYTES) {
      wipe(key);
      return undefined;
    }
    key[place] = ((key[place] ?? 0) << DIGIT_BITS) | value;
    digits += 1;
  }
  if (digits === 2 * MASTER_KEY_BYTES) return key;
  wipe(key);
  return undefined;
}

async function readKeyFile(file: string): Promise<Uint8Array> {
  try {
    return await readSmallBytes(file, KEY_TEXT_BYTES_MAX);
  } catch (error) {
    const missing = systemErrorCode(error) === 'ENOENT';
    const message = missing
      ? `There is no master key at ${file}`
      : `The master key at ${file} cannot be read`;
    throw new FobtwinError('fileUnreadable', message, {
      nextStep: 'Name the file that holds it with --master-key-file or FOBD_MASTER_KEY_FILE.',
      cause: error,
    });
  }
}

/** Makes a new master key in `file`, which must not exist; mode 0600, on disk when it resolves. */
export async function createMasterKey(file: string, rng: Rng): Promise<Uint8Array> {
  const key = rng.bytes(MASTER_KEY_BYTES);
  await createPrivateFile(file, `${Buffer.from(key).toString('hex')}\n`);
  await syncDirectory(path.dirname(file));
  return key;
}

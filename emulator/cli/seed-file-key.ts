import fs from 'node:fs';
import { FobtwinError } from '../../shared/errors.ts';
import {
  KEY_TEXT_MAX,
  parseKeyText,
  type SeedFileKey,
  type SeedFileKeyKind,
} from '../../shared/seed-files/key.ts';
import type { Arguments } from './arguments.ts';
import type { Argument } from './command.ts';

/** What opens or protects a seed file: in a file, since command lines are seen by everybody. */
export const KEY_OPTIONS = {
  'key-file': { describe: "A file with the seed file's key: 32, 48 or 64 hexadecimal digits" },
  'passphrase-file': { describe: "A file with the seed file's passphrase: UTF-8, one line" },
} as const satisfies Readonly<Record<string, Argument>>;

export const KEY_CONFLICTS = [['key-file', 'passphrase-file']] as const;

/** @throws FobtwinError `fileUnreadable`, or `invalidInput` for what is no key */
export function seedFileKeyOf(args: Arguments): SeedFileKey | undefined {
  const keyFile = args.text('key-file');
  if (keyFile !== undefined) return readKey(keyFile, 'key');
  const passphraseFile = args.text('passphrase-file');
  return passphraseFile === undefined ? undefined : readKey(passphraseFile, 'passphrase');
}

function readKey(file: string, kind: SeedFileKeyKind): SeedFileKey {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readStart(file));
    return parseKeyText(text, kind);
  } catch (error) {
    if (error instanceof FobtwinError) throw error;
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new FobtwinError('fileUnreadable', `${file} cannot be read${code}`, {
      nextStep: 'Name a text file that you may read.',
      cause: error,
    });
  }
}

/** A character of UTF-8 has at most 4 bytes; one byte too many is enough to be refused. */
function readStart(file: string): Uint8Array {
  const descriptor = fs.openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(4 * KEY_TEXT_MAX + 1);
    let length = 0;
    while (length < buffer.length) {
      const bytes = fs.readSync(descriptor, buffer, length, buffer.length - length, null);
      if (bytes === 0) break;
      length += bytes;
    }
    return buffer.subarray(0, length);
  } finally {
    fs.closeSync(descriptor);
  }
}

import path from 'node:path';
import type { Argv } from 'yargs';
import { FobtwinError } from '../../shared/errors.ts';
import {
  formatKeyHeader,
  KEY_TEXT_MAX,
  parseKeyText,
  type SeedFileKeyKind,
} from '../../shared/seed-files/key.ts';
import { readSmallBytes } from '../data-directory/durable-files.ts';
import type { CommonArguments } from './command.ts';

/** Longest key file that is read whole: characters of four bytes, and one to tell of more. */
const KEY_FILE_BYTES_MAX = 4 * KEY_TEXT_MAX + 4;

/** A key is never an argument: others on the machine see those. */
export const withKeyOptions = <T extends CommonArguments>(parser: Argv<T>) =>
  parser
    .option('key-file', {
      type: 'string',
      requiresArg: true,
      describe: 'A file with the AES key of an encrypted file, in hexadecimal',
    })
    .option('passphrase-file', {
      type: 'string',
      requiresArg: true,
      describe: 'A file with the passphrase of an encrypted file',
    })
    .conflicts('key-file', 'passphrase-file');

export interface KeyFiles {
  readonly 'key-file'?: string | undefined;
  readonly 'passphrase-file'?: string | undefined;
}

/**
 * What goes into the header that carries the key; undefined when no file was named.
 *
 * @throws FobtwinError `fileUnreadable`, `invalidInput`: never with what the file holds
 */
export async function readKeyHeader(
  { 'key-file': keyFile, 'passphrase-file': passphraseFile }: KeyFiles,
  directory: string,
): Promise<string | undefined> {
  if (keyFile !== undefined) return headerOf(path.resolve(directory, keyFile), 'key');
  if (passphraseFile === undefined) return undefined;
  return headerOf(path.resolve(directory, passphraseFile), 'passphrase');
}

async function headerOf(file: string, kind: SeedFileKeyKind): Promise<string> {
  return formatKeyHeader(parseKeyText(await readKeyFile(file), kind));
}

async function readKeyFile(file: string): Promise<string> {
  try {
    const bytes = await readSmallBytes(file, KEY_FILE_BYTES_MAX);
    // What is not UTF-8 would become another passphrase without a word.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new FobtwinError('fileUnreadable', `The file ${file} cannot be read`, {
      nextStep: 'Name a text file in UTF-8 that you may read.',
      cause,
    });
  }
}

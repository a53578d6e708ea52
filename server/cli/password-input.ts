import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import { readSmallBytes } from '../data-directory/durable-files.ts';
import type { CliEnv } from './surroundings.ts';

/**
 * A new password: typed twice without being shown, or from standard input, or from a file. Never an
 * argument, which every user of the machine sees.
 */

/** More than the longest password has, in UTF-8. */
const BYTES_MAX = 4096;

/**
 * @param file what `--password-file` names
 * @throws FobtwinError `usage` when none is given or the two differ, `fileUnreadable`
 */
export async function readNewPassword(env: CliEnv, file: string | undefined): Promise<string> {
  if (file !== undefined) return readPasswordFile(path.resolve(env.directory, file));
  return env.input.isTTY === true ? typedTwice(env) : oneLine(await readAll(env));
}

async function readPasswordFile(file: string): Promise<string> {
  try {
    const bytes = await readSmallBytes(file, BYTES_MAX + 1);
    return oneLine(textOf(bytes));
  } catch (cause) {
    if (cause instanceof FobtwinError) throw cause;
    throw new FobtwinError('fileUnreadable', `The file ${file} cannot be read`, {
      nextStep: 'Name a text file in UTF-8 that you may read.',
      cause,
    });
  }
}

/** What is not UTF-8 would become another password without a word. */
const textOf = (bytes: Uint8Array): string =>
  new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);

/** One line end at the end is no part of it; anything else is. */
function oneLine(text: string): string {
  const line = text.replace(/\r?\n$/, '');
  if (line === '') throw missing('No password was given');
  if (Buffer.byteLength(line) > BYTES_MAX) throw missing('The password is too long');
  return line;
}

const missing = (text: string): FobtwinError =>
  new FobtwinError('usage', text, {
    nextStep: 'Type it at the prompt, pipe it in, or name a file with --password-file.',
  });

async function readAll({ input }: CliEnv): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of input) {
    const bytes = Buffer.from(piece);
    pieces.push(bytes);
    length += bytes.length;
    if (length > BYTES_MAX + 2) throw missing('The password is too long');
  }
  try {
    return textOf(Buffer.concat(pieces));
  } catch (cause) {
    throw new FobtwinError('usage', 'The password is not text in UTF-8', { cause });
  }
}

const PROMPTS = ['New password: ', 'The same again: '] as const;

const ENTER = '\r\n';
const BACKSPACE = '\b\u007f';
/** Control-C and control-D: in raw mode nobody else heeds them. */
const GIVE_UP = '\u0003\u0004';

/** With the terminal's echo off, so that it must be edited here. */
async function typedTwice({ input, errors }: CliEnv): Promise<string> {
  const typed: string[] = [];
  let line: readonly string[] = [];
  input.setRawMode?.(true);
  const decoder = new TextDecoder();
  try {
    errors.write(PROMPTS[0]);
    for await (const piece of input) {
      const text = typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
      for (const sign of text) {
        if (GIVE_UP.includes(sign)) throw missing('Nothing was changed');
        if (ENTER.includes(sign)) {
          errors.write('\n');
          typed.push(line.join(''));
          line = [];
          const prompt = PROMPTS[typed.length];
          if (prompt === undefined) return same(typed);
          errors.write(prompt);
        } else {
          line = BACKSPACE.includes(sign) ? line.slice(0, -1) : [...line, sign];
        }
        if (line.length > BYTES_MAX) throw missing('The password is too long');
      }
    }
    throw missing('Nothing was changed');
  } finally {
    input.setRawMode?.(false);
  }
}

function same([first = '', second = '']: readonly string[]): string {
  if (first !== second) throw missing('The two passwords differ');
  return oneLine(first);
}

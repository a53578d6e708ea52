import fs from 'node:fs';
import { FobtwinError } from '../../shared/errors.ts';
import type { CliEnv } from './env.ts';

/** What nobody else should see: passphrases and PINs. Never an argument: others can list those. */

const CHARACTERS_MAX = 1024;
const BYTES_MAX = 4 * CHARACTERS_MAX;

const ERASE_KEYS: ReadonlySet<string> = new Set(['\u007f', '\b']);
const STOP_KEYS: ReadonlySet<string> = new Set(['\u0003', '\u0004']);
const END_KEYS: ReadonlySet<string> = new Set(['\r', '\n']);

type Terminal = Pick<CliEnv, 'stdin' | 'stderr'>;

/** Can somebody be asked? The question goes to standard error, the answer comes from the keys. */
export function canAsk({ stdin, stderr }: Terminal): boolean {
  return stdin.isTTY === true && stderr.isTTY === true && stdin.setRawMode !== undefined;
}

/** Asks on the terminal, without showing what is typed. */
export async function askHidden(question: string, { stdin, stderr }: Terminal): Promise<string> {
  stderr.write(`${question}: `);
  stdin.setRawMode?.(true);
  try {
    return await new Promise<string>((resolve, reject) => {
      const decoder = new TextDecoder();
      let typed = '';
      const end = (act: () => void): void => {
        stdin.off('data', take).off('end', stop).off('error', reject).pause();
        act();
      };
      const stop = () => end(() => reject(interrupted()));
      const take = (chunk: Uint8Array | string): void => {
        const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
        const keys = [...text];
        const last = keys.findIndex((key) => END_KEYS.has(key) || STOP_KEYS.has(key));
        typed = withTyped(typed, last < 0 ? keys : keys.slice(0, last));
        if (last < 0) return;
        if (STOP_KEYS.has(keys[last] ?? '')) {
          stop();
          return;
        }
        end(() => {
          const rest = keys.slice(last + 1).join('');
          // Typed ahead, for the next question.
          if (rest !== '') stdin.unshift(Buffer.from(rest));
          resolve(typed);
        });
      };
      // Paused by the question before, it would wait for ever.
      stdin.on('data', take).once('end', stop).once('error', reject).resume();
    });
  } finally {
    stdin.setRawMode?.(false);
    stderr.write('\n');
  }
}

function withTyped(typed: string, keys: readonly string[]): string {
  const signs = [...typed];
  for (const key of keys) {
    if (ERASE_KEYS.has(key)) signs.pop();
    else if (signs.length < CHARACTERS_MAX) signs.push(key);
  }
  return signs.join('');
}

/** The first line of standard input, for a program that answers. */
export async function readFirstLine({ stdin }: Terminal): Promise<string> {
  let text = '';
  for await (const chunk of stdin as AsyncIterable<Uint8Array | string>) {
    text += chunk.toString();
    if (text.includes('\n') || text.length > CHARACTERS_MAX) break;
  }
  return text.split(/\r?\n/)[0] ?? '';
}

/** A file that holds a passphrase: UTF-8, less one final newline. */
export function readPassphraseFile(file: string): string {
  let text: string;
  try {
    if (fs.statSync(file).size > BYTES_MAX) throw tooLong(file);
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof FobtwinError) throw error;
    const why = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new FobtwinError('fileUnreadable', `The passphrase file ${file} cannot be read${why}`, {
      cause: error,
      nextStep: 'Look at its name and permissions.',
    });
  }
  return text.replace(/\r?\n$/, '');
}

function tooLong(file: string): FobtwinError {
  return new FobtwinError('invalidInput', `The passphrase file ${file} is too long`, {
    nextStep: `A passphrase has at most ${CHARACTERS_MAX} characters.`,
  });
}

function interrupted(): FobtwinError {
  return new FobtwinError('unavailable', 'Interrupted: nothing was changed', {
    nextStep: 'Start it again.',
  });
}

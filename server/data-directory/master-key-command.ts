import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { FobtwinError } from '../../shared/errors.ts';
import { wipe } from '../vault/keys.ts';
import { systemErrorCode } from './durable-files.ts';

/** What a key command has to come to its end: milliseconds. */
const KEY_COMMAND_MILLIS_MAX = 10_000;
/** Of what it says on standard error so much is passed on. */
const SAID_LINES_MAX = 20;
const SAID_CHARACTERS_MAX = 4000;
/** And so much is quoted where it fails. */
const QUOTED_CHARACTERS_MAX = 300;

/** Told each line that the command writes to standard error. */
export type KeyCommandLog = (line: string) => void;

export interface KeyCommandOptions {
  /** More than this on standard output is refused. */
  readonly bytesMax: number;
  readonly onSaid?: KeyCommandLog | undefined;
  /** Default `KEY_COMMAND_MILLIS_MAX`. */
  readonly millisMax?: number;
}

/**
 * What a program writes to standard output. It is started without a shell, in a process group of
 * its own, with nothing on standard input; the group is ended when time or size run out.
 *
 * @returns the bytes, for the caller to wipe
 * @throws FobtwinError `masterKeyUnavailable`
 */
export async function runKeyCommand(
  [program = '', ...parameters]: readonly string[],
  { bytesMax, onSaid = () => undefined, millisMax = KEY_COMMAND_MILLIS_MAX }: KeyCommandOptions,
): Promise<Uint8Array> {
  const isGroup = process.platform !== 'win32';
  const child = spawn(program, parameters, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: isGroup,
    windowsHide: true,
  });
  const said: string[] = [];
  let isOverdue = false;
  const timer = setTimeout(() => {
    isOverdue = true;
    end(child, isGroup);
  }, millisMax);
  try {
    const [output] = await Promise.all([
      collect(child.stdout, bytesMax, () => end(child, isGroup)),
      passOn(child.stderr, (line) => {
        said.push(line);
        onSaid(line);
      }),
      once(child, 'close'),
    ]);
    const reason = isOverdue ? `took more than ${millisMax / 1000} s` : reasonOf(child, output);
    if (reason === undefined && output !== undefined) return output;
    if (output !== undefined) wipe(output);
    throw unavailable(program, reason ?? 'failed', said);
  } catch (error) {
    if (error instanceof FobtwinError) throw error;
    const code = systemErrorCode(error);
    throw unavailable(program, `could not be started (${code ?? 'unknown reason'})`, []);
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(
  { exitCode, signalCode }: ChildProcess,
  output: Uint8Array | undefined,
): string | undefined {
  if (output === undefined) return 'wrote far more than a master key';
  if (signalCode !== null) return `was ended by ${signalCode}`;
  return exitCode === 0 ? undefined : `failed with exit code ${exitCode}`;
}

/** The whole of what was written; undefined when it is too much. */
async function collect(
  from: Readable,
  bytesMax: number,
  onTooMuch: () => void,
): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of from as AsyncIterable<Uint8Array>) {
    length += piece.length;
    if (length > bytesMax) {
      wipe(piece);
      onTooMuch();
    } else {
      pieces.push(piece);
    }
  }
  const whole = length > bytesMax ? undefined : new Uint8Array(Buffer.concat(pieces));
  wipe(...pieces);
  return whole;
}

/** A line that looks as if it held a key is not passed on as it is, nor are control characters. */
const tidy = (line: string): string =>
  line.replace(/[0-9a-f]{32,}/gi, '(hidden)').replace(/\p{Cc}/gu, ' ');

/** The first lines; what comes after them is read and dropped, so that the command can go on. */
async function passOn(from: Readable, tell: KeyCommandLog): Promise<void> {
  let text = '';
  for await (const piece of from.setEncoding('utf8') as AsyncIterable<string>) {
    if (text.length < SAID_CHARACTERS_MAX) text += piece;
  }
  const lines = text.slice(0, SAID_CHARACTERS_MAX).split('\n');
  for (const line of lines.filter((each) => each.trim() !== '').slice(0, SAID_LINES_MAX)) {
    tell(tidy(line));
  }
}

function end({ pid }: ChildProcess, isGroup: boolean): void {
  if (pid === undefined) return;
  try {
    process.kill(isGroup ? -pid : pid, 'SIGKILL');
  } catch (error) {
    // It has ended by itself meanwhile.
    if (systemErrorCode(error) !== 'ESRCH') throw error;
  }
}

function unavailable(program: string, reason: string, said: readonly string[]): FobtwinError {
  const text = said.length === 0 ? '' : `: ${said.join('; ').slice(0, QUOTED_CHARACTERS_MAX)}`;
  return new FobtwinError(
    'masterKeyUnavailable',
    `The command for the master key, ${program}, ${reason}${text}`,
    { nextStep: 'Run it by hand: it must write 64 hexadecimal digits to standard output.' },
  );
}

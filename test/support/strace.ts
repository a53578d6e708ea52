import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Peer, peerOrSkip } from './debian.ts';

/**
 * Reads what `strace -f -xx` wrote about file and socket calls into events. Calls of several
 * threads overlap: each event knows the line at which it began and that at which it ended.
 *
 * A line stands for a moment at which the thread was stopped: a call takes effect after the line at
 * which it began and before the line at which it ended. So where one call ended at an earlier line
 * than another began, it was over when the other had not had any effect yet.
 */

export interface TracedCall {
  readonly name: string;
  /** The call's arguments as strace printed them. */
  readonly args: string;
  /** Negative for a call that failed, or that nobody knows to have ended. */
  readonly result: number;
  readonly began: number;
  /** Infinite for a call inside which the process was killed. */
  readonly ended: number;
}

/** More than any single write: LevelDB's largest piece is its buffer of 64 KiB. */
const STRING_BYTES_MAX = 4 * 1024 * 1024;

const TRACED = [
  ...['open', 'openat', 'creat', 'close', 'dup', 'dup2', 'dup3', 'fcntl', 'mmap'],
  ...['write', 'writev', 'pwrite64', 'pwritev', 'pwritev2', 'sendto', 'sendmsg'],
  ...['sendfile', 'copy_file_range', 'splice', 'fallocate', 'truncate', 'ftruncate', 'lseek'],
  ...['fsync', 'fdatasync', 'sync_file_range'],
  ...['rename', 'renameat', 'renameat2', 'link', 'linkat', 'unlink', 'unlinkat'],
];

/** strace's arguments before the program's own; the trace goes to `file`. */
export const straceArguments = (file: string): readonly string[] => [
  ...['-f', '-xx', '-s', String(STRING_BYTES_MAX)],
  // Only the calls named are stopped at; the others run at full speed.
  '--seccomp-bpf',
  // A processor may lack one of them (`open` and `rename` on arm64): the question mark allows it.
  ...['-e', `trace=${TRACED.map((name) => `?${name}`).join(',')}`],
  ...['-o', file],
];

/** What such a traced process needs in its environment so that its writes are calls. */
export const TRACED_ENVIRONMENT = { UV_USE_IO_URING: '0' } as const;

/**
 * For a `before` hook: strace where it may trace, or the tests are skipped loudly. Where `CI` is
 * set they fail.
 */
export async function straceOrSkip(context: Mocha.Context): Promise<Peer> {
  const strace = await peerOrSkip(context, 'strace');
  const reason = await reasonNotToTrace(strace);
  if (reason === undefined) return strace;
  if (process.env['CI']) throw new Error(`strace cannot trace here: ${reason}`);
  console.warn(`\n  SKIPPED, and so unproven: strace cannot trace here: ${reason}\n`);
  return context.skip();
}

/** ptrace may be forbidden, to a container say. */
async function reasonNotToTrace({ path: program, env }: Peer): Promise<string | undefined> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'fobtwin-strace-'));
  const trial = [...straceArguments(path.join(scratch, 'trial')), process.execPath, '--version'];
  try {
    await promisify(execFile)(program, trial, { env });
    return undefined;
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    return stderr.trim() || String(error);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const WHOLE = /^(\d+)\s+(\w+)\((.*)\)\s+= (-?\d+|\?)/s;
const BEGUN = /^(\d+)\s+(\w+)\((.*) <unfinished \.\.\.>(\)\s+= \?)?$/s;
const RESUMED = /^(\d+)\s+<\.\.\. (\w+) resumed>(.*)\)\s+= (-?\d+|\?)/s;

/** In the order in which they began. */
export function parseStrace(text: string): TracedCall[] {
  const calls: TracedCall[] = [];
  const unfinished = new Map<string, { name: string; args: string; began: number }>();
  const finish = (call: Pick<TracedCall, 'name' | 'args' | 'began'>, at: number, result: string) =>
    calls.push(
      result === '?'
        ? { ...call, result: -1, ended: Number.POSITIVE_INFINITY }
        : { ...call, result: Number(result), ended: at },
    );
  for (const [line, written] of text.split('\n').entries()) {
    const begun = BEGUN.exec(written);
    if (begun !== null) {
      const [, thread = '', name = '', args = ''] = begun;
      unfinished.set(thread, { name, args, began: line });
      continue;
    }
    const resumed = RESUMED.exec(written);
    if (resumed !== null) {
      const [, thread = '', name = '', rest = '', result = ''] = resumed;
      const first = unfinished.get(thread);
      if (first?.name !== name) continue;
      unfinished.delete(thread);
      finish({ name, args: first.args + rest, began: first.began }, line, result);
      continue;
    }
    const whole = WHOLE.exec(written);
    if (whole === null) continue;
    const [, , name = '', args = '', result = ''] = whole;
    finish({ name, args, began: line }, line, result);
  }
  for (const call of unfinished.values()) finish(call, Number.POSITIVE_INFINITY, '?');
  return calls.sort((a, b) => a.began - b.began);
}

/** The process that strace started: the first thread of which it tells anything. */
export function tracedProcess(trace: string): number | undefined {
  const thread = /^(\d+)\s/.exec(trace)?.[1];
  return thread === undefined ? undefined : Number(thread);
}

/** Every quoted string of the arguments, decoded from `\xNN`. */
export function stringsOf(args: string): Buffer[] {
  return Array.from(args.matchAll(/"([^"]*)"(\.\.\.)?/g), ([, text = '', cut]) => {
    if (cut !== undefined) throw new Error('strace cut a string: raise STRING_BYTES_MAX');
    const hex = text.replaceAll('\\x', '');
    const bytes = Buffer.from(hex, 'hex');
    if (bytes.length * 4 !== text.length) throw new Error('a string is not written as \\xNN');
    return bytes;
  });
}

/** The first argument as a file descriptor. */
export function descriptorOf(args: string): number {
  return Number.parseInt(args, 10);
}

const SENDING = new Set(['write', 'writev', 'sendto', 'sendmsg']);
/** `"HTTP/1.` as strace prints the beginning of a string. */
const REPLY_BEGINS = `"${[...Buffer.from('HTTP/1.')].map((b) => `\\x${b.toString(16)}`).join('')}`;

/** The line at which the reply to each request began to be sent, by its `X-Request-Id`. */
export function replyLines(calls: readonly TracedCall[]): Map<string, number> {
  const lines = new Map<string, number>();
  for (const { name, args, began } of calls) {
    if (!SENDING.has(name) || !args.includes(REPLY_BEGINS)) continue;
    const sent = Buffer.concat(stringsOf(args)).toString('latin1');
    for (const [, requestId = ''] of sent.matchAll(/^X-Request-Id: ([^\r\n]*)\r$/gim)) {
      if (lines.has(requestId)) throw new Error(`two replies to ${requestId}`);
      lines.set(requestId, began);
    }
  }
  return lines;
}

import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import { formatTime } from '../../shared/time.ts';
import { parseUnixMillis, type UnixMillis } from '../../shared/types.ts';
import { addressOf, answerOf, type Program, startProgram, stop } from './program.ts';

/** A fobd of a scenario's own: a lab in a new directory, which is gone when it is closed. */
export interface Lab {
  readonly address: string;
  /** The administrator's; it works in this lab only. */
  readonly apiKey: string;
  close(): Promise<void>;
}

export interface LabOptions {
  /** How `fobd` is started on this computer. */
  readonly fobd: Program;
  /** The lab's clock gets there, and then stands still; absent: it is the computer's. */
  readonly startAt?: UnixMillis;
}

/** The clock is stopped a while before the start, which is then exact to the millisecond. */
const EARLIER_MILLIS = 3_600_000;

export async function startLab({ fobd, startAt }: LabOptions): Promise<Lab> {
  const data = await mkdtemp(path.join(os.tmpdir(), 'fob-scenario-'));
  let serving: ChildProcess | undefined;
  const close = async () => {
    if (serving !== undefined) await stop(serving);
    await rm(data, { recursive: true, force: true });
  };
  // None of the computer's own settings of fobd reaches a lab.
  const kept = Object.entries(fobd.variables).filter(([name]) => !/^(FOBD?_|XDG_)/.test(name));
  const program = { ...fobd, variables: Object.fromEntries(kept) };
  try {
    const place = ['--data', path.join(data, 'lab'), '--json'];
    const clock = startAt === undefined ? [] : ['--lab-clock', formatTime(earlier(startAt))];
    const made = startProgram(program, ['init', '--lab', ...clock, ...place]);
    const { administrator } = await answerOf<{ administrator: { apiKey: string } }>(
      made,
      'fobd init',
    );
    serving = startProgram(program, ['serve', '--port', '0', '--log-level', 'warn', ...place]);
    let said = '';
    serving.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < SAID_CHARACTERS_MAX) said += text;
    });
    const address = await addressOf(serving).catch(() => {
      throw new FobtwinError('unavailable', `fobd does not start: ${said.trim()}`);
    });
    return { address, apiKey: administrator.apiKey, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const SAID_CHARACTERS_MAX = 10_000;

function earlier(time: UnixMillis): UnixMillis {
  return parseUnixMillis(time - EARLIER_MILLIS) ?? time;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { temporaryDirectory } from './fob-env.ts';
import { builtPrograms } from './programs.ts';

export interface StoryRun {
  /** All that it wrote so far, to standard output and standard error. */
  text(): string;
  /** Resolves when it wrote this; fails when it ends before. */
  until(wanted: string): Promise<void>;
  readonly child: ChildProcess;
  /** Resolves with its exit code. */
  readonly ended: Promise<number | null>;
  /** What it left in its temporary folder. */
  left(): string[];
}

export interface StoryProgram {
  /** @param terminal a terminal of its own (by `script` of util-linux). Default: pipes */
  start(argv: readonly string[], options?: { readonly terminal?: boolean }): StoryRun;
  remove(): void;
}

/** `npm start` as it is built, with both programs beside it. */
export async function storyProgram(): Promise<StoryProgram> {
  const { story } = await builtPrograms();
  const directory = temporaryDirectory();
  let runs = 0;
  return {
    remove: directory.remove,
    start(argv, { terminal = false } = {}) {
      runs += 1;
      const place = path.join(directory.path, `tmp ${runs}`);
      fs.mkdirSync(place);
      const words = [process.execPath, story, ...argv];
      const [file = '', ...rest] = terminal
        ? ['script', '-qec', words.map((word) => `'${word}'`).join(' '), '/dev/null']
        : words;
      const env = { ...process.env, TMPDIR: place, TERM: 'xterm', NO_COLOR: '1' };
      return watch(spawn(file, rest, { env, stdio: 'pipe' }), place);
    },
  };
}

function watch(child: ChildProcess, place: string): StoryRun {
  let text = '';
  let alive = true;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      child.emit('wrote');
    });
  }
  const ended = once(child, 'exit').then(([code]) => {
    alive = false;
    child.emit('wrote');
    return code as number | null;
  });
  return {
    child,
    ended,
    text: () => text,
    left: () => fs.readdirSync(place),
    async until(wanted) {
      while (!text.includes(wanted)) {
        if (!alive) throw new Error(`It ended before it wrote "${wanted}": ${text}`);
        await once(child, 'wrote');
      }
    },
  };
}

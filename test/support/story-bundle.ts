import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { temporaryDirectory } from './fob-env.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

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

export interface StoryBundle {
  /** @param terminal a terminal of its own (by `script` of util-linux). Default: pipes */
  start(argv: readonly string[], options?: { readonly terminal?: boolean }): StoryRun;
  remove(): void;
}

/** `npm start` as `npm run build` makes it, with both programs beside it. */
export async function bundleStory(): Promise<StoryBundle> {
  const directory = temporaryDirectory();
  const programs = path.join(directory.path, 'dist');
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(directory.path, 'node_modules'));
  fs.writeFileSync(path.join(directory.path, 'package.json'), '{"type":"module"}');
  await build({
    absWorkingDir: ROOT,
    entryPoints: {
      fob: 'emulator/cli/main.ts',
      fobd: 'server/cli/main.ts',
      story: 'emulator/story/main.ts',
    },
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    outdir: programs,
    logLevel: 'warning',
  });
  let runs = 0;
  return {
    remove: directory.remove,
    start(argv, { terminal = false } = {}) {
      runs += 1;
      const place = path.join(directory.path, `tmp ${runs}`);
      fs.mkdirSync(place);
      const words = [process.execPath, path.join(programs, 'story.js'), ...argv];
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

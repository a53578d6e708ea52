import { usageError } from './arguments.ts';
import type { FobCommand } from './command.ts';
import { COMMON, parseCommandLine } from './command-line.ts';
import type { CliEnv, ExitCode } from './env.ts';
import { printLines, reportError } from './output.ts';
import { unlocked } from './unlock.ts';
import { version } from './version.ts';

/** What `fob` can do, in the order of its help. A command's module is loaded when it is used. */
const COMMANDS: Readonly<Record<string, Entry>> = {
  make: {
    summary: 'Make a token, or many',
    load: async () => (await import('./make.ts')).make,
  },
  list: {
    summary: 'List the tokens in the drawer',
    load: async () => (await import('./list.ts')).list,
  },
  show: {
    summary: 'Look at a token without pressing it',
    load: async () => (await import('./show.ts')).show,
  },
  press: {
    summary: 'Press the button and read the code',
    load: async () => (await import('./press.ts')).press,
  },
  run: {
    summary: 'Hold a token in the terminal: space presses',
    load: async () => (await import('./run.ts')).run,
  },
  face: {
    summary: 'Serve the tokens to a browser, and to test programs',
    load: async () => (await import('./face.ts')).face,
  },
  fault: {
    summary: 'Break a token on purpose, and mend it',
    load: async () => (await import('./fault.ts')).fault,
  },
  age: {
    summary: 'Put years of use behind a token: drift, wear and presses',
    load: async () => (await import('./age.ts')).age,
  },
  scenario: {
    summary: 'Play scenarios: a token, what goes wrong with it, and what is expected',
    load: async () => (await import('./scenario.ts')).scenario,
  },
  export: {
    summary: "Give a token's seed away, for a server to import",
    load: async () => (await import('./export.ts')).exportSeedFile,
  },
  import: {
    summary: 'Make tokens from a seed file',
    load: async () => (await import('./import.ts')).importSeedFile,
  },
  drawer: {
    summary: 'Protect the drawer, or move it to another computer',
    load: async () => (await import('./drawer.ts')).drawer,
  },
  completion: {
    summary: 'Completions for a shell',
    load: async () => {
      const { completionCommand } = await import('./completion.ts');
      return completionCommand({ commands: COMMANDS, common: COMMON });
    },
  },
};

interface Entry {
  readonly summary: string;
  readonly load: () => Promise<FobCommand>;
}

const SUMMARIES = Object.fromEntries(
  Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary]),
);

const COLUMNS_UNKNOWN = 80;

/** Runs one command line: `argv` is without the program's own name. Never throws. */
export async function runFob(line: readonly string[], env: CliEnv): Promise<ExitCode> {
  const argv = withCommandFirst(line);
  const name = argv.find((word) => !word.startsWith('-')) ?? '';
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (argv.length === 1 && argv[0] === '--version') {
      printLines(env, [version()]);
      return 0;
    }
    const command = await entry?.load();
    const parsed = await parseCommandLine(argv, {
      summaries: SUMMARIES,
      columns: env.stdout.columns ?? COLUMNS_UNKNOWN,
      ...(command === undefined ? {} : { chosen: { name, command } }),
    });
    if ('help' in parsed) {
      printLines(env, [parsed.help]);
      return 0;
    }
    if (command === undefined) throw usageError('Say what to do');
    const ready = command.withoutDrawer === true ? env : await unlocked(parsed.arguments, env);
    return await command.run(parsed.arguments, ready);
  } catch (error) {
    return reportError(error, env, entry === undefined ? undefined : name);
  }
}

/** Options of every command may stand before its name: `fob --drawer DIR list`. */
function withCommandFirst(line: readonly string[]): readonly string[] {
  const at = line.findIndex(
    (word, index) => !word.startsWith('-') && line[index - 1] !== '--drawer',
  );
  const name = line[at];
  return name === undefined ? line : [name, ...line.slice(0, at), ...line.slice(at + 1)];
}

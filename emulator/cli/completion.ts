import {
  type CompletionCommand,
  type CompletionOption,
  completionScript,
  SHELLS,
} from '../../shared/completion.ts';
import { usageError } from './arguments.ts';
import type { Argument, FobCommand } from './command.ts';
import { printJson } from './output.ts';

/** What there is to complete: every command of `fob`, and the options of all of them. */
export interface Completed {
  readonly commands: Readonly<
    Record<string, { readonly summary: string; readonly load: () => Promise<FobCommand> }>
  >;
  readonly common: Readonly<Record<string, Argument>>;
}

/** `fob completion SHELL`: what the shell reads to complete commands and options. */
export const completionCommand = (completed: Completed): FobCommand => ({
  positionals: { shell: { describe: `The shell: ${SHELLS.join(', ')}`, choices: SHELLS } },
  options: {},
  withoutDrawer: true,
  examples: [
    ['completion bash', 'for ~/.bashrc: source <(fob completion bash)'],
    ['completion fish', 'for config.fish: fob completion fish | source'],
  ],
  async run(args, env) {
    const given = args.required('shell');
    const shell = SHELLS.find((name) => name === given);
    if (shell === undefined) throw usageError(`There are completions for ${SHELLS.join(', ')}`);
    const script = completionScript(shell, await treeOf(completed));
    if (args.flag('json')) printJson(env, { shell, script });
    else env.stdout.write(script);
    return 0;
  },
});

async function treeOf({ commands, common }: Completed): Promise<CompletionCommand> {
  const everywhere = optionsOf({ ...common, help: { flag: true, describe: 'Show help' } });
  const inner = Object.entries(commands).map(async ([name, { summary, load }]) => {
    const { options, positionals } = await load();
    return {
      name,
      describe: summary,
      options: [...optionsOf(options), ...everywhere],
      choices: Object.values(positionals).flatMap(({ choices = [] }) => choices),
      commands: [],
    };
  });
  return {
    name: 'fob',
    describe: '',
    options: [
      ...everywhere,
      ...optionsOf({ version: { flag: true, describe: 'Which fob it is' } }),
    ],
    choices: [],
    commands: await Promise.all(inner),
  };
}

const optionsOf = (all: Readonly<Record<string, Argument>>): CompletionOption[] =>
  Object.entries(all).map(([name, { describe, flag = false, choices = [] }]) => ({
    name,
    describe,
    takesValue: !flag,
    choices,
  }));

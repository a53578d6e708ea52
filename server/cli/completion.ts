import type { CompletionCommand } from '../../shared/completion.ts';
import { completionScript, SHELLS } from '../../shared/completion.ts';
import type { Command } from './command.ts';
import { completionTree, type Described, optionsOf } from './completion-tree.ts';

/** The commands of fobd: a name, a line of help, and what loads the rest. */
type Commands = readonly (readonly [
  string,
  string,
  () => Promise<{ readonly command: Command }>,
])[];

/**
 * `fobd completion SHELL`: what the shell reads to complete commands and options.
 *
 * @param common options of every command
 */
export const completionCommand = (
  commands: Commands,
  common: Readonly<Record<string, Described>>,
): Command => ({
  define: (parser, choose) =>
    parser
      .usage(
        'fobd completion SHELL\n\nCompletions for a shell, to be read by it:\n' +
          '  bash, zsh: source <(fobd completion bash)    fish: fobd completion fish | source',
      )
      .command(
        '$0 <shell>',
        false,
        (inner) =>
          inner.positional('shell', {
            type: 'string',
            demandOption: true,
            choices: SHELLS,
            describe: 'bash, zsh or fish',
          }),
        (args) => {
          const { shell } = args;
          choose(args, async ({ print }) => {
            const script = completionScript(shell, await treeOf(commands, common));
            return print({ shell, script }, script);
          });
        },
      ),
});

async function treeOf(
  commands: Commands,
  common: Readonly<Record<string, Described>>,
): Promise<CompletionCommand> {
  const everywhere = optionsOf({ ...common, help: { type: 'boolean', describe: 'Show help' } });
  return {
    name: 'fobd',
    describe: '',
    options: [...everywhere, ...optionsOf({ version: { type: 'boolean' } })],
    choices: [],
    commands: await Promise.all(
      commands.map(async ([name, describe, load]) =>
        completionTree(name, describe, (await load()).command, everywhere),
      ),
    ),
  };
}

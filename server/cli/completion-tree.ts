import type { CompletionCommand, CompletionOption } from '../../shared/completion.ts';
import type { Choose, Command, Parser } from './command.ts';

/** What a command says of itself, written down instead of being parsed by. */

interface Notes {
  readonly options: CompletionOption[];
  readonly choices: string[];
  readonly commands: CompletionCommand[];
}

/** As much of an option's description as completions need. */
export interface Described {
  readonly type?: string;
  readonly describe?: string;
  readonly choices?: readonly unknown[];
  readonly hidden?: boolean;
}

/** A command and the commands in it; `options` are those of every command. */
export function completionTree(
  name: string,
  describe: string,
  { define }: Command,
  options: readonly CompletionOption[],
): CompletionCommand {
  const notes: Notes = { options: [...options], choices: [], commands: [] };
  define(recorder(notes, options), choosesNothing);
  return { name, describe, ...notes };
}

const choosesNothing: Choose = () => undefined;

/**
 * Stands for the parser while a command is defined: every method of it is there, and gives the
 * recorder back; those that say something worth completing write it down.
 */
function recorder(notes: Notes, common: readonly CompletionOption[]): Parser {
  const write: Readonly<Record<string, (...said: never[]) => void>> = {
    option: (name: string, described: Described) => {
      notes.options.push(...optionsOf({ [name]: described }));
    },
    options: (all: Readonly<Record<string, Described>>) => {
      notes.options.push(...optionsOf(all));
    },
    positional(_name: string, { choices = [] }: Described) {
      notes.choices.push(...choices.map(String));
    },
    command(usage: string, describe: string | false, build?: (inner: Parser) => unknown) {
      addCommand(notes, { usage, describe, build, common });
    },
  };
  const parser: Parser = new Proxy({} as Parser, {
    get(_target, method) {
      return (...said: never[]) => {
        write[String(method)]?.(...said);
        return parser;
      };
    },
  });
  return parser;
}

/** Those that people are told of. */
export const optionsOf = (all: Readonly<Record<string, Described>>): CompletionOption[] =>
  Object.entries(all)
    .filter(([, { hidden = false }]) => !hidden)
    .map(([name, { type, describe = '', choices = [] }]) => ({
      name,
      describe,
      takesValue: type !== 'boolean',
      choices: choices.map(String),
    }));

interface Added {
  /** `show <serial>`; `$0` is the command itself without a word more. */
  readonly usage: string;
  /** `false` hides it from people, so from completions too. */
  readonly describe: string | false;
  readonly build: ((inner: Parser) => unknown) | undefined;
  readonly common: readonly CompletionOption[];
}

function addCommand(notes: Notes, { usage, describe, build, common }: Added): void {
  const [name = ''] = usage.split(' ');
  if (name === '$0') {
    build?.(recorder(notes, common));
    return;
  }
  if (describe === false) return;
  const inner: Notes = { options: [...common], choices: [], commands: [] };
  build?.(recorder(inner, common));
  notes.commands.push({ name, describe, ...inner });
}

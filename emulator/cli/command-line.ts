import yargs, { type Argv, type Options } from 'yargs';
import { mayAskForHelp } from '../../shared/help-text.ts';
import { type Arguments, createArguments, usageError } from './arguments.ts';
import type { Argument, FobCommand } from './command.ts';

/** What a command line came to: arguments for its command, or a help text that was asked for. */
export type CommandLine = { readonly arguments: Arguments } | { readonly help: string };

export interface CommandLineContext {
  /** Every command's name and what it does, in the order of the help. */
  readonly summaries: Readonly<Record<string, string>>;
  /** The command that the line names, loaded. */
  readonly chosen?: { readonly name: string; readonly command: FobCommand };
  /** Width of the terminal, to fold the help to. */
  readonly columns: number;
}

const HELP_COLUMNS_MAX = 100;

/** Options of every command. */
export const COMMON: Readonly<Record<string, Argument>> = {
  drawer: {
    describe: "Where the tokens are kept, instead of FOB_DRAWER's or the usual place",
  },
  json: { flag: true, describe: 'One JSON object on standard output, for programs' },
};

/** @throws FobtwinError `usage` */
export async function parseCommandLine(
  argv: readonly string[],
  { summaries, chosen, columns }: CommandLineContext,
): Promise<CommandLine> {
  let values: Readonly<Record<string, unknown>> = {};
  const width = mayAskForHelp(argv) ? Math.min(columns, HELP_COLUMNS_MAX) : null;
  const parser = program(width, chosen?.command);
  for (const [name, summary] of Object.entries(summaries)) {
    if (name !== chosen?.name) {
      parser.command(name, summary);
      continue;
    }
    const { command } = chosen;
    parser.command(
      [name, ...positionalNames(command)].join(' '),
      summary,
      (builder) => describeCommand(builder, command),
      (parsed) => {
        values = parsed;
      },
    );
  }
  let help = '';
  const words = argv.map((word) => (word === '-' ? LONE_HYPHEN : word));
  await parser.parseAsync(words, {}, (_error, _parsed, output) => {
    help = output;
  });
  return help === '' ? { arguments: createArguments(withLoneHyphens(values)) } : { help };
}

/** yargs reads a lone hyphen, which stands for standard input, as no text at all. */
const LONE_HYPHEN = '\0-';

function withLoneHyphens(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const restored = Object.entries(values).map(([name, value]) => [
    name,
    value === LONE_HYPHEN ? '-' : value,
  ]);
  return Object.fromEntries(restored);
}

/** yargs' own texts, in the words of these commands: of the locale `WORDS` alone. */
const STRINGS = {
  'Positionals:': 'Arguments:',
  'Arguments %s and %s are mutually exclusive': '--%s and --%s exclude each other',
  'Not enough arguments following: %s': '--%s needs a value',
  'Invalid values:': 'Not one of the choices:',
} as const;

/**
 * English under a name of its own: whatever parser runs in this process, yargs keeps one table of
 * texts a locale for all of them. A new parser begins with `en`.
 */
const WORDS = 'en_fob';

/**
 * Nothing is guessed: no value becomes a number, no flag is negated, nothing twice is lost.
 *
 * @param columns what the help is folded to; null: not at all
 */
function program(columns: number | null, chosen: FobCommand | undefined): Argv {
  return yargs()
    .scriptName('fob')
    .usage('fob emulates one-button OTP tokens.\n\n$0 COMMAND')
    .detectLocale(false)
    .exitProcess(false)
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'strip-aliased': true,
    })
    .strict()
    .demandCommand(1, 1, 'Say what to do', 'One command at a time')
    .recommendCommands()
    .version(false)
    .help('help', 'What this command does')
    .alias('help', 'h')
    .locale(WORDS)
    .updateStrings(STRINGS)
    .wrap(columns)
    .epilogue('See `fob COMMAND --help`. `fob --version` says which fob this is.')
    .fail((message, error) => {
      // What fails in here is the command line: no command has run yet.
      const said = (message ?? error.message).replaceAll(LONE_HYPHEN, '-');
      throw usageError(namingWhatIsMissing(said, chosen));
    });
}

/** yargs counts missing positional arguments; people want to hear which. */
function namingWhatIsMissing(message: string, command: FobCommand | undefined): string {
  if (command === undefined || !message.startsWith('Not enough non-option arguments')) {
    return message;
  }
  return `Missing: ${positionalNames(command).join(' ')}`;
}

function positionalNames({ positionals }: FobCommand): string[] {
  return Object.entries(positionals).map(([name, { optional, many }]) => {
    const several = many === true ? `${name}..` : name;
    return optional === true ? `[${several}]` : `<${several}>`;
  });
}

function describeCommand(builder: Argv, command: FobCommand): Argv {
  const { positionals, options, conflicts = [], examples, notes } = command;
  for (const [name, { describe }] of Object.entries(positionals)) {
    builder.positional(name, { type: 'string', describe });
  }
  for (const [name, argument] of Object.entries({ ...options, ...COMMON })) {
    builder.option(name, optionOf(argument));
  }
  for (const [one, other] of conflicts) builder.conflicts(one, other);
  for (const [commandLine, meaning] of examples) builder.example(`$0 ${commandLine}`, meaning);
  return builder.epilogue(notes ?? '');
}

function optionOf({ describe, flag, choices }: Argument): Options {
  if (flag === true) return { type: 'boolean', describe };
  const limited = choices === undefined ? {} : { choices };
  return { type: 'string', requiresArg: true, describe, ...limited };
}

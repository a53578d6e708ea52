/**
 * Completions for shells, written from what a program's commands say of themselves. A script knows
 * every command, option and choice, so that a press of TAB starts no program.
 */

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export interface CompletionOption {
  /** Without hyphens. */
  readonly name: string;
  readonly describe: string;
  /** A word follows it. */
  readonly takesValue: boolean;
  /** What that word can be; empty: a file, or anything. */
  readonly choices: readonly string[];
}

/** A program, or one of its commands, or a command of that. */
export interface CompletionCommand {
  readonly name: string;
  readonly describe: string;
  readonly options: readonly CompletionOption[];
  /** What its own words can be, where that is a choice. */
  readonly choices: readonly string[];
  readonly commands: readonly CompletionCommand[];
}

/** What is put into words of shells; anything else would need quoting, which differs by shell. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9:._-]*$/;

/**
 * The script for a shell to read.
 *
 * @throws TypeError for a name that a shell would take apart
 */
export function completionScript(shell: Shell, program: CompletionCommand): string {
  const places = flatten(program, []);
  for (const { command } of places) {
    const names = [
      ...[...command.choices, ...command.commands.map(({ name }) => name)],
      ...command.options.flatMap(({ name, choices }) => [name, ...choices]),
    ];
    const odd = names.find((name) => !PLAIN.test(name));
    if (odd !== undefined) throw new TypeError(`${JSON.stringify(odd)} cannot be completed`);
  }
  if (shell === 'fish') return fishScript(program.name, places);
  const script = bashScript(program.name, places);
  return shell === 'bash' ? script : zshScript(program.name, script);
}

interface Place {
  /** Commands on the way, without the program: `['token', 'list']`. */
  readonly path: readonly string[];
  readonly command: CompletionCommand;
}

const flatten = (command: CompletionCommand, path: readonly string[]): readonly Place[] => [
  { path, command },
  ...command.commands.flatMap((inner) => flatten(inner, [...path, inner.name])),
];

const wordsOf = ({ commands, choices, options }: CompletionCommand): readonly string[] => [
  ...commands.map(({ name }) => name),
  ...choices,
  ...options.map(({ name }) => `--${name}`),
];

/** `compgen` does the matching; what takes a value without a choice gets file names. */
function bashScript(name: string, places: readonly Place[]): string {
  const fn = `_${name}_complete`;
  const isCommand = places
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => `      '${path.join(' ')}') place="$next" ;;`);
  const words = places.map(
    ({ path, command }) => `    '${path.join(' ')}') words='${wordsOf(command).join(' ')}' ;;`,
  );
  const values = places.flatMap(({ path, command }) =>
    command.options
      .filter(({ takesValue }) => takesValue)
      .map(({ name: option, choices }) => {
        const what = choices.length === 0 ? 'files=1' : `words='${choices.join(' ')}'`;
        return `    '${path.join(' ')} --${option}') ${what} ;;`;
      }),
  );
  return `\
# ${name}: completions for bash. Load them with: source <(${name} completion bash)
${fn}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}"
  local place='' next='' words='' files='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    next="\${place:+$place }\${COMP_WORDS[index]}"
    case "$next" in
${isCommand.join('\n')}
    esac
  done
  case "$place $previous" in
${values.map((line) => line.replace(/^ {4}' --/, "    ' --")).join('\n')}
    *) case "$place" in
${words.join('\n')}
    esac ;;
  esac
  if [[ -n "$files" ]]; then
    COMPREPLY=($(compgen -f -- "$word"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$word"))
  fi
}
complete -o filenames -F ${fn} ${name}
`;
}

/** zsh reads completions written for bash. */
const zshScript = (name: string, bash: string): string => `\
# ${name}: completions for zsh. Load them with: source <(${name} completion zsh)
autoload -Uz compinit bashcompinit
(( $+functions[compdef] )) || compinit
bashcompinit
${bash.split('\n').slice(1).join('\n')}`;

function fishScript(name: string, places: readonly Place[]): string {
  const lines = places.flatMap(({ path, command }) => {
    const when = `complete -c ${name} -n '${fishCondition(path, command)}'`;
    return [
      ...command.commands.map(
        (inner) => `${when} -f -a '${inner.name}' -d ${fishText(inner.describe)}`,
      ),
      ...command.choices.map((choice) => `${when} -f -a '${choice}'`),
      ...command.options.map((option) => `${when} ${fishOption(option)}`),
    ];
  });
  return `\
# ${name}: completions for fish. Load them with: ${name} completion fish | source
complete -c ${name} -f
${lines.join('\n')}
`;
}

/** On the way of \`path\`, and at none of the commands that go on from there. */
function fishCondition(path: readonly string[], { commands }: CompletionCommand): string {
  const seen = path.map((name) => `__fish_seen_subcommand_from ${name}`);
  const further = commands.map(({ name }) => name).join(' ');
  const not = further === '' ? [] : [`not __fish_seen_subcommand_from ${further}`];
  return [...seen, ...not].join('; and ') || 'true';
}

function fishOption({ name, describe, takesValue, choices }: CompletionOption): string {
  const value = !takesValue
    ? ''
    : choices.length === 0
      ? ' -r -F'
      : ` -x -a '${choices.join(' ')}'`;
  return `-l ${name}${value} -d ${fishText(describe)}`;
}

const fishText = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

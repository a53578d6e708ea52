import type { Arguments } from './arguments.ts';
import type { CliEnv, ExitCode } from './env.ts';

/** What a positional argument or an option is. Every value is text; a command reads it itself. */
export interface Argument {
  readonly describe: string;
  /** A flag has no value: it is there or not. Default false. */
  readonly flag?: boolean;
  readonly choices?: readonly string[];
}

export interface Positional extends Argument {
  readonly optional?: boolean;
  /** Any number of them: the last one only. */
  readonly many?: boolean;
}

/** One command of `fob`, in a module of its own that is loaded when it is used. */
export interface FobCommand {
  /** Names of positional arguments in order; the optional ones last. */
  readonly positionals: Readonly<Record<string, Positional>>;
  readonly options: Readonly<Record<string, Argument>>;
  /** Pairs of options that exclude each other. */
  readonly conflicts?: readonly (readonly [string, string])[];
  /** It opens no drawer, so nobody is asked for a passphrase. Default false. */
  readonly withoutDrawer?: boolean;
  /** A command line without `fob`, and what it does. */
  readonly examples: readonly (readonly [commandLine: string, meaning: string])[];
  /** What a newcomer should know; ends the help. */
  readonly notes?: string;
  run(args: Arguments, env: CliEnv): Promise<ExitCode>;
}

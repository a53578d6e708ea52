import type { Argv } from 'yargs';
import type { Client } from '../../shared/client/client.ts';
import type { Flags, FobdConfig } from '../config.ts';
import type { CliEnv, ExitCode } from './surroundings.ts';

/** Options that every command has. */
export interface CommonArguments {
  readonly data?: string | undefined;
  readonly 'master-key-file'?: string | undefined;
  readonly 'master-key-command'?: string | undefined;
  readonly policy?: string | undefined;
  readonly json?: boolean | undefined;
}

/** What a command gets when it runs. */
export interface Session {
  readonly env: CliEnv;
  readonly config: FobdConfig;
  readonly json: boolean;
  /** Writes the one result, `value` with --json, else `text` for a person; exit code 0. */
  print(value: object, text: string): ExitCode;
  /** Likewise of a command that was refused: the text on standard error; exit code 1. */
  refuse(value: object, text: string): ExitCode;
  /** Runs `use` with a client of this data directory's /v1, whether fobd serves it or not. */
  withClient<T>(use: (client: Client) => Promise<T>): Promise<T>;
}

/** What a command does. */
export type Action = (session: Session) => Promise<ExitCode>;

/** Called by a command's handler while the line is parsed; run once the whole line is good. */
export type Choose = (
  args: CommonArguments,
  action: Action,
  options?: {
    /** Settings that only this command can be given. */
    readonly flags?: Flags;
  },
) => void;

export type Parser = Argv<CommonArguments>;

/** A command's file exports one of these, loaded when the command is used. */
export interface Command {
  define(parser: Parser, choose: Choose): Argv<CommonArguments>;
}

/** The commands of one noun, `fobd NAME COMMAND`, in the order in which help lists them. */
export const commandGroup = (
  name: string,
  about: string,
  defines: readonly ((parser: Parser, choose: Choose) => unknown)[],
): Command => ({
  define(parser, choose) {
    parser.usage(`fobd ${name} COMMAND\n\n${about}`);
    for (const define of defines) define(parser, choose);
    return parser.demandCommand(1, `${name} needs one of its commands`);
  },
});

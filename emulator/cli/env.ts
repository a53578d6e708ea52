import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../../shared/clock.ts';
import type { Rng } from '../../shared/rng.ts';
import type { LockEnv } from '../drawer/lock.ts';

/** Standard input; the last two are there when it is a terminal. */
export type Input = Readable & {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
};

/** Standard output or error; the last three are there when it is a terminal. */
export type Output = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** All that a command knows of the world. `system.ts` makes the real one, tests their own. */
export interface CliEnv extends LockEnv {
  readonly clock: Clock;
  /** Cryptographic: seeds are made from it. */
  readonly rng: Rng;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly homeDirectory: string;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Calls `action` every so many milliseconds until the returned function is called. */
  readonly every: (millis: number, action: () => void) => () => void;
  /** From now on an interruption or a request to stop aborts this signal instead of the process. */
  readonly interruption: () => AbortSignal;
  /** Runs a program to its end; throws when it fails. */
  readonly runProgram: (program: string, args: readonly string[]) => void;
  /** The drawer's, once its person was asked for it. */
  readonly passphrase?: string;
}

/** 0 done, 1 refused or failed, 2 usage, 42 a scenario's expectation failed (DESIGN section 6). */
export type ExitCode = 0 | 1 | 2 | 42;

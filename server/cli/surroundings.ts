import type { Clock } from '../../shared/clock.ts';
import type { Rng } from '../../shared/rng.ts';
import type { Environment } from '../config.ts';

/** What a command reads codes from. */
export interface Input extends AsyncIterable<Uint8Array | string> {
  readonly isTTY?: boolean | undefined;
  /** A terminal's: whether what is typed comes letter by letter and unshown. */
  setRawMode?(raw: boolean): unknown;
}

/** Where a command writes. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

/** Everything a command has of the world it runs in; real in `main.ts`, made up in a test. */
export interface CliEnv {
  readonly environment: Environment;
  /** What relative paths are relative to; absolute. */
  readonly directory: string;
  readonly input: Input;
  readonly output: Output;
  readonly errors: Output;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Calls `listener` for each SIGTERM and SIGINT from now on; they no longer end the process. */
  onStopSignal(listener: () => void): void;
  /** Calls `listener` for each SIGHUP from now on. Default: there is no such signal. */
  onReloadSignal?(listener: () => void): void;
  /** Ends the process where it stands. */
  exitNow(code: ExitCode): void;
}

/** 0 done, 1 refused or failed, 2 usage. */
export type ExitCode = 0 | 1 | 2;

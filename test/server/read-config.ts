import type { Environment, Flags } from '../../server/config.ts';
import { readConfig } from '../../server/config.ts';
import { FobtwinError } from '../../shared/errors.ts';

/** What a command line and an environment come to, relative to `/srv`. */
export const read = (flags: Flags, environment: Environment = {}) =>
  readConfig(flags, environment, { directory: '/srv' });

/** Why they are refused. */
export const refusal = (flags: Flags, environment: Environment = {}): FobtwinError => {
  try {
    read(flags, environment);
  } catch (error) {
    if (error instanceof FobtwinError) return error;
  }
  throw new Error('it was not refused');
};

import { hash, type Options, parseOptions, verify } from '@node-rs/argon2';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { createSlots } from './slots.ts';

/** Argon2id's parameters (RFC 9106). */
export interface HashParameters {
  readonly memoryKibibytes: number;
  readonly passes: number;
  readonly lanes: number;
}

/**
 * The OWASP Password Storage Cheat Sheet's choice for servers that answer many people: what RFC
 * 9106 section 4 has for little memory, cut down so that a few at once do not fill a small machine.
 */
export const DEFAULT_HASH_PARAMETERS: HashParameters = {
  memoryKibibytes: 19_456,
  passes: 2,
  lanes: 1,
};

export interface HashingOptions {
  /** Default `DEFAULT_HASH_PARAMETERS`. */
  readonly parameters?: HashParameters;
  /**
   * Passwords hashed at the same time, each in that much memory. Default 2: there are four threads
   * for such work, and the store writes by them too.
   */
  readonly atOnce?: number;
  /** Passwords that may wait for their turn; one more is `unavailable`. Default 100, some 2 s. */
  readonly waitingMax?: number;
}

interface Given {
  /**
   * 32 bytes that are not in the store: whoever has the store alone can guess nothing (NIST SP
   * 800-63B-4 section 3.1.1.2, keyed hash).
   */
  readonly key: Uint8Array;
  readonly rng: Rng;
}

export interface Hashing {
  /** @throws FobtwinError `unavailable` when too many wait already */
  hash(password: string): Promise<string>;
  /**
   * Whether it is the password of that hash. Without a hash the same work is done for nothing.
   *
   * @throws FobtwinError `unavailable` when too many wait already
   */
  verify(stored: string | undefined, password: string): Promise<boolean>;
  /** Whether it was made by less than what is asked for now. */
  isOutdated(stored: string): boolean;
}

const SALT_BYTES = 16;
const HASH_BYTES = 32;

export function createHashing(
  { key, rng }: Given,
  { parameters = DEFAULT_HASH_PARAMETERS, atOnce = 2, waitingMax = 100 }: HashingOptions = {},
): Hashing {
  const options: Options = {
    memoryCost: parameters.memoryKibibytes,
    timeCost: parameters.passes,
    parallelism: parameters.lanes,
    outputLen: HASH_BYTES,
    secret: key,
  };
  const slots = createSlots({ atOnce, waitingMax, refusal: tooMany });
  const made = (password: string): Promise<string> =>
    hash(password, { ...options, salt: rng.bytes(SALT_BYTES) });
  return {
    hash: (password) => slots.run(() => made(password)),
    verify: (stored, password) =>
      slots.run(async () => {
        // A hash costs what a comparison with one does.
        if (stored === undefined) return (await made(password)) === '';
        return verify(stored, password, { secret: key });
      }),
    isOutdated(stored) {
      const { memoryCost, timeCost, parallelism } = parseOptions(stored);
      const { memoryKibibytes, passes, lanes } = parameters;
      return memoryCost < memoryKibibytes || timeCost < passes || parallelism < lanes;
    },
  };
}

const tooMany = (): FobtwinError =>
  new FobtwinError('unavailable', 'Too many people are signing in just now.', {
    nextStep: 'Try again in a few seconds.',
  });

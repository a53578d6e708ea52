import { type FieldError, FobtwinError } from '../../shared/errors.ts';

/**
 * Limits against abuse: every number is named, bounded and documented here, and in RULES.md. All of
 * them count refusals or what is on its way to one, never successes, but for the two that count who
 * asks: by application, which is off unless somebody wants it, and by account. 0 turns a limit off.
 */
export interface LimitOptions {
  /** By source address: requests without an API key that are refused, a minute. */
  readonly strangersPerMinute: number;
  /** By source address: requests with a wrong API key, a minute. */
  readonly wrongKeysPerMinute: number;
  /** By application: requests a minute, good and bad. */
  readonly applicationRequestsPerMinute: number;
  /**
   * By account: likewise, of people who call /v1 themselves, with all of their sessions; those that
   * the password alone began are counted apart.
   */
  readonly accountRequestsPerMinute: number;
  /** By serial: different codes a minute that were not accepted. */
  readonly wrongCodesPerMinuteOfToken: number;
  /** By account: likewise. */
  readonly wrongCodesPerMinuteOfAccount: number;
  /** By source address: passwords a minute that were not accepted. */
  readonly passwordsPerMinuteOfSource: number;
  /** By the name that was typed: likewise. */
  readonly wrongPasswordsPerMinuteOfAccount: number;
  /** A code for the same serial or account again within so long is no other code. */
  readonly repeatSeconds: number;
}

export const DEFAULT_LIMITS: LimitOptions = {
  strangersPerMinute: 600,
  wrongKeysPerMinute: 30,
  applicationRequestsPerMinute: 0,
  accountRequestsPerMinute: 600,
  wrongCodesPerMinuteOfToken: 60,
  wrongCodesPerMinuteOfAccount: 60,
  passwordsPerMinuteOfSource: 60,
  wrongPasswordsPerMinuteOfAccount: 30,
  repeatSeconds: 60,
};

/** Least and greatest value of each option, both allowed. */
export const LIMIT_BOUNDS: Readonly<Record<keyof LimitOptions, readonly [number, number]>> = {
  strangersPerMinute: [0, 1_000_000],
  wrongKeysPerMinute: [0, 1_000_000],
  applicationRequestsPerMinute: [0, 10_000_000],
  accountRequestsPerMinute: [0, 1_000_000],
  wrongCodesPerMinuteOfToken: [0, 1_000_000],
  wrongCodesPerMinuteOfAccount: [0, 1_000_000],
  passwordsPerMinuteOfSource: [0, 1_000_000],
  wrongPasswordsPerMinuteOfAccount: [0, 1_000_000],
  repeatSeconds: [0, 600],
};

/**
 * The defaults with `overrides`, checked.
 *
 * @throws FobtwinError `invalidInput` naming each option that is out of bounds or impossible
 */
export function createLimitOptions(overrides: Partial<LimitOptions> = {}): LimitOptions {
  const options: LimitOptions = { ...DEFAULT_LIMITS, ...overrides };
  const errors: FieldError[] = [];
  for (const [name, [least, greatest]] of Object.entries(LIMIT_BOUNDS)) {
    const value = options[name as keyof LimitOptions];
    if (!Number.isInteger(value)) errors.push({ field: name, code: 'wrongType' });
    else if (value < least) errors.push({ field: name, code: 'tooSmall' });
    else if (value > greatest) errors.push({ field: name, code: 'tooLarge' });
  }
  const { strangersPerMinute, wrongKeysPerMinute } = options;
  if (strangersPerMinute > 0 && wrongKeysPerMinute > strangersPerMinute) {
    // A wrong key is never the milder offence.
    errors.push({ field: 'wrongKeysPerMinute', code: 'tooLarge' });
  }
  if (errors.length === 0) return options;
  const names = errors.map(({ field }) => field).join(', ');
  throw new FobtwinError('invalidInput', `The limits are impossible: ${names}`, {
    errors,
    nextStep: 'See the bounds of each option in server/http/limits-options.ts.',
  });
}

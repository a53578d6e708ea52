import { type FieldError, FobtwinError } from '../../shared/errors.ts';

/** The validation policy (DESIGN section 4): every number is named, bounded and documented here. */
export interface Policy {
  /** Event tokens: counters tried after the last accepted one. */
  readonly lookAhead: number;
  /** Event tokens: an old code within so many counters is called `replayed`. */
  readonly replayedCounters: number;
  /** Event tokens: counters searched for a pair. */
  readonly resyncCounters: number;
  /** Time tokens: the acceptance window's hard cap, steps each way. */
  readonly windowStepsMax: number;
  /** Time tokens: standard deviations of the predicted clock that the window covers. */
  readonly windowDeviations: number;
  /** Time tokens: steps searched for a pair, each way. */
  readonly resyncSteps: number;
  /** Time tokens: how many steps after the first code the second may be. */
  readonly pairStepsMax: number;
  /**
   * Next-code mode: how long after a code that only the resync window knows the following code
   * completes the resync. 0: the mode is off.
   */
  readonly nextCodeSeconds: number;
  /** Failures in a row from which a wait begins. */
  readonly waitAfterFailures: number;
  /** The first wait; it doubles with each failure. */
  readonly waitSeconds: number;
  readonly waitSecondsMax: number;
  /** Failures in a row that lock. */
  readonly lockAfterFailures: number;
  /** Failures since the last success that disable (NIST SP 800-63B-4, 3.2.2: at most 100). */
  readonly disableAfterFailures: number;
  /** The same wrong code within so long is tested again and not counted. */
  readonly repeatSeconds: number;
  /** Failed pairs since the last success that spend the resync budget. */
  readonly resyncFailedPairs: number;
  /** Failed registration pairs of an account in rolling 24 hours. */
  readonly registrationFailedPairsPerAccountDay: number;
  /** Failed registration pairs on one serial until the helpdesk unlocks it. */
  readonly registrationFailedPairsPerSerial: number;
}

export const DEFAULT_POLICY: Policy = {
  lookAhead: 10,
  replayedCounters: 10,
  resyncCounters: 1000,
  windowStepsMax: 20,
  windowDeviations: 3.5,
  resyncSteps: 300,
  pairStepsMax: 3,
  nextCodeSeconds: 0,
  waitAfterFailures: 3,
  waitSeconds: 5,
  waitSecondsMax: 300,
  lockAfterFailures: 10,
  disableAfterFailures: 100,
  repeatSeconds: 60,
  resyncFailedPairs: 5,
  registrationFailedPairsPerAccountDay: 5,
  registrationFailedPairsPerSerial: 20,
};

/** Least and greatest value of each option, both allowed. */
export const POLICY_BOUNDS: Readonly<Record<keyof Policy, readonly [number, number]>> = {
  lookAhead: [1, 100],
  replayedCounters: [0, 100],
  resyncCounters: [2, 10_000],
  windowStepsMax: [1, 100],
  windowDeviations: [1, 10],
  resyncSteps: [1, 3000],
  pairStepsMax: [1, 10],
  nextCodeSeconds: [0, 600],
  waitAfterFailures: [1, 100],
  waitSeconds: [0, 300],
  waitSecondsMax: [0, 86_400],
  lockAfterFailures: [1, 100],
  disableAfterFailures: [1, 100],
  repeatSeconds: [0, 600],
  resyncFailedPairs: [1, 20],
  registrationFailedPairsPerAccountDay: [1, 100],
  registrationFailedPairsPerSerial: [1, 100],
};

/** Options that need not be whole. */
const FRACTIONS: ReadonlySet<keyof Policy> = new Set(['windowDeviations']);

/**
 * The defaults with `overrides`, checked.
 *
 * @throws FobtwinError `invalidInput` naming each option that is out of bounds or impossible
 */
export function createPolicy(overrides: Partial<Policy> = {}): Policy {
  const policy: Policy = { ...DEFAULT_POLICY, ...overrides };
  const names = Object.keys(POLICY_BOUNDS) as (keyof Policy)[];
  const errors: FieldError[] = [];
  for (const name of names) {
    const [least, greatest] = POLICY_BOUNDS[name];
    const value = policy[name];
    const isFit = FRACTIONS.has(name) ? Number.isFinite(value) : Number.isInteger(value);
    if (!isFit) errors.push({ field: name, code: 'wrongType' });
    else if (value < least) errors.push({ field: name, code: 'tooSmall' });
    else if (value > greatest) errors.push({ field: name, code: 'tooLarge' });
  }
  if (policy.lockAfterFailures > policy.disableAfterFailures) {
    errors.push({ field: 'lockAfterFailures', code: 'tooLarge' });
  }
  if (policy.waitAfterFailures > policy.lockAfterFailures) {
    errors.push({ field: 'waitAfterFailures', code: 'tooLarge' });
  }
  if (policy.waitSeconds > policy.waitSecondsMax) {
    errors.push({ field: 'waitSeconds', code: 'tooLarge' });
  }
  if (policy.lookAhead > policy.resyncCounters) {
    errors.push({ field: 'lookAhead', code: 'tooLarge' });
  }
  if (errors.length > 0) {
    const names = errors.map(({ field }) => field).join(', ');
    throw new FobtwinError('invalidInput', `The validation policy is impossible: ${names}`, {
      errors,
      nextStep: 'See the bounds of each option in server/verification/policy.ts.',
    });
  }
  return policy;
}

import { timeStepAt } from '../../shared/otp.ts';
import type { TimeParameters, UnixMillis } from '../../shared/types.ts';
import type { Policy } from './policy.ts';
import type { TimeFactor } from './types.ts';

const MILLIS_PER_DAY = 86_400_000;

/** The step that a time token is expected to show at `now`: the server's plus the learnt drift. */
export function predictedStep(
  factor: TimeFactor,
  parameters: TimeParameters,
  now: UnixMillis,
): number {
  return timeStepAt(now, parameters) + factor.offsetSteps;
}

/**
 * The acceptance window, in steps each way of the prediction: one, and one more for every step
 * that a crystal may have gone astray since the last success, at most `windowStepsMax`.
 */
export function windowSteps(
  lastAcceptedAt: UnixMillis | undefined,
  { stepSeconds }: TimeParameters,
  now: UnixMillis,
  policy: Policy,
): number {
  const idleMillis = lastAcceptedAt === undefined ? 0 : Math.max(0, now - lastAcceptedAt);
  const straySteps = Math.floor(
    (idleMillis * policy.windowSecondsPerIdleDay) / (stepSeconds * MILLIS_PER_DAY),
  );
  return Math.min(policy.windowStepsMax, 1 + straySteps);
}

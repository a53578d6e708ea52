import type { UnixMillis } from '../../shared/types.ts';
import { predicted } from '../verification/drift.ts';
import type { Policy } from '../verification/policy.ts';
import { windowAt } from '../verification/window.ts';
import type { TokenClock, TokenDetail } from './port.ts';

export const PPM_PER_SECOND_A_DAY = 1e6 / 86_400;

/** What is believed of a time token's clock at `now`; `undefined` where nothing has been learnt. */
export function clockOf(
  { token: { parameters }, factor: { factor } }: TokenDetail,
  now: UnixMillis,
  policy: Policy,
): TokenClock | undefined {
  if (parameters.type === 'event' || factor.type === 'event') return undefined;
  if (factor.drift === undefined) return undefined;
  const { offsetSeconds, secondsPerDay, offsetVariance } = predicted(factor.drift, now);
  const { from, to, prediction } = windowAt(factor, parameters, now, policy);
  return {
    offsetSeconds,
    ppm: secondsPerDay * PPM_PER_SECOND_A_DAY,
    uncertaintySeconds: Math.sqrt(offsetVariance),
    learntAt: factor.drift.at,
    stepsBefore: prediction - from,
    stepsAfter: to - prediction,
  };
}

import { FobtwinError } from '../../shared/errors.ts';
import type { VerifyAnswer } from '../tokens/port.ts';
import type { Limits } from './limits.ts';
import { type Attempt, isRight } from './limits-attempt.ts';

/**
 * Tests one code within the limits, for edges that answer in words of their own: what is over the
 * limit is not tested, and reads `throttled`.
 *
 * @param limits absent in a lab, where nothing is limited
 */
export async function testWithinLimits(
  attempt: Attempt,
  limits: Pick<Limits, 'attempt'> | undefined,
  verify: () => Promise<VerifyAnswer>,
): Promise<VerifyAnswer> {
  try {
    const settle = limits?.attempt(attempt);
    const answer = await verify();
    settle?.(isRight(answer.outcome));
    return answer;
  } catch (error) {
    if (!(error instanceof FobtwinError) || error.code !== 'tooManyRequests') throw error;
    const { retryAfterSeconds } = error;
    return { outcome: 'throttled', ...(retryAfterSeconds && { retryAfterSeconds }) };
  }
}

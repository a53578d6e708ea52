import type { FaultName } from '../../../firmware-spec/vocabulary.ts';
import { randomSeedOf } from '../../../shared/rng.ts';
import type { Fault } from '../types.ts';

/** Chances that replay: each follows from a fault and the occasion alone (FS-82). */

/**
 * Uniform in [0, 1). Every draw stands for itself: of another fault, another occasion or another
 * purpose it is another one, however many were made before.
 */
export function chance(
  fault: { readonly name: FaultName; readonly randomSeed: number },
  ...occasion: readonly (number | string)[]
): number {
  const text = [fault.name, fault.randomSeed, ...occasion].join('/');
  return randomSeedOf(text) / 2 ** 32;
}

/** Does the fault strike at this occasion? One of probability 1 always does. */
export function strikes(fault: Fault, ...occasion: readonly (number | string)[]): boolean {
  return fault.probability >= 1 || chance(fault, 'strikes', ...occasion) < fault.probability;
}

import type { FaultName } from '../../../firmware-spec/vocabulary.ts';
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
  return hash32(text) / 2 ** 32;
}

/** Does the fault strike at this occasion? One of probability 1 always does. */
export function strikes(fault: Fault, ...occasion: readonly (number | string)[]): boolean {
  return fault.probability >= 1 || chance(fault, 'strikes', ...occasion) < fault.probability;
}

/** FNV-1a over the text's UTF-16 units, then MurmurHash3's finaliser, which mixes every bit. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

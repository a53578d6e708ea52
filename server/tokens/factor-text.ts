import type { FactorRecord } from '../verification/types.ts';

/**
 * The text of a factor record, as `JSON.stringify` makes it. Every accepted code writes one: an
 * event token's, as it is after a success, is written by hand at a quarter of the cost; what has
 * other members, or the same in another order, goes to the general function.
 */
export function factorText(record: FactorRecord): string {
  const { version, factor, failures, failedPairs, lastAcceptedAt } = record;
  const isUsual =
    factor.type === 'event' &&
    lastAcceptedAt !== undefined &&
    hasExactly(record, ACCEPTED) &&
    hasExactly(factor, EVENT) &&
    hasExactly(failures, COUNTS);
  if (!isUsual) return JSON.stringify(record);
  const { failuresInRow, failuresSinceSuccess, waitUntil } = failures;
  return (
    `{"version":${version},"factor":{"type":"event","nextCounter":${factor.nextCounter}},` +
    `"failures":{"failuresInRow":${failuresInRow},` +
    `"failuresSinceSuccess":${failuresSinceSuccess},"waitUntil":${waitUntil}},` +
    `"failedPairs":${failedPairs},"lastAcceptedAt":${lastAcceptedAt}}`
  );
}

/** In the order in which they are written. */
const ACCEPTED = ['version', 'factor', 'failures', 'failedPairs', 'lastAcceptedAt'] as const;
const EVENT = ['type', 'nextCounter'] as const;
const COUNTS = ['failuresInRow', 'failuresSinceSuccess', 'waitUntil'] as const;

function hasExactly(value: object, members: readonly string[]): boolean {
  let count = 0;
  for (const member in value) {
    if (member !== members[count]) return false;
    count += 1;
  }
  return count === members.length;
}

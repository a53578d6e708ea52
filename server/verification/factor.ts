import { FobtwinError } from '../../shared/errors.ts';
import { timeStepAt } from '../../shared/otp.ts';
import type { TimeParameters, TokenParameters, UnixMillis } from '../../shared/types.ts';
import { clearFailures, NO_FAILURES } from './failures.ts';
import type { EventFactor, FactorRecord, Subject, TimeFactor } from './types.ts';

/** A token whose parameters and factor are known to be of one type. */
export type TypedFactor =
  | { readonly type: 'event'; readonly factor: EventFactor }
  | { readonly type: 'time'; readonly factor: TimeFactor; readonly parameters: TimeParameters };

/**
 * The hot record of a token that has accepted nothing yet.
 *
 * @param nextCounter event tokens: PSKC's Counter, inclusive, 0 to 2^53 - 1; else not looked at
 */
export function newFactor(parameters: TokenParameters, nextCounter: number): FactorRecord {
  const factor: EventFactor | TimeFactor =
    parameters.type === 'event'
      ? { type: 'event', nextCounter }
      : { type: 'time', lastStep: -1, offsetSteps: 0 };
  return { version: 1, factor, failures: NO_FAILURES, failedPairs: 0 };
}

/** @throws FobtwinError `internal` when a token's two records disagree about its type */
export function typedFactor({ parameters, record: { factor } }: Subject): TypedFactor {
  if (parameters.type === 'event' && factor.type === 'event') return { type: 'event', factor };
  if (parameters.type === 'time' && factor.type === 'time') {
    return { type: 'time', factor, parameters };
  }
  throw new FobtwinError('internal', 'The server could not decide', {
    detail: `a token of type ${parameters.type} has a factor of type ${factor.type}`,
  });
}

/**
 * The record after `movingFactor` was accepted at `now`: it and all before it are burnt, the drift
 * is what it shows, and every count, the wait and the budget are cleared.
 */
export function acceptFactor(
  subject: Subject,
  movingFactor: number,
  now: UnixMillis,
): FactorRecord {
  const typed = typedFactor(subject);
  const factor: EventFactor | TimeFactor =
    typed.type === 'event'
      ? { type: 'event', nextCounter: movingFactor + 1 }
      : {
          type: 'time',
          lastStep: movingFactor,
          offsetSteps: movingFactor - timeStepAt(now, typed.parameters),
        };
  return {
    version: 1,
    factor,
    failures: clearFailures(subject.record.failures),
    failedPairs: 0,
    lastAcceptedAt: now,
  };
}

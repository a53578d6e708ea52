import { FobtwinError } from '../../shared/errors.ts';
import type { TimeParameters, TokenParameters, UnixMillis } from '../../shared/types.ts';
import { firstEstimate, learnt, relearnt } from './drift.ts';
import { clearFailures, NO_FAILURES } from './failures.ts';
import type {
  DriftEstimate,
  Env,
  EventFactor,
  FactorRecord,
  TimeFactor,
  Unseeded,
} from './types.ts';

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
    parameters.type === 'event' ? { type: 'event', nextCounter } : { type: 'time', lastStep: -1 };
  return { version: 1, factor, failures: NO_FAILURES, failedPairs: 0 };
}

/** @throws FobtwinError `internal` when a token's two records disagree about its type */
export function typedFactor({
  parameters,
  record: { factor },
}: Pick<Unseeded, 'parameters' | 'record'>): TypedFactor {
  if (parameters.type === 'event' && factor.type === 'event') return { type: 'event', factor };
  if (parameters.type === 'time' && factor.type === 'time') {
    return { type: 'time', factor, parameters };
  }
  throw new FobtwinError('internal', 'The server could not decide', {
    detail: `a token of type ${parameters.type} has a factor of type ${factor.type}`,
  });
}

/** What was accepted: one code, or the second of a pair (which proves more). */
export type Proof = 'code' | 'pair';

interface Accepting {
  readonly now: UnixMillis;
  readonly proof: Proof;
  readonly env: Pick<Env, 'learns'>;
}

/**
 * The record after `movingFactor` was accepted at `now`: it and all before it are burnt, the drift
 * is learnt from it, and every count, the wait and the budget are cleared.
 */
export function acceptFactor(
  subject: Unseeded,
  movingFactor: number,
  { now, proof, env }: Accepting,
): FactorRecord {
  const typed = typedFactor(subject);
  const factor: EventFactor | TimeFactor =
    typed.type === 'event'
      ? { type: 'event', nextCounter: movingFactor + 1 }
      : {
          type: 'time',
          lastStep: movingFactor,
          drift: driftAfter(typed, movingFactor, { now, proof, env }),
        };
  return {
    version: 1,
    factor,
    failures: clearFailures(subject.record.failures),
    failedPairs: 0,
    lastAcceptedAt: now,
  };
}

/** A time token's record once what was learnt of its clock is forgotten; what is burnt stays so. */
export function forgetClock(record: FactorRecord): FactorRecord {
  const { nextCode: _, ...rest } = record;
  const { factor } = record;
  if (factor.type === 'event') return record;
  return { ...rest, factor: { type: 'time', lastStep: factor.lastStep } };
}

function driftAfter(
  { factor: { drift }, parameters }: Extract<TypedFactor, { type: 'time' }>,
  step: number,
  { now, proof, env }: Accepting,
): DriftEstimate {
  if (drift === undefined) return firstEstimate(step, parameters, now);
  if (env.learns?.() === false) return drift;
  const learn = proof === 'pair' ? relearnt : learnt;
  return learn(drift, step, parameters, now);
}

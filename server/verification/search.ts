import { timeStepAt } from '../../shared/otp.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { typedFactor } from './factor.ts';
import type { Policy } from './policy.ts';
import type { Search, Unseeded } from './types.ts';
import { windowAt } from './window.ts';

/** Codes made at a stretch: a third of a millisecond of HMACs, half of one with SHA-512. */
export const SLICE_CODES = 128;

/** The resync window: moving factors, both ends included. */
export interface ResyncRange {
  readonly from: number;
  readonly to: number;
  /** Of several findings the nearest to this wins, the earlier of two equally near. */
  readonly prediction: number;
  /** How many moving factors after the first code the second may be. */
  readonly apart: number;
}

/** Where two codes that follow each other are looked for: later than the last accepted. */
export function resyncRange(subject: Unseeded, now: UnixMillis, policy: Policy): ResyncRange {
  const typed = typedFactor(subject);
  if (typed.type === 'event') {
    const { nextCounter } = typed.factor;
    const last = nextCounter + policy.resyncCounters - 1;
    const to = Math.min(last, Number.MAX_SAFE_INTEGER);
    return { from: nextCounter, to, prediction: nextCounter, apart: 1 };
  }
  const { prediction } = windowAt(typed.factor, typed.parameters, now, policy);
  return {
    from: Math.max(0, typed.factor.lastStep + 1, prediction - policy.resyncSteps),
    // Never further ahead of the server's clock: see `windowAt`.
    to: Math.min(prediction, timeStepAt(now, typed.parameters)) + policy.resyncSteps,
    prediction,
    apart: policy.pairStepsMax,
  };
}

export const sameRange = (a: ResyncRange, b: ResyncRange): boolean =>
  a.from === b.from && a.to === b.to && a.prediction === b.prediction && a.apart === b.apart;

/** Runs a search to its end without a pause. */
export function finish<Found>(search: Search<Found>): Found {
  for (;;) {
    const step = search.next();
    if (step.done === true) return step.value;
  }
}

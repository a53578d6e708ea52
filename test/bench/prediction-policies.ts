import { firstEstimate, learnt, relearnt } from '../../server/verification/drift.ts';
import { DEFAULT_POLICY } from '../../server/verification/policy.ts';
import type { DriftEstimate } from '../../server/verification/types.ts';
import { windowAt } from '../../server/verification/window.ts';
import type { TimeParameters, UnixMillis } from '../../shared/types.ts';

/** The ways to choose a window that the prediction benchmark compares; one object a token. */
export interface Follower {
  /** Steps that would be accepted at server time `now`, both ends included. */
  window(now: number): readonly [from: number, to: number];
  /** A single code was accepted. */
  accepted(step: number, now: number): void;
  /** Two codes were: registration, and every resync. */
  proven(step: number, now: number): void;
}

export interface WindowPolicy {
  readonly name: string;
  readonly follow: (parameters: TimeParameters) => Follower;
}

const DAY = 86_400_000;
const HALF = 0.5;

/** Around the last accepted offset: privacyIDEA, multiOTP and LinOTP in their shapes. */
const lastOffset = (before: number, after: number): WindowPolicy => ({
  name: `-${before}..+${after} around the last offset`,
  follow: ({ stepSeconds }) => {
    let offset = 0;
    const stepAt = (now: number) => Math.floor(now / 1000 / stepSeconds);
    const learn = (step: number, now: number) => {
      offset = step - stepAt(now);
    };
    return {
      window: (now) => [stepAt(now) + offset - before, stepAt(now) + offset + after],
      accepted: learn,
      proven: learn,
    };
  },
});

/** Around an exponentially smoothed offset. */
const smoothed = (reach: number): WindowPolicy => ({
  name: `+-${reach} around a smoothed offset`,
  follow: ({ stepSeconds }) => {
    let offset = 0;
    const seen = (step: number, now: number) => (step + HALF) * stepSeconds - now / 1000;
    return {
      window(now) {
        const middle = Math.floor((now / 1000 + offset) / stepSeconds);
        return [middle - reach, middle + reach];
      },
      accepted(step, now) {
        offset += 0.3 * (seen(step, now) - offset);
      },
      proven(step, now) {
        offset = seen(step, now);
      },
    };
  },
});

/** Grows 4 s each way an idle day around the last offset: OneSpan's dynamic window. */
const growing: WindowPolicy = {
  name: 'grows 8 s an idle day',
  follow: ({ stepSeconds }) => {
    let offset = 0;
    let at = 0;
    const stepAt = (now: number) => Math.floor(now / 1000 / stepSeconds);
    const learn = (step: number, now: number) => {
      offset = step - stepAt(now);
      at = now;
    };
    return {
      window(now) {
        const reach = 1 + Math.floor((4 * (now - at)) / DAY / stepSeconds);
        return [stepAt(now) + offset - reach, stepAt(now) + offset + reach];
      },
      accepted: learn,
      proven: learn,
    };
  },
};

/** What fobd does. */
const predicted: WindowPolicy = {
  name: 'fobd: predicted',
  follow: (parameters) => {
    let drift: DriftEstimate | undefined;
    const at = (now: number) => Math.round(now) as UnixMillis;
    return {
      window(now) {
        const factor = { type: 'time', lastStep: -1, ...(drift && { drift }) } as const;
        const { from, to } = windowAt(factor, parameters, at(now), DEFAULT_POLICY);
        return [from, to];
      },
      accepted(step, now) {
        drift = drift && learnt(drift, step, parameters, at(now));
      },
      proven(step, now) {
        drift =
          drift === undefined
            ? firstEstimate(step, parameters, at(now))
            : relearnt(drift, step, parameters, at(now));
      },
    };
  },
};

/**
 * Every last-offset window of 3 to 21 codes, each size as even as it goes and leaning either way:
 * among them the best with as many codes as fobd accepts on the mean is looked for.
 */
export const RIVALS: readonly WindowPolicy[] = Array.from({ length: 19 }, (_, n) => n + 3).flatMap(
  (codes) => {
    const [less, more] = [Math.floor((codes - 1) / 2), Math.ceil((codes - 1) / 2)];
    return less === more
      ? [lastOffset(less, more)]
      : [lastOffset(less, more), lastOffset(more, less)];
  },
);

export const WINDOW_POLICIES: readonly WindowPolicy[] = [
  lastOffset(1, 1),
  lastOffset(3, 3),
  lastOffset(6, 6),
  lastOffset(20, 20),
  smoothed(1),
  smoothed(3),
  growing,
  predicted,
];

import type { Serial, UnixMillis } from '../../shared/types.ts';
import type { Also, Store, Write } from '../store/port.ts';
import type { Policy } from '../verification/policy.ts';
import type { FactorRecord } from '../verification/types.ts';
import { windowAt } from '../verification/window.ts';
import { PPM_PER_SECOND_A_DAY } from './clock.ts';
import { FACTORS, factorKey, type TokenRecord, tokenKey } from './record.ts';

/** What an accepted code says of its token, without saying which token it was. */
export type Acceptance =
  | {
      readonly type: 'event';
      /** Counters that were passed over: 0 for the very next one. */
      readonly skippedCounters: number;
    }
  | {
      readonly type: 'time';
      /** How many steps would have been accepted. */
      readonly windowSteps: number;
      /** From the predicted step to the accepted one, either way. */
      readonly distanceSteps: number;
      /** The token's clock less the server's as believed from now on, either way. */
      readonly offsetSeconds: number;
      /** How fast that is believed to change, either way. */
      readonly driftPpm: number;
    };

/** Told on the way of every accepted code: what it does must be quick, and must not throw. */
export type AcceptanceObserver = (acceptance: Acceptance) => void;

/**
 * The store for decisions on single codes, with an eye on what they accept: a factor that moves on.
 * `observe` hears of it when it is durable; a refused code costs next to nothing.
 */
export function watchAcceptances(
  store: Pick<Store, 'transact'>,
  observe: AcceptanceObserver,
  { policy, now }: { readonly policy: Policy; readonly now: UnixMillis },
): Pick<Store, 'transact'> {
  return {
    transact(keys, decide) {
      let seen: Acceptance | undefined;
      const reply = store.transact(keys, (records, also) => {
        const decision = decide(records, also);
        seen = acceptanceIn(decision.writes, also, { policy, now });
        return decision;
      });
      return reply.then((told) => {
        if (seen !== undefined) observe(seen);
        return told;
      });
    },
  };
}

interface Deciding {
  readonly policy: Policy;
  readonly now: UnixMillis;
}

function acceptanceIn(
  writes: readonly Write[],
  also: Also,
  { policy, now }: Deciding,
): Acceptance | undefined {
  const write = writes.find(isOfFactor);
  if (write?.record === undefined) return undefined;
  const serial = write.key.id as Serial;
  const before = also(factorKey(serial));
  if (before === undefined) return undefined;
  const tokenOf = (): TokenRecord | undefined => also(tokenKey(serial));
  return describe(before, write.record as FactorRecord, { tokenOf, policy, now });
}

const isOfFactor = ({ key }: Write): boolean => key.kind === FACTORS;

function describe(
  { factor: before }: FactorRecord,
  { factor: after }: FactorRecord,
  { tokenOf, policy, now }: Deciding & { readonly tokenOf: () => TokenRecord | undefined },
): Acceptance | undefined {
  if (before.type === 'event' && after.type === 'event') {
    const skippedCounters = after.nextCounter - before.nextCounter - 1;
    return skippedCounters < 0 ? undefined : { type: 'event', skippedCounters };
  }
  if (before.type === 'event' || after.type === 'event') return undefined;
  const parameters = tokenOf()?.parameters;
  if (parameters?.type !== 'time' || after.lastStep <= before.lastStep) return undefined;
  const { from, to, prediction } = windowAt(before, parameters, now, policy);
  return {
    type: 'time',
    windowSteps: to - from + 1,
    distanceSteps: Math.abs(after.lastStep - prediction),
    offsetSeconds: Math.abs(after.drift?.offsetSeconds ?? 0),
    driftPpm: Math.abs(after.drift?.secondsPerDay ?? 0) * PPM_PER_SECOND_A_DAY,
  };
}

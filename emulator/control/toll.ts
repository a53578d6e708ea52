import type { Clock } from '../../shared/clock.ts';
import { FobtwinError } from '../../shared/errors.ts';
import type { Operation } from './operations.ts';
import { type Allowance, createAllowance, type Rate } from './rates.ts';

/** How much may be asked for: of everything together, and of presses on each token. */
export interface Rates {
  /** Default 400 a second, 800 at once. */
  readonly requests?: Rate;
  /** Default 50 a second, 100 at once: far more than a finger, enough for a test. */
  readonly presses?: Rate;
}

export interface Toll {
  /** @throws FobtwinError `tooManyRequests`; nothing was done then */
  pay(operation: Operation, serial: unknown): void;
}

const REQUESTS: Rate = { perSecond: 400, burst: 800 };
const PRESSES: Rate = { perSecond: 50, burst: 100 };
/** Serials that are remembered; who names more than these pays from one purse. */
const SERIALS_MAX = 256;

export function createToll(clock: Clock, rates: Rates = {}): Toll {
  const all = createAllowance(rates.requests ?? REQUESTS, clock);
  const bySerial = new Map<string, Allowance>();
  const ofSerial = (serial: string): Allowance => {
    const key = bySerial.has(serial) || bySerial.size < SERIALS_MAX ? serial : '';
    const known = bySerial.get(key) ?? createAllowance(rates.presses ?? PRESSES, clock);
    bySerial.set(key, known);
    return known;
  };
  return {
    pay({ presses = false }, serial) {
      charge(all, 'commands');
      if (presses) charge(ofSerial(String(serial).slice(0, 64).toUpperCase()), 'presses');
    },
  };
}

function charge(allowance: Allowance, what: string): void {
  const waitMillis = allowance.take();
  if (waitMillis === 0) return;
  throw new FobtwinError('tooManyRequests', `Too many ${what}: this one was not carried out`, {
    nextStep: `Wait ${waitMillis} ms before the next.`,
  });
}

import { invalidInput } from '../../../shared/errors.ts';
import { timeStepAt } from '../../../shared/otp.ts';
import type { Code, UnixMillis } from '../../../shared/types.ts';
import { deviceTimeAt } from '../crystal.ts';
import { checkTime } from '../fit.ts';
import { factorAt } from '../step.ts';
import type { Device, DeviceEnv } from '../types.ts';

/** Codes that a server refuses, for tests: never right, or right no more. */

/** Beyond every window of a server: a resync looks 300 steps or 1,000 counters far. */
const STEPS_DEFAULT = 1000;
export const STEPS_MAX = 10_000;

/**
 * Digits that the seed gives at no step or counter in range: up to `steps` either side of the
 * device's moving factor, and (time tokens) of the step of true time, by which a server may judge.
 *
 * @param options `steps`: 0 to `STEPS_MAX`; default 1000
 * @throws FobtwinError `invalidInput` naming `steps` or `at`
 */
export function wrongCode(
  device: Device,
  at: UnixMillis,
  { steps = STEPS_DEFAULT }: { readonly steps?: number },
  env: DeviceEnv,
): Code {
  if (!Number.isInteger(steps) || steps < 0 || steps > STEPS_MAX) {
    throw invalidInput('steps', 'badFormat', `steps is a whole number from 0 to ${STEPS_MAX}`);
  }
  checkTime(at);
  const right = new Set<string>();
  const centres = new Set([factorOf(device, at), trueFactorOf(device, at)]);
  for (const centre of centres) {
    const first = Math.max(0, centre - steps);
    const last = Math.min(Number.MAX_SAFE_INTEGER, centre + steps);
    for (let factor = first; factor <= last; factor += 1) right.add(codeAt(device, factor, env));
  }
  const { digits } = device.parameters;
  // At most 40,002 of a million codes are right, so one that is not is soon found.
  let number = Number(codeAt(device, factorOf(device, at), env));
  let code: string;
  do {
    number = (number + 1) % 10 ** digits;
    code = String(number).padStart(digits, '0');
  } while (right.has(code));
  return code as Code;
}

/**
 * The code `n` steps, or counters, before the one that a press would show now: of an event token 1
 * is the last that it showed. One that was right at its time, and to a server an old one.
 *
 * @param n from 1
 * @throws FobtwinError `invalidInput` naming `n` when there was no such code, or `at`
 */
export function staleCode(device: Device, at: UnixMillis, n: number, env: DeviceEnv): Code {
  checkTime(at);
  if (!Number.isInteger(n) || n < 1) {
    throw invalidInput('n', 'badFormat', 'A stale code is a whole number of steps old, 1 or more');
  }
  const factor = factorOf(device, at) - n;
  if (factor < 0) {
    throw invalidInput('n', 'tooLarge', `${device.serial} has not made so many codes`, {
      nextStep: 'Press it first, or take an age that it has.',
    });
  }
  return codeAt(device, factor, env);
}

function codeAt({ seed, parameters }: Device, factor: number, { otp }: DeviceEnv): Code {
  return otp.code(seed, factor, parameters);
}

const factorOf = (device: Device, at: UnixMillis) => factorAt(device, deviceTimeAt(device, at));

function trueFactorOf({ parameters, state }: Device, at: UnixMillis): number {
  return parameters.type === 'event' ? state.counter : Math.max(0, timeStepAt(at, parameters));
}

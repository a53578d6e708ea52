import { FobtwinError, invalidInput } from '../../shared/errors.ts';
import { timeStepAt } from '../../shared/otp.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { deviceTimeAt, trueMillisUntil } from './crystal.ts';
import type { Device } from './types.ts';

/**
 * True time of the next press that shows a new code with `minMillis` to live.
 *
 * Of a time token: now, if its step is not one whose code has been shown and lasts so long; else
 * the start of the next step. Of an event token: now, since each press shows a new code.
 *
 * @param device as it is at `now`
 * @throws FobtwinError `invalidInput` when no code lives so long, `notAllowedNow` when the token's
 * clock stands still
 */
export function freshMoment(device: Device, now: UnixMillis, minMillis: number): UnixMillis {
  const { parameters, state } = device;
  if (parameters.type === 'event') return now;
  const stepMillis = parameters.stepSeconds * 1000;
  if (minMillis > stepMillis) {
    throw invalidInput('minRemaining', 'tooLarge', `A code lives at most ${stepMillis} ms`);
  }
  const stepAt = (at: UnixMillis) =>
    timeStepAt(Math.floor(deviceTimeAt(device, at)) as UnixMillis, parameters);
  const step = stepAt(now);
  const endsAt = (step + 1) * stepMillis;
  // The code that showed when it was pressed may have been used, though it is dark by now.
  const wasShown =
    state.shownFactor === step ||
    (state.pressedAt !== undefined && stepAt(state.pressedAt) === step);
  if (!wasShown && endsAt - deviceTimeAt(device, now) >= minMillis) return now;
  const waitMillis = trueMillisUntil(device, now, endsAt);
  if (!Number.isFinite(waitMillis)) {
    throw new FobtwinError('notAllowedNow', `The clock of ${device.serial} stands still`, {
      nextStep: 'No new code comes until its fault is cleared.',
    });
  }
  return (now + Math.max(1, Math.ceil(waitMillis))) as UnixMillis;
}

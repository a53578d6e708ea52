import type { Clock } from '../../shared/clock.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { formatTime, TIME_MAX } from '../../shared/time.ts';
import { parseUnixMillis, type UnixMillis } from '../../shared/types.ts';
import { advance, read } from '../device/device.ts';
import type { Device, DeviceEnv, Reading } from '../device/types.ts';
import type { Answer, Fobd } from './fobd.ts';
import type { Scenario } from './scenario.ts';

/** All that a running scenario knows: its tokens, its time, what it kept and what fobd said. */
export interface World {
  readonly scenario: Scenario;
  readonly deviceEnv: DeviceEnv;
  readonly fobd: Fobd | undefined;
  readonly now: UnixMillis;
  readonly parts: readonly string[];
  /** What `save-code` kept, by name. */
  readonly saved: Map<string, string>;
  /** Whose code was submitted last, and what came of it. */
  answer: { readonly part: string; readonly answer: Answer } | undefined;
  /** @throws FobtwinError `notFound`; a scenario that was linted asks for none that is not there */
  device(part: string): Device;
  reading(part: string): Reading;
  /** A new device, or one to which something happened. */
  put(part: string, device: Device): void;
  /** Time passes: in a simulated world at once, in the real one by waiting. */
  advanceTo(time: number): Promise<void>;
  /** The real world's time has moved on since the last step. */
  catchUp(): Promise<void>;
  /** A number that counts up, for random streams of their own. */
  nextDraw(purpose: string): string;
}

export interface WorldOptions {
  readonly scenario: Scenario;
  readonly deviceEnv: DeviceEnv;
  /** Absent: nothing is submitted. */
  readonly fobd?: Fobd | undefined;
  readonly startAt: UnixMillis;
  /** Looked at for a real clock only. */
  readonly clock: Clock;
  /** Waits, for a real clock only. */
  readonly pause: (millis: number) => Promise<unknown>;
}

/** One step waits no longer in the real world; a timer cannot be set to more than 24 days. */
const REAL_WAIT_MILLIS_MAX = 3_600_000;

export function createWorld(options: WorldOptions): World {
  const { scenario, deviceEnv, fobd, clock, pause } = options;
  const isReal = scenario.clock === 'real';
  const devices = new Map<string, Device>();
  const draws = new Map<string, number>();
  let now = options.startAt;

  const passTo = async (time: UnixMillis): Promise<void> => {
    const passed = time - now;
    if (passed <= 0) return;
    now = time;
    for (const [part, device] of devices) devices.set(part, advance(device, time, deviceEnv));
    if (fobd?.clock === 'lab') await fobd.advance(passed);
  };
  const device = (part: string): Device => {
    const found = devices.get(part);
    if (found !== undefined) return found;
    throw new FobtwinError('notFound', `No token ${part} has been made`);
  };
  const catchUp = async () => {
    if (isReal) await passTo(clock.now());
  };

  return {
    scenario,
    deviceEnv,
    fobd,
    get now() {
      return now;
    },
    get parts() {
      return [...devices.keys()];
    },
    saved: new Map(),
    answer: undefined,
    device,
    reading: (part) => read(device(part), now, deviceEnv),
    put(part, changed) {
      devices.set(part, changed);
    },
    async advanceTo(time) {
      const target = parseUnixMillis(Math.ceil(time));
      if (target === undefined || target > TIME_MAX) {
        throw new FobtwinError('invalidInput', 'This leads beyond the year 9999');
      }
      if (target < now) {
        throw new FobtwinError(
          'notAllowedNow',
          `Time only runs forward: it is ${formatTime(now)} already`,
        );
      }
      if (isReal && target - now > REAL_WAIT_MILLIS_MAX) {
        throw new FobtwinError('notAllowedNow', 'A real clock is waited for 1 h at most');
      }
      if (isReal && target > now) await pause(target - now);
      await passTo(target);
      await catchUp();
    },
    catchUp,
    nextDraw(purpose) {
      const number = (draws.get(purpose) ?? 0) + 1;
      draws.set(purpose, number);
      return `${purpose}/${number}`;
    },
  };
}

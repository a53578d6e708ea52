import type { DeviceOptions } from '../../../emulator/device/device.ts';
import { createDevice } from '../../../emulator/device/device.ts';
import type { Device, DeviceEnv } from '../../../emulator/device/types.ts';
import { C30 } from '../../../firmware-spec/profiles/c30.ts';
import { createOtp } from '../../../shared/otp.ts';
import type { Rng } from '../../../shared/rng.ts';
import type { Seed, Serial, UnixMillis } from '../../../shared/types.ts';
import { nodeCrypto } from '../../support/node-crypto.ts';
import { seededUniform } from '../../support/seeded-uniform.ts';

/** Devices and what enters them, for the tests of this room. */

export const ENV: DeviceEnv = { otp: createOtp(nodeCrypto) };

/** The seed of RFC 4226 appendix D and RFC 6238 appendix B. */
export const RFC_SEED = new TextEncoder().encode('12345678901234567890') as Seed;

export const at = (text: string): UnixMillis => {
  const millis = Date.parse(text);
  if (Number.isNaN(millis)) throw new Error(`not a time: ${text}`);
  return millis as UnixMillis;
};

export function deviceWith(options: Partial<DeviceOptions> = {}): Device {
  return createDevice({
    serial: 'T-1' as Serial,
    profile: C30,
    seed: RFC_SEED,
    at: at('2026-01-01T00:00:00Z'),
    ...options,
  });
}

/** A random source that a number replays (mulberry32); never for real seeds. */
export function replayableRng(start: number): Rng {
  const uniform = seededUniform(start);
  return {
    uniform,
    bytes: (length) => Uint8Array.from({ length }, () => Math.floor(uniform() * 256)),
  };
}

import { createDevice } from '../../emulator/device/device.ts';
import type { KeptDevice } from '../../emulator/drawer/device-file.ts';
import { PROFILES } from '../../firmware-spec/profiles/profiles.ts';
import type { ProfileName } from '../../firmware-spec/vocabulary.ts';
import { parseSeed, parseSerial, type Serial } from '../../shared/types.ts';
import { TEST_NOW } from './fob-env.ts';

export function serialOf(text: string): Serial {
  const serial = parseSerial(text);
  if (serial === undefined) throw new Error(`${text} is no serial`);
  return serial;
}

/** A device as RFC 4226 appendix D seeds it. */
export function keptDevice(serial: string, profile: ProfileName = 'e6'): KeptDevice {
  const seed = parseSeed(new TextEncoder().encode('12345678901234567890'));
  if (seed === undefined) throw new Error('the seed of appendix D is long enough');
  const device = createDevice({
    serial: serialOf(serial),
    profile: PROFILES[profile],
    seed,
    at: TEST_NOW,
  });
  return { device, labels: {} };
}

/** One press more, without the display. */
export function pressedOnce(kept: KeptDevice): KeptDevice {
  const { device } = kept;
  const presses = device.state.presses + 1;
  return { ...kept, device: { ...device, state: { ...device.state, presses } } };
}

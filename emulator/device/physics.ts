import type { UnixMillis } from '../../shared/types.ts';
import { withIdleDrawn } from './cell.ts';
import { driftMillis } from './crystal.ts';
import type { Device } from './types.ts';

/**
 * Lets true time pass for crystal and cell: offset and charge are integrated up to `to`, at the
 * device's temperature. An earlier `to` changes nothing (FS-10). A live device neither drifts nor
 * wears unless a fault says so (FS-64).
 */
export function passTime(device: Device, to: UnixMillis): Device {
  if (to <= device.state.asOf) return device;
  const offsetMillis = device.state.offsetMillis + driftMillis(device, to);
  const drawn = withIdleDrawn(device, to);
  return { ...drawn, state: { ...drawn.state, asOf: to, offsetMillis } };
}

import { PROFILES } from '../../firmware-spec/profiles/profiles.ts';
import type { SeedFileEntry } from '../../shared/seed-files/entry.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { createDevice } from '../device/device.ts';
import type { KeptDevice } from '../drawer/device-file.ts';

/** A device as a seed file says it: an event token with the counter of its next code. */
export function entryOf({ device, labels }: KeptDevice): SeedFileEntry {
  const { serial, seed, parameters, state } = device;
  const nextCounter = parameters.type === 'event' ? state.counter : 0;
  return { serial, seed, parameters, nextCounter, ...labels };
}

/**
 * A foreign token in the body of the nearest model, which shows its own parameters. It is `live`:
 * its clock is this computer's, so that it agrees with the token whose seed it has.
 */
export function keptDeviceOf(entry: SeedFileEntry, at: UnixMillis): KeptDevice {
  const { serial, seed, parameters, nextCounter, manufacturer, model, issuer } = entry;
  const profile = PROFILES[parameters.type === 'time' ? 'c30' : 'e6'];
  const device = createDevice({
    serial,
    profile,
    seed,
    parameters,
    mode: 'live',
    at,
    ...(parameters.type === 'event' ? { counter: nextCounter } : {}),
  });
  const labels = {
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(model === undefined ? {} : { model }),
    ...(issuer === undefined ? {} : { issuer }),
  };
  return { device, labels };
}

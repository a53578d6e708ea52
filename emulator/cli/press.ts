import { FobtwinError } from '../../shared/errors.ts';
import { TIME_MAX } from '../../shared/time.ts';
import { parseUnixMillis, type UnixMillis } from '../../shared/types.ts';
import { press as pressButton, read } from '../device/device.ts';
import type { Device } from '../device/types.ts';
import { usageError } from './arguments.ts';
import type { FobCommand } from './command.ts';
import { deviceEnv } from './device-env.ts';
import { drawerOf, SERIAL } from './drawer-of.ts';
import { printJson, printLines } from './output.ts';
import { readingJson, readingLines } from './reading.ts';

export const press: FobCommand = {
  positionals: { serial: SERIAL },
  options: {
    at: {
      describe: 'Press at this time, in UTC, instead of now: 2026-01-31T09:30:00Z',
    },
    after: { describe: 'Press so long after its last press: 30s, 5m, 12h, 400d' },
  },
  conflicts: [['at', 'after']],
  examples: [
    ['press C30-00000001', 'press now and see the display'],
    ['press C30-00000001 --after 30s', "the next step's code, without waiting for it"],
    ['press E6-00000001 --json', 'the code for a program'],
  ],
  notes:
    'With --json: {"serial","at","state","display","code"}. "display" is what can be read off ' +
    'the display; "code" is what the seed gives, null while no code shows.',
  async run(args, env) {
    const serial = args.serial();
    const given = { at: args.time('at'), afterMillis: args.span('after') };
    let at = env.clock.now();
    const { device } = await drawerOf(args, env).update(serial, (kept) => {
      at = timeOfPress(kept.device, given, env.clock.now());
      return { ...kept, device: pressButton(kept.device, at, deviceEnv) };
    });
    const reading = read(device, at, deviceEnv);
    if (args.flag('json')) printJson(env, readingJson(serial, reading));
    else printLines(env, readingLines(reading, env));
    return 0;
  },
};

interface GivenTime {
  readonly at: UnixMillis | undefined;
  readonly afterMillis: number | undefined;
}

function timeOfPress(device: Device, { at, afterMillis }: GivenTime, now: UnixMillis): UnixMillis {
  if (afterMillis === undefined) return at ?? now;
  const { pressedAt } = device.state;
  if (pressedAt === undefined) {
    throw new FobtwinError('notAllowedNow', `${device.serial} has never been pressed`, {
      nextStep: '--after counts from the last press: press it once without.',
    });
  }
  const later = parseUnixMillis(pressedAt + afterMillis);
  if (later === undefined || later > TIME_MAX)
    throw usageError('--after leads beyond the year 9999');
  return later;
}

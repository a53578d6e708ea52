import { STATE_MEANINGS } from '../../firmware-spec/meanings.ts';
import { formatTime } from '../../shared/time.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { rateAt } from '../device/crystal.ts';
import { advance, read } from '../device/device.ts';
import type { Reading } from '../device/types.ts';
import type { KeptDevice } from '../drawer/device-file.ts';
import type { FobCommand } from './command.ts';
import { conditionJson, conditionRows } from './condition.ts';
import { deviceEnv } from './device-env.ts';
import { drawerOf, SERIAL } from './drawer-of.ts';
import type { CliEnv } from './env.ts';
import { boxed, inAscii, listed, printable } from './label.ts';
import { printJson, printLines } from './output.ts';
import { describeParameters } from './parameters.ts';
import { drawnLines, drawPictures, PICTURE_OPTIONS, pictureOrder } from './picture-file.ts';
import { readingJson, readingLines, wantsAscii } from './reading.ts';

export const show: FobCommand = {
  positionals: { serial: SERIAL },
  options: {
    at: { describe: 'As it looks at this time, in UTC: 2026-01-31T09:30:00Z' },
    back: { flag: true, describe: 'Turn it over: the label with serial, maker and model' },
    ...PICTURE_OPTIONS,
  },
  conflicts: [
    ['at', 'back'],
    ['back', 'only-display'],
  ],
  examples: [
    ['show C30-00000001', 'the display as it is now, and how the token is doing'],
    ['show C30-00000001 --back', 'what stands on its back'],
    ['show C30-00000001 --png token.png', 'a picture of it'],
  ],
  notes:
    'Looking changes nothing and never presses. The seed is on neither side: only `fob export` ' +
    'gives it away.',
  async run(args, env) {
    const serial = args.serial();
    const order = pictureOrder(args);
    const side = args.flag('back') ? 'back' : 'front';
    const at: UnixMillis = args.time('at') ?? env.clock.now();
    const kept = drawerOf(args, env).read(serial);
    const reading = read(kept.device, at, deviceEnv);
    const drawn =
      order === undefined ? undefined : await drawPictures(kept, reading, { order, side, env });
    // As the device is then; what is kept does not change by it.
    const seen = { ...kept, device: advance(kept.device, at, deviceEnv) };
    if (args.flag('json')) {
      printJson(env, { ...(side === 'back' ? backJson : frontJson)(seen, reading), ...drawn });
    } else if (drawn === undefined) {
      printLines(env, side === 'back' ? backLines(seen, env) : frontLines(seen, reading, env));
    } else if (Object.keys(drawn).length > 0) {
      printLines(env, drawnLines(serial, drawn));
    }
    return 0;
  },
};

function frontJson({ device }: KeptDevice, reading: Reading) {
  return { ...readingJson(device.serial, reading), device: conditionJson(device, reading.at) };
}

function frontLines({ device }: KeptDevice, reading: Reading, env: CliEnv): string[] {
  const rows = listed([
    ['state', STATE_MEANINGS[reading.state]],
    ...conditionRows(device, reading.at),
  ]);
  return [...readingLines(reading, env), '', ...(wantsAscii(env) ? rows.map(inAscii) : rows)];
}

function backJson({ device, labels }: KeptDevice, { at }: Reading) {
  const { serial, profile, mode, parameters, state } = device;
  return {
    serial,
    manufacturer: labels.manufacturer ?? null,
    model: labels.model ?? null,
    issuer: labels.issuer ?? null,
    profile: profile.name,
    ...parameters,
    mode,
    ratePpm: rateAt(device, state.celsius, at),
    presses: state.presses,
  };
}

function backLines({ device, labels }: KeptDevice, env: CliEnv): string[] {
  const { serial, profile, parameters, madeAt } = device;
  const rows = listed([
    ['S/N', serial],
    ['maker', labels.manufacturer],
    ['model', labels.model],
    ['issuer', labels.issuer],
    ['profile', profile.name],
    ['codes', describeParameters(parameters)],
    ['made', formatTime(madeAt).slice(0, 10)],
  ]);
  const ascii = wantsAscii(env);
  return boxed(
    rows.map(printable).map((row) => (ascii ? inAscii(row) : row)),
    { ascii },
  );
}

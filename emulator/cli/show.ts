import type { UnixMillis } from '../../shared/types.ts';
import { read } from '../device/device.ts';
import type { KeptDevice } from '../drawer/device-file.ts';
import type { FobCommand } from './command.ts';
import { deviceEnv } from './device-env.ts';
import { drawerOf, SERIAL } from './drawer-of.ts';
import { printJson, printLines } from './output.ts';
import { describeParameters } from './parameters.ts';
import { readingJson, readingLines } from './reading.ts';

export const show: FobCommand = {
  positionals: { serial: SERIAL },
  options: {
    at: { describe: 'As it looks at this time, in UTC: 2026-01-31T09:30:00Z' },
    back: { flag: true, describe: 'Turn it over: the label with serial, maker and model' },
  },
  conflicts: [['at', 'back']],
  examples: [
    ['show C30-00000001', 'the display as it is now'],
    ['show C30-00000001 --back', 'what stands on its back'],
  ],
  notes: 'Looking changes nothing. The seed is on neither side: only `fob export` gives it away.',
  async run(args, env) {
    const serial = args.serial();
    const at: UnixMillis = args.time('at') ?? env.clock.now();
    const kept = drawerOf(args, env).read(serial);
    if (args.flag('back')) {
      if (args.flag('json')) printJson(env, backJson(kept));
      else printLines(env, backLines(kept));
      return 0;
    }
    const reading = read(kept.device, at, deviceEnv);
    if (args.flag('json')) printJson(env, readingJson(serial, reading));
    else printLines(env, readingLines(reading, env));
    return 0;
  },
};

function backJson({ device, labels }: KeptDevice) {
  const { serial, profile, mode, parameters, ratePpm, state } = device;
  return {
    serial,
    manufacturer: labels.manufacturer ?? null,
    model: labels.model ?? null,
    issuer: labels.issuer ?? null,
    profile: profile.name,
    ...parameters,
    mode,
    ratePpm,
    presses: state.presses,
  };
}

function backLines({ device, labels }: KeptDevice): string[] {
  const { serial, profile, mode, ratePpm, parameters, state } = device;
  const crystal = mode === 'live' ? "follows this computer's clock" : crystalText(ratePpm);
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['S/N', serial],
    ['maker', labels.manufacturer],
    ['model', labels.model],
    ['issuer', labels.issuer],
    ['profile', profile.name],
    ['codes', describeParameters(parameters)],
    ['clock', crystal],
    ['pressed', state.presses === 1 ? 'once' : `${state.presses} times`],
  ];
  const lines = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name.padEnd(8)} ${printable(value)}`],
  );
  const width = Math.max(...lines.map((line) => line.length));
  const rule = '─'.repeat(width + 2);
  return [`╭${rule}╮`, ...lines.map((line) => `│ ${line.padEnd(width)} │`), `╰${rule}╯`];
}

function crystalText(ratePpm: number): string {
  if (ratePpm === 0) return 'ideal crystal';
  const sign = ratePpm > 0 ? '+' : '−';
  return `crystal ${sign}${Math.abs(ratePpm).toFixed(2)} ppm`;
}

const LABEL_WIDTH_MAX = 60;

/** Labels come from foreign files: nothing in them may move the cursor. */
function printable(text: string): string {
  const plain = text.replace(/\p{C}/gu, '?');
  return plain.length > LABEL_WIDTH_MAX ? `${plain.slice(0, LABEL_WIDTH_MAX - 1)}…` : plain;
}

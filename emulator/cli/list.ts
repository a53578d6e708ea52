import type { FobtwinError } from '../../shared/errors.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { cellOf } from '../device/cell.ts';
import { passTime } from '../device/physics.ts';
import type { Device } from '../device/types.ts';
import type { KeptDevice } from '../drawer/device-file.ts';
import type { Listing } from '../drawer/drawer.ts';
import type { FobCommand } from './command.ts';
import { drawerOf } from './drawer-of.ts';
import { printJson, printLines, reportError } from './output.ts';
import { describeParameters } from './parameters.ts';

export const list: FobCommand = {
  positionals: {},
  options: {},
  examples: [['list', 'each token: its model, its codes, its battery, what is wrong with it']],
  notes:
    'A live token follows the clock of this computer (those that were imported) and never wears; ' +
    'a simulated one has a crystal and a cell of its own. FAULTS are those that were injected ' +
    '(`fob fault`). A device file that cannot be read is named on standard error, and the exit ' +
    'code is then 1.',
  async run(args, env) {
    const drawer = drawerOf(args, env);
    const { devices, problems, moved } = drawer.list();
    const at = env.clock.now();
    if (args.flag('json')) {
      const tokens = devices.map((kept) => tokenJson(kept, at));
      printJson(env, { tokens, problems: problems.map(problemJson) });
    } else if (devices.length === 0) {
      printLines(env, [emptiness(drawer.directory, moved)]);
    } else {
      printLines(env, table(devices, at));
    }
    for (const problem of problems) reportError(problem, env);
    return problems.length === 0 ? 0 : 1;
  },
};

function emptiness(directory: string, moved: Listing['moved']): string {
  if (moved === undefined) {
    return `The drawer ${directory} is empty: make a token with \`fob make\`.`;
  }
  const when = moved.at.split('T')[0] ?? '';
  const tokens = moved.tokens === 1 ? 'Its token' : `Its ${moved.tokens} tokens`;
  return `The drawer ${directory} is empty. ${tokens} moved into ${moved.file} on ${when}.`;
}

function tokenJson({ device }: KeptDevice, at: UnixMillis) {
  const { serial, profile, mode, parameters, state, faults } = device;
  const { share, isLow, isEmpty } = batteryAt(device, at);
  return {
    serial,
    profile: profile.name,
    mode,
    ...parameters,
    presses: state.presses,
    battery: { share: Number(share.toFixed(4)), isLow, isEmpty },
    faults: faults.map(({ name }) => name),
  };
}

function problemJson({ code, message, errors }: FobtwinError) {
  return { code, message, errors };
}

/** As it is now, though nobody has pressed the token since. */
function batteryAt(device: Device, at: UnixMillis) {
  return cellOf(passTime(device, at));
}

function batteryText(device: Device, at: UnixMillis): string {
  const { share, isLow, isEmpty } = batteryAt(device, at);
  if (isEmpty) return 'empty';
  const percent = `${Math.round(share * 100)} %`;
  return isLow ? `${percent}, low` : percent;
}

const FAULTS_NAMED_MAX = 3;

function faultsText({ faults }: Device): string {
  if (faults.length === 0) return '-';
  const named = faults.slice(0, FAULTS_NAMED_MAX).map(({ name }) => name);
  const more = faults.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

function table(devices: readonly KeptDevice[], at: UnixMillis): string[] {
  const rows = devices.map(({ device }) => [
    device.serial,
    device.profile.name,
    describeParameters(device.parameters),
    device.mode,
    batteryText(device, at),
    faultsText(device),
  ]);
  const all = [['SERIAL', 'PROFILE', 'CODES', 'MODE', 'BATTERY', 'FAULTS'], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => longest(all.map((row) => row[column] ?? '')));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Without spreading a hundred thousand arguments. */
function longest(texts: readonly string[]): number {
  return texts.reduce((length, text) => Math.max(length, text.length), 0);
}

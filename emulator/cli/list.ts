import type { FobtwinError } from '../../shared/errors.ts';
import type { KeptDevice } from '../drawer/device-file.ts';
import type { FobCommand } from './command.ts';
import { drawerOf } from './drawer-of.ts';
import { printJson, printLines, reportError } from './output.ts';
import { describeParameters } from './parameters.ts';

export const list: FobCommand = {
  positionals: {},
  options: {},
  examples: [['list', 'serial, profile, codes and mode of each token']],
  notes:
    'A live token follows the clock of this computer (those that were imported); a simulated one ' +
    'has a crystal of its own. A device file that cannot be read is named on standard error, and ' +
    'the exit code is then 1.',
  async run(args, env) {
    const drawer = drawerOf(args, env);
    const { devices, problems } = drawer.list();
    if (args.flag('json')) {
      printJson(env, { tokens: devices.map(tokenJson), problems: problems.map(problemJson) });
    } else if (devices.length === 0) {
      printLines(env, [`The drawer ${drawer.directory} is empty: make a token with \`fob make\`.`]);
    } else {
      printLines(env, table(devices));
    }
    for (const problem of problems) reportError(problem, env);
    return problems.length === 0 ? 0 : 1;
  },
};

function tokenJson({ device }: KeptDevice) {
  const { serial, profile, mode, parameters, state } = device;
  return { serial, profile: profile.name, mode, ...parameters, presses: state.presses };
}

function problemJson({ code, message, errors }: FobtwinError) {
  return { code, message, errors };
}

function table(devices: readonly KeptDevice[]): string[] {
  const rows = devices.map(({ device }) => [
    device.serial,
    device.profile.name,
    describeParameters(device.parameters),
    device.mode,
  ]);
  const all = [['SERIAL', 'PROFILE', 'CODES', 'MODE'], ...rows];
  const widths = [0, 1, 2].map((column) => longest(all.map((row) => row[column] ?? '')));
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
}

/** Without spreading a hundred thousand arguments. */
function longest(texts: readonly string[]): number {
  return texts.reduce((length, text) => Math.max(length, text.length), 0);
}

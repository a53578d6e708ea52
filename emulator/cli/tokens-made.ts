import type { KeptDevice } from '../drawer/device-file.ts';
import type { Drawer } from '../drawer/drawer.ts';
import type { CliEnv } from './env.ts';
import { printLines } from './output.ts';
import { describeParameters } from './parameters.ts';

/** What `make` and `import` say with `--json`. */
export function tokensJson(kept: readonly KeptDevice[]) {
  return {
    tokens: kept.map(({ device }) => ({ serial: device.serial, profile: device.profile.name })),
  };
}

/** Beyond so many, people want to know the number. */
const NAMED_MAX = 20;

export function printTokens(
  kept: readonly KeptDevice[],
  { verb, drawer, env }: { verb: 'Made' | 'Imported'; drawer: Drawer; env: CliEnv },
): void {
  const named = kept
    .slice(0, NAMED_MAX)
    .map(({ device }) => `${verb} ${device.serial} (${describeParameters(device.parameters)})`);
  const more = kept.length - named.length;
  const rest = more > 0 ? [`… and ${more} more, ${kept.length} in all`] : [];
  const first = kept[0]?.device.serial ?? '';
  printLines(env, [...named, ...rest, `In ${drawer.directory}. Press one: fob press ${first}`]);
}

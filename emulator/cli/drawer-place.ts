import path from 'node:path';
import type { CliEnv } from './env.ts';

type Place = Pick<CliEnv, 'variables' | 'platform' | 'homeDirectory'>;

/**
 * Where the devices are kept: what `--drawer` says, else `FOB_DRAWER`, else among the person's
 * application data, as each system has it.
 */
export function drawerPlace(option: string | undefined, env: Place): string {
  const chosen = option ?? env.variables['FOB_DRAWER'];
  return chosen === undefined || chosen === '' ? defaultPlace(env) : chosen;
}

function defaultPlace({ variables, platform, homeDirectory }: Place): string {
  if (platform === 'darwin') {
    return path.posix.join(homeDirectory, 'Library', 'Application Support', 'fob', 'drawer');
  }
  if (platform === 'win32') {
    const local = variables['LOCALAPPDATA'] || path.win32.join(homeDirectory, 'AppData', 'Local');
    return path.win32.join(local, 'fob', 'Data', 'drawer');
  }
  // XDG Base Directory Specification: "All paths set in these environment variables must be
  // absolute. If an implementation encounters a relative path […] it should […] ignore it."
  const xdg = variables['XDG_DATA_HOME'] ?? '';
  const data = path.posix.isAbsolute(xdg) ? xdg : path.posix.join(homeDirectory, '.local/share');
  return path.posix.join(data, 'fob', 'drawer');
}

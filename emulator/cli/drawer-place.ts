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

/**
 * Where a drawer's key file is: what `FOB_KEY_FILE` says, else beside a drawer of one's own choice,
 * and for the usual drawer among the person's settings, which copies of the data do not hold.
 */
export function keyFilePlace(drawer: string, env: Place): string {
  const chosen = env.variables['FOB_KEY_FILE'] ?? '';
  if (chosen !== '') return path.resolve(chosen);
  const place = path.resolve(drawer);
  if (place !== path.resolve(defaultPlace(env))) return `${place}.key`;
  const { variables, platform, homeDirectory } = env;
  if (platform === 'darwin') {
    return path.posix.join(homeDirectory, 'Library', 'Preferences', 'fob', 'drawer.key');
  }
  if (platform === 'win32') {
    const roaming = variables['APPDATA'] || path.win32.join(homeDirectory, 'AppData', 'Roaming');
    return path.win32.join(roaming, 'fob', 'Config', 'drawer.key');
  }
  const xdg = variables['XDG_CONFIG_HOME'] ?? '';
  const config = path.posix.isAbsolute(xdg) ? xdg : path.posix.join(homeDirectory, '.config');
  return path.posix.join(config, 'fob', 'drawer.key');
}

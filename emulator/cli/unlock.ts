import { readHeader } from '../drawer/header.ts';
import type { Arguments } from './arguments.ts';
import { drawerPlace } from './drawer-place.ts';
import type { CliEnv } from './env.ts';
import { askHidden, canAsk } from './hidden-input.ts';

/**
 * Asks for the passphrase of a drawer that is under one, where somebody can be asked, before the
 * command runs: what a command does with its drawer never waits for a person.
 */
export async function unlocked(args: Arguments, env: CliEnv): Promise<CliEnv> {
  if ((env.variables['FOB_PASSPHRASE_FILE'] ?? '') !== '' || !canAsk(env)) return env;
  const place = drawerPlace(args.text('drawer'), env);
  if (!isUnderPassphrase(place)) return env;
  return { ...env, passphrase: await askHidden(`Passphrase of the drawer ${place}`, env) };
}

/** A drawer that cannot be read at all is reported when the command opens it. */
export function isUnderPassphrase(place: string): boolean {
  try {
    return readHeader(place)?.header.key?.kind === 'passphrase';
  } catch {
    return false;
  }
}

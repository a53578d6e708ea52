import { type Drawer, openDrawer } from '../drawer/drawer.ts';
import { type DrawerParts, openParts } from '../drawer/drawer-parts.ts';
import { readHeader } from '../drawer/header.ts';
import type { Protection } from '../drawer/protection.ts';
import type { Arguments } from './arguments.ts';
import { drawerPlace, keyFilePlace } from './drawer-place.ts';
import type { CliEnv } from './env.ts';
import { readPassphraseFile } from './hidden-input.ts';

/** The drawer that a command line means. */
export function drawerOf(args: Arguments, env: CliEnv): Drawer {
  const place = drawerPlace(args.text('drawer'), env);
  return openDrawer(place, env, protectionOf(place, env));
}

/** What that drawer is made of, for moving it as a whole. */
export function drawerPartsOf(args: Arguments, env: CliEnv): DrawerParts {
  const place = drawerPlace(args.text('drawer'), env);
  return openParts(place, env, protectionOf(place, env));
}

/** The positional argument of every command that is about one token. */
export const SERIAL = { describe: "The token's serial, as on its back" } as const;

function protectionOf(place: string, env: CliEnv): Protection {
  const { platform, runProgram } = env;
  const keyFile = keyFilePlace(place, env);
  const passphrase = env.passphrase ?? passphraseFromFile(place, env);
  const protection = { keyFile, platform, runProgram };
  return passphrase === undefined ? protection : { ...protection, passphrase };
}

/** For a drawer under a passphrase, and for one that is to be made or sealed now. */
function passphraseFromFile(place: string, { variables }: CliEnv): string | undefined {
  const file = variables['FOB_PASSPHRASE_FILE'] ?? '';
  if (file === '') return undefined;
  const kind = readHeader(place)?.header.key?.kind ?? 'passphrase';
  return kind === 'passphrase' ? readPassphraseFile(file) : undefined;
}

import { type Drawer, openDrawer } from '../drawer/drawer.ts';
import type { Arguments } from './arguments.ts';
import { drawerPlace } from './drawer-place.ts';
import type { CliEnv } from './env.ts';

/** The drawer that a command line means. */
export function drawerOf(args: Arguments, env: CliEnv): Drawer {
  return openDrawer(drawerPlace(args.text('drawer'), env), env);
}

/** The positional argument of every command that is about one token. */
export const SERIAL = { describe: "The token's serial, as on its back" } as const;

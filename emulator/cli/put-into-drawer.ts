import type { KeptDevice } from '../drawer/device-file.ts';
import type { Drawer } from '../drawer/drawer.ts';
import type { CliEnv } from './env.ts';
import { createProgress } from './progress.ts';

/** Puts devices into a drawer, all or none; an interruption is heard, and progress is shown. */
export async function putIntoDrawer(
  kept: readonly KeptDevice[],
  { drawer, env, json }: { drawer: Drawer; env: CliEnv; json: boolean },
): Promise<void> {
  const progress = createProgress(env, { total: kept.length, json });
  try {
    await drawer.createAll(kept, { signal: env.interruption(), onMade: progress.show });
  } finally {
    progress.clear();
  }
}

import { KINDS } from '../../../server/kinds.ts';
import { openLevelStore } from '../../../server/store/level.ts';
import type { Store } from '../../../server/store/port.ts';
import { type Comparison, compare } from './compare.ts';
import { NaiveBusiness } from './naive.ts';
import type { Plan } from './plan.ts';
import { World } from './world.ts';

/** The plan lived to its end in this process, and compared. */

export const openStoreIn = (directory: string): Promise<Store> =>
  openLevelStore(directory, { kinds: KINDS, writer: 'test', auditKey: new Uint8Array(32) });

export interface Run extends Comparison {
  /** Of this process, user and system: of the rooms and the store alone. */
  readonly processorSeconds: number;
}

export async function livePlan(
  plan: Plan,
  directory: string,
  onDay?: (day: number) => void,
): Promise<Run> {
  const store = await openStoreIn(directory);
  try {
    const before = process.cpuUsage();
    const world = await World.open(store, plan);
    await world.live(onDay);
    const { user, system } = process.cpuUsage(before);
    return { ...(await compareWorld(world, plan)), processorSeconds: (user + system) / 1e6 };
  } finally {
    await store.close();
  }
}

/** After the last process is gone: refusals are then those of its days alone, and not compared. */
export async function compareDirectory(plan: Plan, directory: string): Promise<Comparison> {
  const store = await openStoreIn(directory);
  try {
    const world = await World.open(store, plan);
    const naive = new NaiveBusiness();
    naive.play(plan);
    return await compare(world, naive);
  } finally {
    await store.close();
  }
}

async function compareWorld(world: World, plan: Plan): Promise<Comparison> {
  const naive = new NaiveBusiness();
  naive.play(plan);
  const { differences, figures } = await compare(world, naive);
  const refused = [...world.refusals].sort().join('\n');
  const wanted = [...naive.refusals].sort().join('\n');
  const told = refused === wanted ? [] : [`refused:\n${refused}\nwanted:\n${wanted}`];
  return { differences: [...differences, ...told], figures };
}

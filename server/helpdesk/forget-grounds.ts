import type { Store } from '../store/port.ts';
import { removeOver } from '../store/sweep.ts';
import { APPROVALS, CALLER_CHECKS } from './record.ts';

/**
 * After a restore: a check or an approval that waited in the backup may have been used since, and
 * would serve a second action. Whatever was used stays used, with what is still to be told of it.
 */
export async function forgetGrounds(store: Pick<Store, 'scan' | 'transact'>): Promise<void> {
  await removeOver(store, CALLER_CHECKS, ({ usedFor }) => usedFor === undefined);
  await removeOver(store, APPROVALS, ({ usedAt }) => usedAt === undefined);
}

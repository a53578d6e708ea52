import { pagesOf } from '../store/pages.ts';
import { remove, replyOnly, type Store } from '../store/port.ts';
import { issuedCodesKey } from './issued-codes.ts';
import { ACCOUNTS } from './record.ts';

/** After a restore: what was given out before the backup may have been used since. */
export async function forgetIssuedCodes(store: Pick<Store, 'scan' | 'transact'>): Promise<void> {
  for await (const page of pagesOf(store, ACCOUNTS)) {
    const keys = page.map(({ id }) => issuedCodesKey(id));
    await store.transact(keys, (records) => {
      const there = keys.filter((_, place) => records[place] !== undefined);
      return { ...replyOnly(undefined), writes: there.map(remove) };
    });
  }
}

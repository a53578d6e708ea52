import { type Decision, remove, type Store } from '../store/port.ts';
import { issuedCodesKey } from './issued-codes.ts';
import { ACCOUNTS } from './record.ts';

const SLICE = 500;

/** After a restore: what was given out before the backup may have been used since. */
export async function forgetIssuedCodes(store: Pick<Store, 'scan' | 'transact'>): Promise<void> {
  let after: string | undefined;
  do {
    const page = await store.scan(ACCOUNTS, { limit: SLICE, ...(after && { after }) });
    const keys = page.items.map(({ id }) => issuedCodesKey(id));
    await store.transact(keys, (records): Decision<undefined> => {
      const there = keys.filter((_, place) => records[place] !== undefined);
      return { writes: there.map(remove), auditDrafts: [], reply: undefined };
    });
    after = page.next ?? undefined;
  } while (after !== undefined);
}

import { pagesOf } from './pages.ts';
import { type Kind, keyOf, remove, replyOnly, type Store } from './port.ts';

/**
 * Removes the records of one kind that are over, a page at a time, each looked at again in the
 * decision that removes it. Nothing is recorded: what is over has no effect any more.
 *
 * @returns how many were removed
 */
export async function removeOver<T extends { readonly id: string }>(
  store: Pick<Store, 'scan' | 'transact'>,
  kind: Kind<T>,
  isOver: (record: T) => boolean,
): Promise<number> {
  let removed = 0;
  for await (const page of pagesOf(store, kind)) {
    const keys = page.filter(isOver).map(({ id }) => keyOf(kind, id));
    if (keys.length > 0) removed += await removeAmong(store, keys, isOver);
  }
  return removed;
}

const removeAmong = <T extends object>(
  store: Pick<Store, 'transact'>,
  keys: readonly { readonly kind: Kind<T>; readonly id: string }[],
  isOver: (record: T) => boolean,
): Promise<number> =>
  store.transact(keys, (records) => {
    const over = keys.filter((_, place) => {
      const record = records[place];
      return record !== undefined && isOver(record as T);
    });
    return { ...replyOnly(over.length), writes: over.map(remove) };
  });

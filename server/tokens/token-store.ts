import type { Also, Decision, Key, ScanPage, ScanRange, Store } from '../store/port.ts';
import { FACTORS, TOKENS, type TokenRecord, tokenKey } from './record.ts';

/** What decisions about tokens need of the store. */
export type TokenStore = Pick<Store, 'transact' | 'scan'>;

/**
 * The store without the tokens of imports that are under way: to whoever reads through it, both of
 * their records are absent. Everything in this room but the import itself reads so, and needs to
 * know nothing of it.
 *
 * @param pending ids of those imports: mostly none, and then nothing is done here at all
 */
export function withoutPending(store: TokenStore, pending: ReadonlySet<string>): TokenStore {
  const isPending = (token: TokenRecord | undefined): boolean =>
    token?.importId !== undefined && pending.has(token.importId);

  function transact<R>(keys: readonly Key<unknown>[], decide: DecideAny<R>): Promise<R> {
    if (pending.size === 0) return store.transact(keys, decide);
    const alongside = tokensOf(keys);
    return store.transact([...keys, ...alongside], (records, also) => {
      const hidden = new Set<string>();
      for (const token of records.slice(keys.length) as (TokenRecord | undefined)[]) {
        if (token !== undefined && isPending(token)) hidden.add(token.serial);
      }
      const seen = keys.map((key, place) =>
        isOfToken(key) && hidden.has(key.id) ? undefined : records[place],
      );
      return decide(seen, (key) => {
        const record = also(key);
        const isHidden = isOfToken(key) && isPending(also(tokenOf(key)));
        return isHidden ? undefined : record;
      });
    });
  }

  async function scan<T>(kind: Key<T>['kind'], range: ScanRange): Promise<ScanPage<T>> {
    if (!isOfKind(kind, TOKENS)) return store.scan(kind, range);
    // Those of an import that fails meanwhile were read all the same.
    const before = new Set(pending);
    const page = await store.scan(kind, range);
    if (before.size === 0 && pending.size === 0) return page;
    const isHidden = (token: TokenRecord): boolean =>
      isPending(token) || before.has(token.importId ?? '');
    return { ...page, items: page.items.filter((record) => !isHidden(record as TokenRecord)) };
  }

  return { transact: transact as TokenStore['transact'], scan };
}

/** A decision with the types of its records forgotten. */
type DecideAny<R> = (records: readonly unknown[], also: Also) => Decision<R>;

const isOfKind = (kind: object, other: object): boolean => kind === other;

const isOfToken = ({ kind }: Key<unknown>): boolean =>
  isOfKind(kind, TOKENS) || isOfKind(kind, FACTORS);

const tokenOf = ({ id }: Key<unknown>): Key<TokenRecord> => tokenKey(id as TokenRecord['serial']);

/** The token record of each token of which `keys` names a record. */
const tokensOf = (keys: readonly Key<unknown>[]): readonly Key<unknown>[] => [
  ...new Map(keys.filter(isOfToken).map((key) => [key.id, tokenOf(key)])).values(),
];

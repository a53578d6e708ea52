import type { Serial } from '../../shared/types.ts';
import { replyOnly, type ScanRange } from '../store/port.ts';
import type { TokenDetail, TokenListQuery, TokenPage } from './port.ts';
import { factorKey, TOKENS, type TokenRecord, tokenKey } from './record.ts';
import { detailOf, detailsOf, unknownSerial } from './subject.ts';
import type { TokenStore } from './token-store.ts';

/** Scans for one page, each as long as the page; so a page may be short and yet not the last. */
const SCANS_MAX = 20;
const SCAN_MAX = 500;

/** @throws FobtwinError `notFound` */
export async function getToken(serial: Serial, store: TokenStore): Promise<TokenDetail> {
  const keys = [tokenKey(serial), factorKey(serial)] as const;
  const known = await store.transact(keys, ([token, factor]) => replyOnly(detailOf(token, factor)));
  if (known === undefined) throw unknownSerial(serial);
  return known;
}

/** Tokens in order of serial. */
export async function listTokens(query: TokenListQuery, store: TokenStore): Promise<TokenPage> {
  const found: Serial[] = [];
  const limit = Math.min(SCAN_MAX, query.limit + 1);
  let after = query.after ?? '';
  for (let scans = 0; scans < SCANS_MAX; scans += 1) {
    const page = await store.scan(TOKENS, { ...indexFor(query), after, limit });
    for (const record of page.items) {
      if (!matches(record, query)) continue;
      if (found.length === query.limit) return pageOf(found, found.at(-1) ?? null, store);
      found.push(record.serial);
    }
    if (page.next === null) return pageOf(found, null, store);
    after = page.next;
  }
  return pageOf(found, after, store);
}

/** The index that leaves the fewest to look at. */
function indexFor({ account, hold, life }: TokenListQuery): Pick<ScanRange, 'index' | 'value'> {
  if (account !== undefined) return { index: 'account', value: account };
  if (hold !== undefined) return { index: 'hold', value: hold };
  return life === undefined ? {} : { index: 'life', value: life };
}

const matches = (token: TokenRecord, { account, hold, life }: TokenListQuery): boolean =>
  (account === undefined || token.account === account) &&
  (hold === undefined || token.holds.includes(hold)) &&
  (life === undefined || token.life === life);

/** Both records of each token, as they stand together now. */
function pageOf(
  serials: readonly Serial[],
  next: string | null,
  store: TokenStore,
): Promise<TokenPage> {
  const keys = [...serials.map(tokenKey), ...serials.map(factorKey)];
  return store.transact(keys, (records) => replyOnly({ items: detailsOf(records), next }));
}

import type { Kind, ScanRange, Store } from './port.ts';

const RECORDS_A_PAGE = 200;

/**
 * All records of a kind, or of one value of an index, a page after the other in order of their ids.
 * A page is read when it is asked for: what is written meanwhile is met where its id is to come.
 *
 * @param range default: the whole kind, 200 records at a time
 */
export async function* pagesOf<T>(
  store: Pick<Store, 'scan'>,
  kind: Kind<T>,
  { limit = RECORDS_A_PAGE, ...index }: Partial<Omit<ScanRange, 'after'>> = {},
): AsyncGenerator<readonly T[], void> {
  let page = await store.scan(kind, { ...index, limit });
  yield page.items;
  while (page.next !== null) {
    page = await store.scan(kind, { ...index, limit, after: page.next });
    yield page.items;
  }
}

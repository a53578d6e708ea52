import type { ScanPage, Store } from '../store/port.ts';
import type { SealedRecords } from './port.ts';

/** Few enough that reading a page holds the event loop for about a millisecond. */
const PAGE_RECORDS = 100;

/** How many seeds are sealed with each data key: reads every record, in pages. */
export async function countSeeds<T extends object>(
  store: Pick<Store, 'scan'>,
  records: SealedRecords<T>,
  { isStopping = () => false }: { readonly isStopping?: () => boolean } = {},
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  let after: string | null = '';
  while (after !== null && !isStopping()) {
    const page: ScanPage<T> = await store.scan(records.kind, { after, limit: PAGE_RECORDS });
    for (const record of page.items) {
      const { dataKey } = records.sealedSeedOf(record);
      counts.set(dataKey, (counts.get(dataKey) ?? 0) + 1);
    }
    after = page.next;
  }
  return counts;
}

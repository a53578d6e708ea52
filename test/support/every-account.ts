import { fobd } from './fobd-in-process.ts';

/** The ids of all accounts of a data directory, page after page. */
export async function everyAccount(data: string): Promise<ReadonlySet<string>> {
  const listed = new Set<string>();
  let cursor: string | undefined;
  do {
    const more = cursor === undefined ? [] : ['--cursor', cursor];
    const args = ['account', 'list', '--data', data, '--json', '--limit', '500', ...more];
    const page = JSON.parse((await fobd(args)).stdout) as {
      items: { id: string }[];
      nextCursor: string | null;
    };
    for (const { id } of page.items) listed.add(id);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return listed;
}

import { FobtwinError } from '../../shared/errors.ts';
import { SEED_FILE_LIMITS } from '../../shared/seed-files/entry.ts';
import { formatTime } from '../../shared/time.ts';
import type { Caller } from '../access/scopes.ts';
import { remove, replyOnly, type ScanPage } from '../store/port.ts';
import { IMPORTS, importKey } from './import-record.ts';
import { factorKey, TOKENS, type TokenRecord, tokenKey } from './record.ts';
import type { TokenStore } from './token-store.ts';

/** Tokens written, or taken away again, in one commit: a few milliseconds of the event loop. */
export const SLICE = 250;
const SLICES_MAX = Math.ceil(SEED_FILE_LIMITS.entries / SLICE) + 1;
const PAGE = 500;

/** Which imports there are just now: at most one under way, and what earlier ones left behind. */
export interface Imports {
  /** Those whose tokens are as if absent. */
  readonly pending: ReadonlySet<string>;
  /**
   * Runs `work` as the one import that is under way. When it has come to its end its tokens are
   * there; when it throws, they are taken away again, and what it threw is thrown.
   *
   * @throws FobtwinError `notAllowedNow` while another import is under way
   */
  alone<R>(caller: Caller, work: (id: string) => Promise<R>): Promise<R>;
}

interface Known {
  /** Imports that were never finished. */
  readonly unfinished: readonly string[];
  /** The number of the latest import. */
  readonly latest: number;
}

/** @param known default: those of a store in which nothing was ever imported */
export function createImports(
  store: TokenStore,
  known: Known = { unfinished: [], latest: 0 },
): Imports {
  const pending = new Set(known.unfinished);
  let latest = known.latest;
  let running: FobtwinError | undefined;

  const takeAway = async (id: string): Promise<void> => {
    await rollBack(id, store);
    pending.delete(id);
  };

  return {
    pending,
    async alone(caller, work) {
      if (running !== undefined) throw running;
      latest += 1;
      const id = String(latest);
      running = underWay(id, caller);
      try {
        for (const unfinished of [...pending]) await takeAway(unfinished);
        pending.add(id);
        const result = await work(id);
        pending.delete(id);
        return result;
      } catch (error) {
        // What cannot be taken away now stays hidden, and is taken away when the store opens.
        await takeAway(id).catch(() => undefined);
        throw error;
      } finally {
        running = undefined;
      }
    },
  };
}

const underWay = (id: string, { principal, now }: Caller): FobtwinError =>
  new FobtwinError(
    'notAllowedNow',
    `Import ${id}, begun by ${principal.actor} at ${formatTime(now)}, is under way.`,
    { nextStep: 'Import this file when that one has come to its end.' },
  );

/**
 * The imports of a store that has just been opened. Those that were never finished, because their
 * server was killed, are taken away first.
 *
 * @param isSound false when the store takes no writes: then they are only hidden
 */
export async function openImports(
  store: TokenStore,
  { isSound }: { readonly isSound: boolean },
): Promise<Imports> {
  const { unfinished, latest } = await readImports(store);
  if (!isSound) return createImports(store, { unfinished, latest });
  for (const id of unfinished) await rollBack(id, store);
  return createImports(store, { unfinished: [], latest });
}

async function readImports(store: TokenStore): Promise<Known> {
  const unfinished: string[] = [];
  let latest = 0;
  for (let after: string | null = ''; after !== null; ) {
    const page: Awaited<ReturnType<typeof scanImports>> = await scanImports(store, after);
    for (const { id, state } of page.items) {
      latest = Math.max(latest, Number(id));
      if (state === 'staging') unfinished.push(id);
    }
    after = page.next;
  }
  return { unfinished, latest };
}

const scanImports = (store: TokenStore, after: string) =>
  store.scan(IMPORTS, { after, limit: PAGE });

/**
 * Takes an import's tokens away, a slice a commit, and its own record last. Each slice is searched
 * behind the one before: a search from the beginning goes through all that was removed.
 */
async function rollBack(id: string, store: TokenStore): Promise<void> {
  const range = { index: 'import', value: id, limit: SLICE };
  let after: string | null = '';
  for (let slices = 0; slices < SLICES_MAX && after !== null; slices += 1) {
    const { items, next }: ScanPage<TokenRecord> = await store.scan(TOKENS, { ...range, after });
    after = next;
    if (items.length === 0) break;
    const keys = items.flatMap(({ serial }) => [tokenKey(serial), factorKey(serial)]);
    await store.transact(keys, () => ({ ...replyOnly(undefined), writes: keys.map(removal) }));
  }
  const key = importKey(id);
  await store.transact([key], ([record]) =>
    record === undefined
      ? replyOnly(undefined)
      : { ...replyOnly(undefined), writes: [remove(key)] },
  );
}

const removal = (key: ReturnType<typeof tokenKey> | ReturnType<typeof factorKey>) => ({
  key,
  record: undefined,
  cold: true,
});

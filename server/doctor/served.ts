import type { Client } from '../../shared/client/client.ts';
import type { ReplyOf } from '../../shared/wire/operations.ts';
import type { NotReadyReason } from '../../shared/wire/schemas.ts';
import { type Finding, fail, ok, orOk, warn } from './finding.ts';

/** What is asked over /v1, of the fobd that serves or of one that the command opened for itself. */

const PAGE = 500;
/** Of lists that are read whole: more than any that makes sense. */
const PAGES_MAX = 10_000;

/** Reads a list to its end, page by page. */
export async function* everyItem<Item>(
  page: (cursor: string | undefined) => Promise<{
    readonly items: readonly Item[];
    readonly nextCursor: string | null;
  }>,
): AsyncGenerator<Item> {
  let cursor: string | undefined;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const { items, nextCursor } = await page(cursor);
    yield* items;
    if (nextCursor === null) return;
    cursor = nextCursor;
  }
}

const REASONS: Readonly<Record<NotReadyReason, readonly [what: string, next: string]>> = {
  storeFailed: ['The store cannot be written', 'See the log; restart fobd once the disk is well.'],
  stopping: ['fobd is stopping', 'Wait, or start it again.'],
  diskNearlyFull: [
    'The disk is nearly full',
    'Make room on the file system of the data directory.',
  ],
  queueFull: [
    'More decisions come than the disk can take',
    'See whether the disk is slow or failing.',
  ],
  clockUnsteady: [
    'The clock was set within the last minutes',
    'Wait five minutes, or find who sets it.',
  ],
};

/** Whether the store opened and takes what comes, with the reasons that a serving fobd gives. */
export function checkReadiness(reasons: readonly NotReadyReason[]): readonly Finding[] {
  const found = reasons.map((reason) => {
    const level = reason === 'clockUnsteady' ? warn : fail;
    return level('store', ...REASONS[reason]);
  });
  return orOk(found, 'store', 'The store is open and takes decisions');
}

/**
 * The end of the audit log was compared with its sealed head when the store was opened; `full`
 * reads it all.
 */
export async function checkAudit(
  client: Client,
  { full }: { readonly full: boolean },
): Promise<readonly Finding[]> {
  if (!full) {
    const says = 'The audit log ends as its sealed head says (the whole chain: --full)';
    return [ok('audit', says)];
  }
  const { sound, entries, fault, faultAt } = await client.call('verifyAudit');
  if (sound) return [ok('audit', `The audit log is sound: ${entries} entries`)];
  const what = `The audit log is NOT sound: ${fault} at sequence ${faultAt}`;
  return [fail('audit', what, 'Keep this directory as evidence, and restore a backup elsewhere.')];
}

const DAY_MILLIS = 86_400_000;
/** NIST SP 800-57 part 1 section 5.3.6: a data-encryption key is good for up to two years. */
const DATA_KEY_AGE_MILLIS_MAX = 2 * 365 * DAY_MILLIS;

/** How long the data key has been in use. */
export function checkDataKeys({ dataKeys }: ReplyOf<'listKeys'>, now: number): readonly Finding[] {
  const current = dataKeys.find((key) => key.current);
  const made = current?.createdAt;
  if (made === undefined) return [ok('dataKeys', `Seeds are under ${dataKeys.length} data keys`)];
  const days = Math.floor((now - Date.parse(made)) / DAY_MILLIS);
  const says = `The data key is ${days} days old`;
  const isOld = now - Date.parse(made) > DATA_KEY_AGE_MILLIS_MAX;
  return [isOld ? warn('dataKeys', says, 'Exchange it: fobd key rotate') : ok('dataKeys', says)];
}

type ApplicationView = ReplyOf<'listApplications'>['items'][number];

/** API keys that expire soon, or have and left an application without any. */
export function checkApiKeys(applications: readonly ApplicationView[]): readonly Finding[] {
  const live = applications.filter(({ revokedAt }) => revokedAt === undefined);
  const found = live.flatMap(({ id, name, keys }) => {
    const next = `Give it a new one: fobd application rotate ${id}`;
    const who = `Application ${name} (${id})`;
    if (keys.some(({ state }) => state === 'live')) return [];
    return keys.some(({ state }) => state === 'expiring')
      ? [warn('apiKeys', `${who} has no API key that lasts two weeks more`, next)]
      : [warn('apiKeys', `${who} has no API key that is good`, next)];
  });
  return orOk(found, 'apiKeys', `API keys last long enough (${live.length} applications are live)`);
}

const LIVES = ['stocked', 'registered', 'revoked'] as const;
const HOLDS = ['locked', 'adminLocked', 'disabled', 'suspended', 'lost'] as const;

/** Every token is found by its life and its holds, and by nothing else. */
export async function checkIndexes(client: Client): Promise<readonly Finding[]> {
  const expected = new Map<string, Set<string>>();
  const note = (index: string, serial: string): void => {
    const serials = expected.get(index) ?? new Set();
    expected.set(index, serials.add(serial));
  };
  let tokens = 0;
  for await (const { serial, life, holds } of listTokens(client, {})) {
    tokens += 1;
    note(`state=${life}`, serial);
    for (const hold of holds) note(`hold=${hold}`, serial);
  }
  const queries = [
    ...LIVES.map((state) => [`state=${state}`, { state }] as const),
    ...HOLDS.map((hold) => [`hold=${hold}`, { hold }] as const),
  ];
  const wrong: string[] = [];
  for (const [index, query] of queries) {
    const missing = expected.get(index) ?? new Set();
    for await (const { serial } of listTokens(client, query)) {
      if (!missing.delete(serial)) wrong.push(serial);
    }
    wrong.push(...missing);
  }
  if (wrong.length === 0) return [ok('indexes', `${tokens} tokens are found by their state`)];
  const what = `${wrong.length} tokens are not found as they are, ${wrong[0]} among them`;
  return [fail('indexes', what, 'Restore a backup elsewhere, and compare; keep this directory.')];
}

const listTokens = (
  client: Client,
  query: { readonly state?: (typeof LIVES)[number]; readonly hold?: (typeof HOLDS)[number] },
) => everyItem((cursor) => client.call('listTokens', { query: { ...query, cursor, limit: PAGE } }));

/** Every application, as its list shows them. */
export async function everyApplication(client: Client): Promise<readonly ApplicationView[]> {
  const applications: ApplicationView[] = [];
  const pages = everyItem((cursor) =>
    client.call('listApplications', { query: { cursor, limit: PAGE } }),
  );
  for await (const application of pages) applications.push(application);
  return applications;
}

/** Every account, as their list shows them, a page at a time. */
export const everyAccount = (client: Client) =>
  everyItem((cursor) => client.call('listAccounts', { query: { cursor, limit: PAGE } }));

/** What a serving fobd says of itself by its metrics. */
export interface Served {
  readonly version: string | undefined;
  readonly openFiles: { readonly limit: number; readonly open: number } | undefined;
  /** Unix milliseconds; absent without TLS. */
  readonly certificateUntil: number | undefined;
}

export function readServed(metrics: string): Served {
  const value = (name: string): number | undefined => {
    const found = new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const limit = value('process_max_fds');
  const open = value('process_open_fds');
  const until = value('fobd_certificate_expiry_timestamp_seconds');
  return {
    version: /^fobd_build_info\{version="([^"]*)"\} 1$/m.exec(metrics)?.[1],
    openFiles: limit === undefined || open === undefined ? undefined : { limit, open },
    certificateUntil: until === undefined ? undefined : until * 1000,
  };
}

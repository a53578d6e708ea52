import { CREDENTIALS, type CredentialRecord } from '../../../server/credentials/record.ts';
import { messageIdOf } from '../../../server/notices/message-id.ts';
import type { NoticeRecord } from '../../../server/notices/record.ts';
import type { Kind, Store } from '../../../server/store/port.ts';
import { SUBSCRIPTIONS, type SubscriptionRecord } from '../../../server/subscriptions/record.ts';
import { statusAt } from '../../../server/subscriptions/terms.ts';
import { TOKENS, type TokenRecord } from '../../../server/tokens/record.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import type { NaiveBusiness, NaiveMail, NaiveSubscription } from './naive.ts';
import type { World } from './world.ts';
import { serialOf } from './world.ts';

/** What the rooms have come to, beside what the naive model says. */

export interface Comparison {
  /** Every difference, in words; none is what is wanted. */
  readonly differences: readonly string[];
  readonly figures: {
    readonly subscriptions: number;
    readonly active: number;
    readonly suspended: number;
    readonly revoked: number;
    readonly renewals: number;
    readonly mails: number;
  };
}

export async function compare(world: World, naive: NaiveBusiness): Promise<Comparison> {
  const { store } = world.room;
  const now = world.room.now;
  const subscriptions = await allOf(store, SUBSCRIPTIONS);
  const credentials = await allOf(store, CREDENTIALS);
  const tokens = new Map((await allOf(store, TOKENS)).map((each) => [String(each.serial), each]));
  const notices = await world.room.mails();
  const names = new Map(subscriptions.map((each) => [String(each.id), nameOf(each)]));
  const found = new Map(subscriptions.map((each) => [nameOf(each), each]));
  const differences: string[] = [];
  for (const one of naive.subscriptions.values()) {
    const record = found.get(one.id);
    const own = credentials.filter(({ subscription }) => subscription === record?.id);
    const token = tokens.get(serialOf(one.life.account));
    const wanted = naiveText(one, naive.status(one, now));
    const has = record === undefined ? 'missing' : realText(record, { own, token }, now);
    if (wanted !== has) differences.push(`${one.id}: wanted ${wanted}, is ${has}`);
  }
  if (found.size !== naive.subscriptions.size) differences.push('not as many subscriptions');
  differences.push(...compareMails(naive.mails, notices, names));
  const ids = new Set(notices.map((notice) => messageIdOf(notice, 'test')));
  if (ids.size !== notices.length) differences.push('two mails have one Message-ID');
  const statuses = subscriptions.map((each) => statusAt(each, now));
  const count = (status: string) => statuses.filter((each) => each === status).length;
  return {
    differences,
    figures: {
      subscriptions: subscriptions.length,
      active: count('active'),
      suspended: count('suspended'),
      revoked: count('revoked'),
      renewals: naive.renewed,
      mails: notices.length,
    },
  };
}

const nameOf = ({ id, purchaser }: SubscriptionRecord): string =>
  `${purchaser}/${id.split('-').at(-1)}`;

const PAGE = 500;

async function allOf<T>(store: Store, kind: Kind<T>): Promise<T[]> {
  const records: T[] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const range = after === undefined ? { limit: PAGE } : { limit: PAGE, after };
    const page: { items: readonly T[]; next: string | null } = await store.scan(kind, range);
    records.push(...page.items);
    after = page.next;
  }
  return records;
}

const day = (at: number): string => new Date(at).toISOString();

function naiveText(one: NaiveSubscription, status: string): string {
  const token = one.hasToken ? (one.isRevoked ? 'revoked' : 'registered') : 'stocked';
  const until = one.hasToken ? ` until ${day(one.ends)}` : '';
  const stage = stageOf(one);
  return `${status}, ends ${day(one.ends)}, of ${one.holder}, ${stage}, token ${token}${until}`;
}

function stageOf({ holder, isRevoked, isActivated, hasToken, life }: NaiveSubscription): string {
  if (holder === undefined) return 'unredeemed';
  if (isRevoked) return 'revoked';
  if (life.product.endsWith('-proofed')) return 'proofing';
  if (!isActivated) return 'activation';
  return hasToken ? 'active' : 'registration';
}

function realText(
  record: SubscriptionRecord,
  { own, token }: { readonly own: readonly CredentialRecord[]; token: TokenRecord | undefined },
  now: UnixMillis,
): string {
  const stages = [...new Set(own.map(({ stage }) => stage))];
  // Of a bundle the Mobile ID is set up in no one's app here.
  const stage = stages.find((each) => each === 'active') ?? stages[0] ?? 'unredeemed';
  const until = token?.entitlement?.until;
  const tail = until === undefined ? '' : ` until ${day(until)}`;
  return (
    `${statusAt(record, now)}, ends ${day(record.expiresAt)}, of ${record.account}, ${stage}, ` +
    `token ${token?.life}${tail}`
  );
}

/** Mails of which neither side has one that the other has not; each once. */
function compareMails(
  wanted: readonly NaiveMail[],
  notices: readonly NoticeRecord[],
  names: ReadonlyMap<string, string>,
): readonly string[] {
  const left = new Map<string, number>();
  const add = (text: string, by: number) => left.set(text, (left.get(text) ?? 0) + by);
  for (const { what, subscription, to, at } of wanted) {
    add(`${what} of ${subscription} to ${to}@example.com at ${day(at)}`, 1);
  }
  for (const { template, to, at, values } of notices) {
    const id = values['subscription'] ?? values['credential']?.split('.')[0];
    const name = names.get(id ?? '') ?? '';
    add(`${template} of ${name} to ${to.join()} at ${day(at)}`, -1);
  }
  return [...left].flatMap(([text, count]) => {
    if (count === 0) return [];
    return count > 0 ? `not written: ${text} (${count})` : `written too often: ${text} (${-count})`;
  });
}

import { FobtwinError } from '../../shared/errors.ts';
import { type AccountId, CREDENTIAL_TYPES, type UnixMillis } from '../../shared/types.ts';
import { type AccountRecord, accountKey } from '../accounts/record.ts';
import { type CredentialRecord, credentialIdOf, credentialKey } from '../credentials/record.ts';
import { type Key, replyOnly, type ScanRange, type Store } from '../store/port.ts';
import { dayAfter } from './due-cursor.ts';
import type {
  PageQuery,
  RenewalQuery,
  SubscriptionDetail,
  SubscriptionFilter,
  SubscriptionPage,
  SubscriptionService,
} from './port.ts';
import { SUBSCRIPTIONS, type SubscriptionRecord } from './record.ts';
import { dueDayOf, isRenewable } from './terms.ts';

/** Pages of subscriptions, each over one index or a few in turn. */

type ListingStore = Pick<Store, 'transact' | 'scan'>;

/** One index with one value; lists of several are read one after the other. */
interface Source {
  readonly index: string;
  readonly value: string;
  readonly takes: (record: SubscriptionRecord) => boolean;
}

/** Records looked at for one page: whoever filters much gets short pages, and a `next`. */
const LOOKED_AT_MAX = 2_000;

export function listSubscriptions(
  { after, limit, ...filter }: PageQuery & SubscriptionFilter,
  store: ListingStore,
): Promise<SubscriptionPage> {
  const { account, organisation } = filter;
  const range = { limit, ...(after === undefined ? {} : { after }) };
  if (account === undefined && organisation === undefined) return store.scan(SUBSCRIPTIONS, range);
  const takes = takenBy(filter);
  const source =
    account === undefined
      ? { index: 'organisation', value: organisation ?? '', takes }
      : { index: 'account', value: account, takes };
  return pageOf([source], { after, limit }, store);
}

const takenBy =
  ({ account, organisation }: SubscriptionFilter) =>
  (record: SubscriptionRecord): boolean =>
    (account === undefined || record.account === account) &&
    (organisation === undefined || record.organisation === organisation);

/** @throws FobtwinError `forbidden` for whoever administers no organisation */
export async function organisationOf(id: AccountId, store: ListingStore): Promise<string> {
  const account = await store.transact([accountKey(id)], ([found]) => replyOnly(found));
  const organisation = account && administered(account);
  if (organisation !== undefined) return organisation;
  throw new FobtwinError('forbidden', "Only an organisation's administrator sees this.", {
    nextStep: 'Ask whoever administers your organisation.',
  });
}

/** The organisation that an account administers, if any. */
export const administered = ({
  roles = [],
  organisation,
}: Pick<AccountRecord, 'roles' | 'organisation'>): string | undefined =>
  roles.includes('organisationAdmin') ? organisation : undefined;

/** Those that can be renewed at `now`, and that the query takes. */
export async function renewals(
  query: RenewalQuery,
  now: UnixMillis,
  store: ListingStore,
): Promise<SubscriptionPage> {
  const { account, of, type, product, user, before } = query;
  const takes = (record: SubscriptionRecord): boolean =>
    isRenewable(record, now) &&
    (type === undefined || record.types.includes(type)) &&
    (product === undefined || record.product === product) &&
    (user === undefined || record.account === user) &&
    (before === undefined || record.expiresAt < before);
  if (of === 'own') {
    const isFree = (record: SubscriptionRecord) => record.account === undefined && takes(record);
    const sources = [
      { index: 'account', value: account, takes },
      { index: 'purchaser', value: account, takes: isFree },
    ];
    return pageOf(sources, query, store);
  }
  const value = await organisationOf(account, store);
  const isOfOthers = (record: SubscriptionRecord) => record.account !== account && takes(record);
  const source = { index: 'organisation', value, takes: of === 'others' ? isOfOthers : takes };
  return pageOf([source], query, store);
}

/** In order of the day on which something falls due next. */
export function upcoming(
  { days, account, organisation, ...page }: Parameters<SubscriptionService['upcoming']>[0],
  now: UnixMillis,
  store: ListingStore,
): Promise<SubscriptionPage> {
  const sources: Source[] = [];
  const takes = takenBy({ account, organisation });
  let day = dueDayOf(now);
  for (let place = 0; place <= days; place += 1) {
    sources.push({ index: 'due', value: day, takes });
    day = dayAfter(day);
  }
  return pageOf(sources, page, store);
}

/** One page over the sources in turn; its cursor says which source, and the last id there. */
async function pageOf(
  sources: readonly Source[],
  { after, limit }: PageQuery,
  store: ListingStore,
): Promise<SubscriptionPage> {
  const items: SubscriptionRecord[] = [];
  let place: Place | undefined = placeOf(after);
  let left = LOOKED_AT_MAX;
  while (place !== undefined && items.length < limit && left > 0) {
    const source: Source | undefined = sources[place.source];
    if (source === undefined) return { items, next: null };
    const wanted = Math.min(limit - items.length, left);
    const found = await store.scan(SUBSCRIPTIONS, rangeOf(source, place, wanted));
    items.push(...found.items.filter(source.takes));
    left -= Math.max(found.items.length, 1);
    place = nextPlace(place, found.next, sources.length);
  }
  return { items, next: place === undefined ? null : `${place.source}:${place.after ?? ''}` };
}

interface Place {
  readonly source: number;
  readonly after: string | undefined;
}

function placeOf(cursor: string | undefined): Place {
  const [, source = '0', after = ''] = /^(\d{1,3}):(.*)$/.exec(cursor ?? '') ?? [];
  return { source: Number(source), after: after === '' ? undefined : after };
}

const rangeOf = ({ index, value }: Source, { after }: Place, limit: number): ScanRange => ({
  index,
  value,
  limit,
  ...(after === undefined ? {} : { after }),
});

function nextPlace({ source }: Place, after: string | null, sources: number): Place | undefined {
  if (after !== null) return { source, after };
  return source + 1 < sources ? { source: source + 1, after: undefined } : undefined;
}

/** Each with its credentials, in one read. */
export function detailsOf(
  items: readonly SubscriptionRecord[],
  store: Pick<Store, 'transact'>,
): Promise<readonly SubscriptionDetail[]> {
  const keys: Key<CredentialRecord>[] = items.flatMap(({ id }) =>
    CREDENTIAL_TYPES.map((type) => credentialKey(credentialIdOf(id, type))),
  );
  return store.transact(keys, (records) => {
    const found = records as readonly (CredentialRecord | undefined)[];
    const each = CREDENTIAL_TYPES.length;
    return replyOnly(
      items.map((subscription, place) => ({
        subscription,
        credentials: found
          .slice(place * each, (place + 1) * each)
          .filter((credential) => credential !== undefined),
      })),
    );
  });
}

import { FobtwinError } from '../../shared/errors.ts';
import { type AccountId, parseSubscriptionId, type SubscriptionId } from '../../shared/types.ts';
import type { CredentialDetail } from '../credentials/port.ts';
import { formatCursor, parseCursor } from '../http/cursor.ts';
import type { ProductId } from '../orders/catalogue.ts';
import { LINES_MAX } from '../orders/lines.ts';
import { administered } from '../subscriptions/listing.ts';
import type { SubscriptionDetail } from '../subscriptions/port.ts';
import { isRenewable } from '../subscriptions/terms.ts';
import { ADDED_PATH, OTP_PATH, RENEWALS_PATH } from './account-links.ts';
import type { Fields } from './forms.ts';
import { stateOf } from './otp-pages.ts';
import { ownCredentialIn, signInFirst } from './own.ts';
import { linesInCart, tryToAdd } from './own-cart.ts';
import { nameOf } from './page.ts';
import { type Refusal, refusalOf, replyWith } from './refusal.ts';
import { readFilter } from './renewal-filter.ts';
import { type Begun, overPage, renewPage, upgradePage } from './renewal-pages.ts';
import { CHOSEN_PREFIX, type RenewalRow, renewalsPage } from './renewals-page.ts';
import { formTokenOf, type PageRoute, type Reply, type Seat, type Visit } from './visit.ts';

/** What is bought for a subscription that there is: renewals, one or several, and proofing. */

export const RENEW: PageRoute = { get: (visit) => showRenew(visit), post: addRenewal };
/** "Subscription Renewals" */
export const RENEWALS: PageRoute = { get: (visit) => showRenewals(visit), post: addRenewals };
/** "Proofing Upgrade" */
export const UPGRADE: PageRoute = { get: (visit) => showUpgrade(visit), post: addUpgrade };

/** What has become of `product` for each of these subscriptions already. */
async function begunFor(
  visit: Visit,
  seat: Seat,
  { product, subscriptions }: Offered,
): Promise<ReadonlyMap<SubscriptionId, Begun>> {
  const ordered = await visit.parts.orders.orderedFor(product, subscriptions);
  const lines = await linesInCart(visit, seat);
  const isInCart = (id: SubscriptionId) =>
    lines.some((line) => line.product === product && line.subscription === id);
  const begun = new Map<SubscriptionId, Begun>();
  for (const id of subscriptions) {
    if (ordered.has(id)) begun.set(id, 'ordered');
    else if (isInCart(id)) begun.set(id, 'inCart');
  }
  return begun;
}

interface Offered {
  readonly product: ProductId;
  readonly subscriptions: readonly SubscriptionId[];
}

async function showRenew(visit: Visit, refusal?: Refusal): Promise<Reply> {
  const { seat, now } = visit;
  if (seat === undefined) return signInFirst(OTP_PATH);
  const detail = await ownCredentialIn(visit, seat);
  if (stateOf(detail, now) === 'revoked') return { page: overPage(seat, detail), status: 409 };
  if (!isRenewable(detail.subscription, now)) {
    throw new FobtwinError('renewalNotOffered', 'This credential cannot be renewed now.', {
      nextStep: 'A renewal is offered from 30 days before the renewal date to a year after it.',
    });
  }
  const begun = await begunOf(visit, seat, { detail, product: 'renewal' });
  const formToken = formTokenOf(visit);
  return replyWith(renewPage({ person: seat, formToken, detail, now, begun, refusal }), refusal);
}

async function begunOf(
  visit: Visit,
  seat: Seat,
  { detail, product }: { readonly detail: CredentialDetail; readonly product: ProductId },
): Promise<Begun | undefined> {
  const { id } = detail.subscription;
  return (await begunFor(visit, seat, { product, subscriptions: [id] })).get(id);
}

async function addRenewal(visit: Visit): Promise<Reply> {
  const { seat } = visit;
  if (seat === undefined) return signInFirst(OTP_PATH);
  const { subscription } = await ownCredentialIn(visit, seat);
  const line = { product: 'renewal', subscription: subscription.id } as const;
  const added = await tryToAdd(visit, seat, [line]);
  return 'done' in added ? { redirect: ADDED_PATH } : showRenew(visit, added.refusal);
}

/** As many as go into one cart: all of a page can be chosen at once. */
const PAGE = LINES_MAX;

async function showRenewals(visit: Visit, refused?: Refusal, chosen?: Fields): Promise<Reply> {
  const { seat, now, parts, query } = visit;
  if (seat === undefined) return signInFirst(hereOf(visit));
  const account = seat.account.id;
  const administers = administered(seat.account) !== undefined;
  const read = readFilter(query, { administers });
  const refusal = refused ?? (read.refused && refusalOf(read.refused.line));
  const after = parseCursor(query.get('cursor') ?? undefined);
  const asked = { ...read.query, account, after, limit: PAGE };
  const found =
    read.refused === undefined
      ? await parts.subscriptions.renewals(asked, now)
      : { items: [], next: null };
  const details = await parts.subscriptions.detailsOf(found.items);
  const page = renewalsPage({
    ...{ person: seat, formToken: formTokenOf(visit), now, administers, chosen, refusal },
    filter: read.filter,
    refusedField: read.refused?.field,
    rows: await rowsOf(visit, seat, details),
    next: nextOf(visit, found.next),
    here: hereOf(visit),
  });
  return replyWith(page, refusal);
}

const hereOf = ({ query }: Visit): string =>
  query.size === 0 ? RENEWALS_PATH : `${RENEWALS_PATH}?${query}`;

function nextOf({ query }: Visit, next: string | null): string | undefined {
  const cursor = formatCursor(next);
  if (cursor === null) return undefined;
  const parameters = new URLSearchParams(query);
  parameters.set('cursor', cursor);
  return `${RENEWALS_PATH}?${parameters}`;
}

async function rowsOf(
  visit: Visit,
  seat: Seat,
  details: readonly SubscriptionDetail[],
): Promise<readonly RenewalRow[]> {
  const ids = details.flatMap(({ subscription }) => subscription.account ?? []);
  const distinct = [...new Set(ids)];
  const names = await Promise.all(distinct.map((id) => nameIn(visit, seat, id)));
  const nameById = new Map(distinct.map((id, place) => [id, names[place]]));
  const subscriptions = details.map(({ subscription }) => subscription.id);
  const begun = await begunFor(visit, seat, { product: 'renewal', subscriptions });
  return details.map((detail) => {
    const { id, account } = detail.subscription;
    const user = account && (nameById.get(account) ?? account);
    return { ...detail, user, begun: begun.get(id) };
  });
}

/** Colleagues have names; of anybody else who was sponsored the user ID must do. */
async function nameIn({ parts }: Visit, { account }: Seat, id: AccountId): Promise<string> {
  if (id === account.id) return nameOf(account);
  const other = await parts.accounts.get(id);
  return other.organisation === account.organisation ? nameOf(other) : id;
}

async function addRenewals(visit: Visit, fields: Fields): Promise<Reply> {
  const { seat } = visit;
  if (seat === undefined) return signInFirst(hereOf(visit));
  const subscriptions = [...fields].flatMap(([name, value]) => {
    if (!name.startsWith(CHOSEN_PREFIX) || value !== 'yes') return [];
    return parseSubscriptionId(name.slice(CHOSEN_PREFIX.length)) ?? [];
  });
  if (subscriptions.length === 0) return showRenewals(visit, refusalOf('Choose at least one.'));
  const lines = subscriptions.map((subscription) => ({
    product: 'renewal' as const,
    subscription,
  }));
  const added = await tryToAdd(visit, seat, lines);
  return 'done' in added ? { redirect: ADDED_PATH } : showRenewals(visit, added.refusal, fields);
}

async function showUpgrade(visit: Visit, refusal?: Refusal): Promise<Reply> {
  const { seat, now } = visit;
  if (seat === undefined) return signInFirst(OTP_PATH);
  const detail = await ownCredentialIn(visit, seat);
  if (stateOf(detail, now) === 'revoked') return { page: overPage(seat, detail), status: 409 };
  if (detail.subscription.proofing) {
    throw new FobtwinError('wrongProduct', 'This subscription has identity proofing already.', {
      nextStep: 'Complete the proofing in Manage OTP, if it is still due.',
    });
  }
  const begun = await begunOf(visit, seat, { detail, product: 'proofing-upgrade' });
  const formToken = formTokenOf(visit);
  return replyWith(upgradePage({ person: seat, formToken, detail, begun, refusal }), refusal);
}

async function addUpgrade(visit: Visit, fields: Fields): Promise<Reply> {
  const { seat } = visit;
  if (seat === undefined) return signInFirst(OTP_PATH);
  const { subscription } = await ownCredentialIn(visit, seat);
  const requirementsUnderstood = fields.get('understood') === 'yes';
  const added = await tryToAdd(visit, seat, [
    { product: 'proofing-upgrade', subscription: subscription.id, requirementsUnderstood },
  ]);
  if ('done' in added) return { redirect: ADDED_PATH };
  const { refusal } = added;
  return showUpgrade(visit, refusal.code === 'confirmationRequired' ? UNCHECKED : refusal);
}

const UNCHECKED = refusalOf('Check the box once you understand the requirements.');

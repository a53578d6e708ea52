import { FobtwinError } from '../../shared/errors.ts';
import type { SubscriptionId, UnixMillis } from '../../shared/types.ts';
import type { AccountRecord } from '../accounts/record.ts';
import { administered } from '../subscriptions/listing.ts';
import type { SubscriptionDetail } from '../subscriptions/port.ts';
import type { SubscriptionRecord } from '../subscriptions/record.ts';
import { isRenewable, statusAt } from '../subscriptions/terms.ts';
import { type CredentialProduct, PRODUCTS } from './catalogue.ts';
import type { OrderLine } from './record.ts';

/** What an account may order just now: pure, from what is known of its subscriptions. */

export interface OfferFacts {
  readonly account: AccountRecord;
  /** What the lines name, as far as it exists. */
  readonly named: ReadonlyMap<SubscriptionId, SubscriptionDetail>;
  /** What the account has redeemed. */
  readonly held: readonly SubscriptionDetail[];
}

/** @throws FobtwinError with the refusal of the first line that has one */
export function judgeLines(lines: readonly OrderLine[], facts: OfferFacts, now: UnixMillis): void {
  for (const line of lines) {
    const product = PRODUCTS[line.product];
    if (product.kind === 'credential') judgeNew(line, product, facts, now);
    else if (product.kind === 'renewal') judgeRenewal(line, facts, now);
    else judgeUpgrade(line, facts, now);
  }
}

/** Another year of it: in the time of renewal, by whom it belongs to or who pays for it. */
function judgeRenewal(line: OrderLine, { account, named }: OfferFacts, now: UnixMillis): void {
  const known = foundOf(line, named);
  if (known === undefined || !mayRenew(account, known.subscription)) throw notFound();
  refuseOver(known, now);
  if (isRenewable(known.subscription, now)) return;
  const { id, expiresAt } = known.subscription;
  const until = new Date(expiresAt).toISOString().slice(0, 10);
  throw new FobtwinError('renewalNotOffered', `Subscription ${id} runs until ${until}.`, {
    nextStep: 'It can be renewed from 30 days before that day.',
  });
}

function mayRenew(account: AccountRecord, subscription: SubscriptionRecord): boolean {
  const organisation = administered(account);
  return (
    subscription.account === account.id ||
    subscription.purchaser === account.id ||
    (organisation !== undefined && organisation === subscription.organisation)
  );
}

/** Only of one's own: whoever is to be proofed understands the requirements. */
function judgeUpgrade(line: OrderLine, { account, named }: OfferFacts, now: UnixMillis): void {
  const known = foundOf(line, named);
  if (known?.subscription.account !== account.id) throw notFound();
  refuseOver(known, now);
  if (!known.subscription.proofing) return;
  throw new FobtwinError('wrongProduct', 'This subscription was bought with proofing.', {
    nextStep: 'Complete the proofing; it is paid for.',
  });
}

/** A new one for oneself, where one of its type could be renewed, is most likely a mistake. */
function judgeNew(
  { recipient, additional }: OrderLine,
  { types }: CredentialProduct,
  { held }: OfferFacts,
  now: UnixMillis,
): void {
  if (recipient !== undefined || additional === true) return;
  const renewable = held.find(
    ({ subscription, credentials }) =>
      isRenewable(subscription, now) &&
      credentials.some(({ type, stage }) => stage !== 'revoked' && types.includes(type)),
  );
  if (renewable === undefined) return;
  const { id } = renewable.subscription;
  throw new FobtwinError('renewInstead', `Subscription ${id} of this type can be renewed.`, {
    nextStep: 'Order its renewal; or say that this one is additional.',
  });
}

/** Revoked is final, of the whole or of each credential. */
function refuseOver({ subscription, credentials }: SubscriptionDetail, now: UnixMillis): void {
  const isRevoked =
    statusAt(subscription, now) === 'revoked' ||
    (credentials.length > 0 && credentials.every(({ stage }) => stage === 'revoked'));
  if (!isRevoked) return;
  const reason = `Subscription ${subscription.id} is revoked, and cannot be reactivated.`;
  throw new FobtwinError('purchaseInstead', reason, {
    nextStep: 'Purchase and set up a new one.',
  });
}

const foundOf = ({ subscription }: OrderLine, named: OfferFacts['named']) =>
  subscription === undefined ? undefined : named.get(subscription);

/** The same whether there is none, or another's. */
const notFound = (): FobtwinError =>
  new FobtwinError('notFound', 'There is no subscription of this id to order for.', {
    nextStep: 'Look at the subscriptions that can be renewed.',
  });

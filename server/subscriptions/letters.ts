import { formatTime } from '../../shared/time.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { AccountRecord } from '../accounts/record.ts';
import { addressesOf, type NoticeDraft } from '../notices/port.ts';
import type { NoticeTemplate } from '../notices/templates/catalogue.ts';
import { PRODUCTS } from '../orders/catalogue.ts';
import type { PaidLine } from './port.ts';
import type { SubscriptionRecord } from './record.ts';
import { type DueStep, daysUntil, revokesAt, type StepName } from './terms.ts';

/** What is written to people about a subscription, and to whom. */

/** Its holder; until its licence key is redeemed, its purchaser. */
export const readerOf = ({ account, purchaser }: SubscriptionRecord) => account ?? purchaser;

/** Of one step of one year: after a renewal the reminders come anew, under other ids. */
export function stepNoticeId(
  { id }: Pick<SubscriptionRecord, 'id'>,
  { name, daysBefore, end }: DueStep,
): string {
  return `${id}:${name}:${daysBefore}:${new Date(end).getUTCFullYear()}`;
}

const TEMPLATES: Readonly<Record<StepName, NoticeTemplate>> = {
  expiryReminder: 'expiryReminder',
  expired: 'expired',
  revocationReminder: 'revocationReminder',
  revoked: 'subscriptionRevoked',
};

/** What anybody is told of the subscription's own. */
const common = (subscription: SubscriptionRecord) => ({
  subscription: subscription.id,
  product: PRODUCTS[subscription.product].name,
});

/** @param at when the step is taken: the days that are left are counted from then */
export function stepLetter(
  subscription: SubscriptionRecord,
  step: DueStep,
  { at, reader }: { readonly at: UnixMillis; readonly reader: AccountRecord | undefined },
): NoticeDraft {
  const expires = formatTime(subscription.expiresAt);
  const days = String(daysUntil(step.end, at));
  const values: Readonly<Record<StepName, Readonly<Record<string, string>>>> = {
    expiryReminder: { expires, days },
    expired: { expired: expires, revokes: formatTime(revokesAt(subscription)) },
    revocationReminder: { revokes: formatTime(revokesAt(subscription)), days },
    revoked: { revoked: formatTime(at) },
  };
  return {
    id: stepNoticeId(subscription, step),
    template: TEMPLATES[step.name],
    to: reader === undefined ? [] : addressesOf(reader),
    account: readerOf(subscription),
    at,
    values: { ...common(subscription), ...values[step.name] },
  };
}

export const renewalNoticeId = ({ subscription, order, line }: PaidLine): string =>
  `${subscription}:renewed:${order}:${line}`;

/** @param subscription as it is once it was renewed */
export const renewalLetter = (
  subscription: SubscriptionRecord,
  line: PaidLine,
  { at, reader }: { readonly at: UnixMillis; readonly reader: AccountRecord | undefined },
): NoticeDraft => ({
  id: renewalNoticeId(line),
  template: 'renewed',
  to: reader === undefined ? [] : addressesOf(reader),
  account: readerOf(subscription),
  at,
  values: { ...common(subscription), expires: formatTime(subscription.expiresAt) },
});

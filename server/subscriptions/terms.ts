import type { UnixMillis } from '../../shared/types.ts';

/** A subscription's calendar, pure: when it ends, what is written before, and when it is over. */

const DAY_MILLIS = 86_400_000;

/**
 * The same day and time a year later, in UTC; 29 February becomes 28 February. Subscriptions are
 * annual (seeds 000, 001): years, not 365 days.
 */
export function yearAfter(at: UnixMillis): UnixMillis {
  const date = new Date(at);
  const month = date.getUTCMonth();
  date.setUTCFullYear(date.getUTCFullYear() + 1);
  if (date.getUTCMonth() !== month) date.setUTCDate(0);
  return date.getTime() as UnixMillis;
}

/** A renewal is offered from so many days before the expiry until the revocation. */
export const RENEWAL_DAYS_BEFORE = 30;
/** `Err`, garbled display, dead battery: replaced within so many days of the purchase. */
export const WARRANTY_DAYS = 45;

/** What of a subscription time is judged by. */
export interface Term {
  readonly purchasedAt: UnixMillis;
  readonly expiresAt: UnixMillis;
  /** Final. */
  readonly revokedAt?: UnixMillis;
  /** How many of `STEPS` have been taken. */
  readonly stepsTaken: number;
}
type End = Pick<Term, 'expiresAt' | 'revokedAt'>;

/** Suspended at the expiry, revoked a year later: what follows from time alone. */
export const revokesAt = ({ expiresAt }: Pick<Term, 'expiresAt'>): UnixMillis =>
  yearAfter(expiresAt);

export type SubscriptionStatus = 'active' | 'suspended' | 'revoked';

/** Judged at `now`: a job that is late changes nothing about it. */
export function statusAt(term: End, now: UnixMillis): SubscriptionStatus {
  if (term.revokedAt !== undefined || now >= revokesAt(term)) return 'revoked';
  return now >= term.expiresAt ? 'suspended' : 'active';
}

/** The eligibility period: 30 days before the expiry to a year after it (seeds 000, 001, 002). */
export const isRenewable = (term: End, now: UnixMillis): boolean =>
  statusAt(term, now) !== 'revoked' && now >= term.expiresAt - RENEWAL_DAYS_BEFORE * DAY_MILLIS;

/**
 * When it ends once it is renewed: before the expiry a year is added to it, so that nobody loses
 * days by being early; after it a year runs from the payment, as with a purchase, so that nobody
 * pays for months in which nothing worked.
 */
export const renewedUntil = ({ expiresAt }: Pick<Term, 'expiresAt'>, paidAt: UnixMillis) =>
  yearAfter(Math.max(expiresAt, paidAt) as UnixMillis);

export const isUnderWarranty = (
  { purchasedAt }: Pick<Term, 'purchasedAt'>,
  now: UnixMillis,
): boolean => now < purchasedAt + WARRANTY_DAYS * DAY_MILLIS;

export type StepName = 'expiryReminder' | 'expired' | 'revocationReminder' | 'revoked';

/** What happens to a subscription that nobody renews, in this order. */
export const STEPS: readonly {
  readonly name: StepName;
  /** Before the expiry, or before the revocation a year later. */
  readonly daysBefore: number;
}[] = [
  { name: 'expiryReminder', daysBefore: 30 },
  { name: 'expiryReminder', daysBefore: 15 },
  { name: 'expiryReminder', daysBefore: 3 },
  { name: 'expired', daysBefore: 0 },
  { name: 'revocationReminder', daysBefore: 30 },
  { name: 'revocationReminder', daysBefore: 15 },
  { name: 'revocationReminder', daysBefore: 3 },
  { name: 'revoked', daysBefore: 0 },
];

export interface DueStep {
  readonly name: StepName;
  readonly daysBefore: number;
  readonly at: UnixMillis;
  /** The expiry or the revocation that it comes before, or is. */
  readonly end: UnixMillis;
}

/** Whether the step only tells of what comes; the others are what came. */
export const isReminder = ({ daysBefore }: Pick<DueStep, 'daysBefore'>): boolean => daysBefore > 0;

/** The next step and when it falls due; undefined once it is revoked. */
export function nextDue(
  record: Pick<Term, 'expiresAt' | 'revokedAt' | 'stepsTaken'>,
): DueStep | undefined {
  const step = STEPS[record.stepsTaken];
  if (step === undefined || record.revokedAt !== undefined) return undefined;
  const isOfExpiry = step.name === 'expiryReminder' || step.name === 'expired';
  const end = isOfExpiry ? record.expiresAt : revokesAt(record);
  return { ...step, at: (end - step.daysBefore * DAY_MILLIS) as UnixMillis, end };
}

/** Days that are left, a begun one for a whole one; 0 once `end` is there. */
export const daysUntil = (end: UnixMillis, now: UnixMillis): number =>
  Math.max(0, Math.ceil((end - now) / DAY_MILLIS));

/** Expiry is shown to the person from 30 days before (facts `service-behaviour.md`). */
export function daysLeftAt(term: End, now: UnixMillis): number | undefined {
  if (statusAt(term, now) !== 'active' || !isRenewable(term, now)) return undefined;
  return daysUntil(term.expiresAt, now);
}

/** The day of `at` in UTC, by which what falls due is found: `2027-01-31`. */
export const dueDayOf = (at: UnixMillis): string => new Date(at).toISOString().slice(0, 10);

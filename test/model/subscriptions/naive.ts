import type { Life, Plan } from './plan.ts';

/**
 * What the seeds say of subscriptions, in the simplest words a program has: everything is looked at
 * on every day. It shares no line with the server, and no table.
 *
 * - "valid for one year from the date of purchase (and not from the date of activation)"
 * - "After the expiration … the token status will change to Suspended"
 * - "you will be able to renew it for a year after the expiration. If you do not renew … within
 *   this time period, your token will be revoked", "A revoked token cannot be reactivated"
 * - "emails will be sent thirty, fifteen, and three days prior to the token revocation date"
 * - "The Renew button will be visible only if you are within the eligibility period"
 * - "only the subscription will renew. Please continue using your existing physical token"
 * - "The license key is sent in an email directly to the purchaser"
 */

const DAY = 24 * 60 * 60 * 1000;

/** The same date and time of the next year, read off the calendar. */
export function nextYear(moment: number): number {
  const text = new Date(moment).toISOString();
  const year = Number(text.slice(0, 4)) + 1;
  const rest = text.slice(4).replace('-02-29T', '-02-28T');
  return Date.parse(`${year}${rest}`);
}

export interface NaiveMail {
  readonly what: string;
  readonly subscription: string;
  readonly to: string;
  readonly at: number;
}

export interface NaiveSubscription {
  readonly life: Life;
  readonly id: string;
  ends: number;
  holder: string | undefined;
  isActivated: boolean;
  hasToken: boolean;
  isRevoked: boolean;
  /** What was written for the present year. */
  said: Set<string>;
}

export class NaiveBusiness {
  readonly mails: NaiveMail[] = [];
  readonly subscriptions = new Map<string, NaiveSubscription>();
  /** What renewals came to that were tried: `person-3 on day 200: renewalNotOffered`. */
  readonly refusals: string[] = [];
  #renewed = 0;

  play(plan: Plan): void {
    plan.moments.forEach((now, day) => {
      for (const subscription of this.subscriptions.values()) this.#pass(subscription, now);
      for (const life of plan.lives) this.#live(life, day, now);
    });
  }

  get renewed(): number {
    return this.#renewed;
  }

  status({ isRevoked, ends }: NaiveSubscription, now: number): string {
    if (isRevoked || now >= nextYear(ends)) return 'revoked';
    return now >= ends ? 'suspended' : 'active';
  }

  /** All that has come due by now, each with its own moment. */
  #pass(one: NaiveSubscription, now: number): void {
    const over = nextYear(one.ends);
    const moments: [what: string, at: number][] = [
      ['expiryReminder', one.ends - 30 * DAY],
      ['expiryReminder', one.ends - 15 * DAY],
      ['expiryReminder', one.ends - 3 * DAY],
      ['expired', one.ends],
      ['revocationReminder', over - 30 * DAY],
      ['revocationReminder', over - 15 * DAY],
      ['revocationReminder', over - 3 * DAY],
      ['subscriptionRevoked', over],
    ];
    for (const [what, at] of moments) {
      const sign = `${what} ${at}`;
      if (one.isRevoked || at > now || one.said.has(sign)) continue;
      one.said.add(sign);
      this.#write(what, one, at);
      if (what === 'subscriptionRevoked') one.isRevoked = true;
    }
  }

  #write(what: string, { id, holder, life }: NaiveSubscription, at: number): void {
    this.mails.push({ what, subscription: id, to: holder ?? life.buyer, at });
  }

  #live(life: Life, day: number, now: number): void {
    if (life.bought === day) this.#buy(life, now);
    const one = this.subscriptions.get(life.account);
    if (one === undefined) return;
    if (life.redeemed === day && !one.isRevoked) this.#redeem(one, now);
    if (life.renewals.includes(day)) this.#renew(one, day, now);
    if (life.revoked === day && one.holder !== undefined) one.isRevoked = true;
  }

  #buy(life: Life, now: number): void {
    const id = `${life.buyer}/${life.unit}`;
    const one: NaiveSubscription = {
      ...{ life, id, ends: nextYear(now), holder: undefined },
      ...{ isActivated: false, hasToken: false, isRevoked: false, said: new Set<string>() },
    };
    this.subscriptions.set(life.account, one);
    this.#write('licenceKey', one, now);
    if (life.unit === 1) this.#confirm(life.buyer, now);
  }

  #redeem(one: NaiveSubscription, now: number): void {
    one.holder = one.life.account;
    const needsProofing = one.life.product.endsWith('-proofed');
    if (!one.life.activated || needsProofing) return;
    one.isActivated = true;
    one.hasToken = one.life.registered && one.life.product.includes('hardware-token');
    const credentials = one.life.product === 'mobile-id-hardware-token' ? 2 : 1;
    for (let n = 0; n < credentials; n += 1) this.#write('credentialActivated', one, now);
  }

  #renew(one: NaiveSubscription, day: number, now: number): void {
    const isGroup = one.life.buyer !== one.life.account;
    if (one.isRevoked) {
      // An administrator's list does not offer it at all.
      if (!isGroup) this.refusals.push(`${one.life.account} on day ${day}: purchaseInstead`);
      return;
    }
    if (now < one.ends - 30 * DAY) {
      if (!isGroup) this.refusals.push(`${one.life.account} on day ${day}: renewalNotOffered`);
      return;
    }
    one.ends = nextYear(Math.max(one.ends, now));
    one.said = new Set();
    this.#renewed += 1;
    this.#write('renewed', one, now);
    this.#confirm(one.life.buyer, now);
  }

  /** One order, one confirmation, however much is in it. */
  #confirm(buyer: string, at: number): void {
    const isSaid = this.mails.some(
      (mail) => mail.what === 'orderConfirmation' && mail.to === buyer && mail.at === at,
    );
    if (!isSaid) this.mails.push({ what: 'orderConfirmation', subscription: '', to: buyer, at });
  }
}

import { dayOf, MANAGE_OTP, type Part, SIGN_IN, type Template } from './mail-body.ts';

/** A subscription's year, and the year after it (seeds 000, 001, 002, 004). */

const RENEW: Part =
  `To renew: ${SIGN_IN}, ${MANAGE_OTP}, then Renew. Please take care to buy a ` +
  'renewal and not a new credential: you go on with the token, phone or Mobile ID that you have.';

const what = (product: string, subscription: string): string => `${product} (${subscription})`;

export const renewed: Template<'renewed'> = ({ subscription, product, expires }) => ({
  subject: `Renewed until ${dayOf(expires)}`,
  parts: [
    `Your subscription ${what(product, subscription)} is renewed. It is valid until ` +
      `${dayOf(expires)}.`,
    'You go on with the token, phone or Mobile ID that you have. Nothing is left for you to do.',
  ],
});

export const expiryReminder: Template<'expiryReminder'> = (values) => ({
  subject: `Your subscription ends on ${dayOf(values.expires)}, in ${values.days} days`,
  parts: [
    `Your subscription ${what(values.product, values.subscription)} ends on ` +
      `${dayOf(values.expires)}, in ${values.days} days. From then on it is suspended, and you ` +
      'cannot sign in with it until it is renewed.',
    RENEW,
    'A renewal before that day adds a year to it: you lose no days by being early.',
  ],
});

export const expired: Template<'expired'> = ({ subscription, product, ...days }) => ({
  subject: 'Your subscription has ended and is suspended',
  parts: [
    `Your subscription ${what(product, subscription)} ended on ${dayOf(days.expired)}. It is ` +
      'suspended: you cannot sign in with it until it is renewed.',
    RENEW,
    `You can renew it until ${dayOf(days.revokes)}. What is not renewed by then is revoked, and ` +
      'cannot be brought back.',
  ],
});

export const revocationReminder: Template<'revocationReminder'> = (values) => ({
  subject: `Your credential is revoked on ${dayOf(values.revokes)}, in ${values.days} days`,
  parts: [
    `Your subscription ${what(values.product, values.subscription)} ended almost a year ago and ` +
      `was not renewed. On ${dayOf(values.revokes)}, in ${values.days} days, it is revoked.`,
    'What is revoked cannot be brought back: you would have to buy and set up a new credential.',
    RENEW,
  ],
});

export const subscriptionRevoked: Template<'subscriptionRevoked'> = (values) => ({
  subject: 'Your credential has been revoked',
  parts: [
    `Your subscription ${what(values.product, values.subscription)} was not renewed within a ` +
      `year of its end, and was revoked on ${dayOf(values.revoked)}. This is final.`,
    'If you need to sign in with a credential again, please buy and set up a new one.',
  ],
});

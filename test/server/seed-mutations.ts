import type { Patch } from '../support/mutated-tree.ts';

/** What takes a rule out of the sources; `rule` is its sentence as RULES.md has it. */
export interface SeedMutation {
  readonly rule: string;
  readonly patches: readonly Patch[];
}

export const SEED_MUTATIONS: readonly SeedMutation[] = [
  {
    rule: 'Purchase the renewal, not a brand-new credential',
    patches: [
      {
        file: 'server/orders/offer.ts',
        from: 'if (renewable === undefined) return;',
        to: 'if (renewable !== null) return;',
      },
    ],
  },
  {
    rule: "Check the box that the upgrade's requirements are understood",
    patches: [
      {
        file: 'server/orders/lines.ts',
        from: 'if (requirementsUnderstood !== true) {',
        to: 'if (requirementsUnderstood === null) {',
      },
    ],
  },
  {
    rule: 'Renew is visible only within the eligibility period',
    patches: [
      {
        file: 'server/subscriptions/terms.ts',
        from: 'RENEWAL_DAYS_BEFORE = 30',
        to: 'RENEWAL_DAYS_BEFORE = 400',
      },
    ],
  },
  {
    rule: 'Subscriptions are valid for one year from the date of purchase',
    patches: [
      {
        file: 'server/subscriptions/terms.ts',
        from: 'date.setUTCFullYear(date.getUTCFullYear() + 1);',
        to: 'date.setUTCDate(date.getUTCDate() + 365);',
      },
    ],
  },
  {
    rule: 'Review the disclaimer and check its box',
    patches: [
      {
        file: 'server/orders/place.ts',
        from: 'if (!order.disclaimer) {',
        to: 'if (order.disclaimer === undefined) {',
      },
    ],
  },
  {
    rule: 'The name in the account must match the legal name',
    patches: [
      {
        file: 'server/proofing/legal-name.ts',
        from: 'spelled(a) === spelled(b)',
        to: 'spelled(a) !== spelled(b) || a === b',
      },
    ],
  },
  {
    rule: 'Outside the United States a live session must be scheduled',
    patches: [
      {
        file: 'server/proofing/questions.ts',
        from: 'country === COUNTRY;',
        to: 'country !== undefined || COUNTRY === undefined;',
      },
    ],
  },
  {
    rule: 'Up to three phone numbers',
    patches: [{ file: 'server/phones/record.ts', from: 'PHONES_MAX = 3', to: 'PHONES_MAX = 4' }],
  },
  {
    rule: 'The code is valid for two minutes',
    patches: [
      {
        file: 'server/phones/port.ts',
        from: 'PHONE_CODE_MILLIS = 120_000',
        to: 'PHONE_CODE_MILLIS = 180_000',
      },
    ],
  },
  {
    rule: 'E-mails thirty, fifteen and three days before the revocation',
    patches: [
      {
        file: 'server/subscriptions/terms.ts',
        from: "{ name: 'revocationReminder', daysBefore: 15 },",
        to: "{ name: 'revocationReminder', daysBefore: 14 },",
      },
    ],
  },
  {
    rule: 'Revoking asks to be confirmed',
    patches: [
      {
        file: 'server/credentials/service.ts',
        from: 'if (!confirmed) {',
        to: 'if (confirmed === undefined) {',
      },
    ],
  },
  {
    rule: 'Err is replaced inside 45 days of the purchase',
    patches: [
      {
        file: 'server/subscriptions/terms.ts',
        from: 'WARRANTY_DAYS = 45',
        to: 'WARRANTY_DAYS = 46',
      },
    ],
  },
];

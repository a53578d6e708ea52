import { z } from 'zod';
import type { FieldErrorCode } from '../errors.ts';
import { PRODUCT_IDS } from '../products.ts';
import { CREDENTIAL_TYPES, REPLACEMENT_REASONS } from '../types.ts';
import {
  accountField,
  body,
  codeField,
  credentialField,
  cursorField,
  limitField,
  lineField,
  nameField,
  outcomeField,
  page,
  refuseEqualCodes,
  serialField,
  timeField,
} from './fields.ts';

/** Credentials and the subscriptions that they rest on, on the wire. */

const code = (name: FieldErrorCode): FieldErrorCode => name;
const STAGES = ['proofing', 'activation', 'registration', 'active', 'revoked'] as const;
const STATUSES = ['active', 'suspended', 'revoked'] as const;
/** Days that can be looked ahead. */
export const DUE_DAYS_MAX = 366;

const typeField = z.enum(CREDENTIAL_TYPES);
const productField = z.enum(PRODUCT_IDS);

/** As typed: what no key looks like is answered as a key that there is none of. */
export const licenceKeyRequest = body({
  licenceKey: lineField(100).meta({
    description: 'As it stands in the mail; dashes, white space and case do not matter',
    example: '0ABCD-EFGH1-JKMN2-PQRS3-TVWX4',
  }),
});
export const activationRequest = body({
  /** Where live video proofing gave one. */
  activationCode: lineField(100).optional(),
});
export const credentialRegistrationRequest = body({
  serial: serialField,
  code1: codeField,
  code2: codeField,
}).superRefine(refuseEqualCodes);
export const credentialReplacementRequest = body({
  reason: z.enum(REPLACEMENT_REASONS, { error: code('notAllowed') }),
});
/** Revoking is final: whoever asks says that it is meant. */
export const credentialRevocationRequest = body({
  confirmed: z.boolean({ error: code('wrongType') }).optional(),
});

export const credentialPath = body({ id: accountField, credential: credentialField });

/** What time makes of a subscription at the moment of the reply. */
const term = {
  product: productField,
  purchasedAt: timeField,
  /** From then on suspended. */
  expiresAt: timeField,
  /** From then on revoked, unless it is renewed before. */
  revokesAt: timeField,
  status: z.enum(STATUSES),
  /** Whether a renewal is offered: only within the eligibility period. */
  renewable: z.boolean(),
  /** Days until it expires, from 30 days before. */
  daysLeft: z.int().optional(),
};

export const credentialView = z.object({
  id: z.string(),
  subscription: z.string(),
  account: z.string(),
  type: typeField,
  stage: z.enum(STAGES),
  proofing: z.enum(['notBought', 'due', 'passed']),
  /** Whether activation asks for the agent's code. */
  activationCodeNeeded: z.boolean(),
  serial: z.string().optional(),
  /** Another token may be registered once the present one is revoked. */
  replacement: z
    .object({ grantedAt: timeField, reason: z.enum(REPLACEMENT_REASONS), proofAnew: z.boolean() })
    .optional(),
  createdAt: timeField,
  activatedAt: timeField.optional(),
  registeredAt: timeField.optional(),
  revokedAt: timeField.optional(),
  ...term,
});
export const credentialReply = z.object({ credential: credentialView });
export const credentialsReply = z.object({ items: z.array(credentialView) });

const REGISTRATION_WARNINGS = ['beforeDelivery'] as const;
export const credentialRegistrationReply = z.object({
  outcome: outcomeField,
  /** With `accepted`. */
  credential: credentialView.optional(),
  /** What is unusual about it, though it was done: the token can hardly have arrived yet. */
  warnings: z.array(z.enum(REGISTRATION_WARNINGS)),
  retryAfterSeconds: z.int().min(1).optional(),
});

export const subscriptionView = z.object({
  id: z.string(),
  order: z.string(),
  types: z.array(typeField),
  /** Whether identity proofing was bought, with it or later. */
  proofing: z.boolean(),
  purchaser: z.string(),
  organisation: z.string().optional(),
  /** Who has redeemed its licence key. */
  account: z.string().optional(),
  redeemedAt: timeField.optional(),
  /** How often it was renewed, and when last. */
  renewals: z.int(),
  renewedAt: timeField.optional(),
  revokedAt: timeField.optional(),
  underWarranty: z.boolean(),
  /** None until its licence key is redeemed. */
  credentials: z.array(
    z.object({
      id: z.string(),
      type: typeField,
      stage: z.enum(STAGES),
      serial: z.string().optional(),
    }),
  ),
  ...term,
});
export const subscriptionReply = z.object({ subscription: subscriptionView });
export const subscriptionPage = page(subscriptionView);

const pageFields = { cursor: cursorField.optional(), limit: limitField };

export const subscriptionListQuery = body({
  account: accountField.optional(),
  organisation: nameField.optional(),
  /** Only those of which a step falls due within so many days, in that order. */
  dueWithinDays: z
    .preprocess(
      (value) => (typeof value === 'string' && /^[0-9]{1,4}$/.test(value) ? Number(value) : value),
      z
        .int({ error: code('wrongType') })
        .min(1, code('tooSmall'))
        .max(DUE_DAYS_MAX, code('tooLarge')),
    )
    .optional(),
  ...pageFields,
});

export const renewalsQuery = body({
  /** Default the own ones; the others' for an organisation's administrator. */
  of: z.enum(['own', 'organisation', 'others'], { error: code('notAllowed') }).default('own'),
  /** Only with a credential of this type. */
  type: z.enum(CREDENTIAL_TYPES, { error: code('notAllowed') }).optional(),
  product: z.enum(PRODUCT_IDS, { error: code('notAllowed') }).optional(),
  user: accountField.optional(),
  /** Only those that end before this moment. */
  before: timeField.optional(),
  ...pageFields,
});

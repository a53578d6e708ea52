import { z } from 'zod';
import type { FieldErrorCode } from '../errors.ts';
import { ORDER_STATES, PRODUCT_IDS } from '../products.ts';
import { CREDENTIAL_TYPES, parseOrderNumber } from '../types.ts';
import { countryField, emailField } from './accounts-schemas.ts';
import {
  accountField,
  applicationField,
  body,
  booleanText,
  cursorField,
  limitField,
  lineField,
  nameField,
  page,
  parsedField,
  requiredStrengthField,
  serialField,
  subscriptionField,
  timeField,
} from './fields.ts';

/** What is sold, carts, orders and their payment on the wire. */

const code = (name: FieldErrorCode): FieldErrorCode => name;

const orderField = parsedField(20, parseOrderNumber).meta({
  description: "An order's number",
  example: 'SO-10001',
});

const productField = z.enum(PRODUCT_IDS, { error: code('notAllowed') });
const purchaseOrderField = lineField(100);
const referenceField = lineField(200);

/** More than an order has; how many that is, the room of orders says. */
const LINES_TEXT_MAX = 100;

const chosenLine = body({
  product: productField,
  quantity: z.int({ error: code('wrongType') }).optional(),
  subscription: subscriptionField.optional(),
  recipient: emailField.optional(),
  /** A new credential beside one that could be renewed. */
  additional: z.boolean({ error: code('wrongType') }).optional(),
  /** Of a proofing upgrade. */
  requirementsUnderstood: z.boolean({ error: code('wrongType') }).optional(),
});
const chosenLines = z
  .array(chosenLine, { error: code('wrongType') })
  .max(LINES_TEXT_MAX, code('tooMany'));

const address = {
  name: nameField,
  organisation: nameField.optional(),
  lines: z
    .array(nameField, { error: code('wrongType') })
    .min(1, code('required'))
    .max(4, code('tooMany'))
    .meta({ description: 'Street and house, as written on an envelope' }),
  city: nameField,
  region: nameField.optional(),
  postcode: lineField(20).optional(),
  country: countryField,
};

export const orderPath = body({ order: orderField });
export const accountOrderPath = body({ id: accountField, order: orderField });

/** Only what is accepted where all of this is demanded. */
export const productQuery = body({
  /** What this one demands: a partner's. */
  application: applicationField.optional(),
  strength: requiredStrengthField.optional(),
  proofed: booleanText.optional(),
});

export const orderQuery = body({
  purchaser: accountField.optional(),
  state: z.enum(ORDER_STATES, { error: code('notAllowed') }).optional(),
  purchaseOrder: purchaseOrderField.optional(),
  reference: referenceField.optional(),
  cursor: cursorField.optional(),
  limit: limitField,
});

export const cartRequest = body({ lines: chosenLines });

export const orderRequest = body({
  /** Default: the cart's. */
  lines: chosenLines.optional(),
  shipping: body(address).optional(),
  billing: body(address),
  payment: z.discriminatedUnion(
    'method',
    [
      body({ method: z.literal('card') }),
      body({ method: z.literal('invoice'), purchaseOrder: purchaseOrderField }),
    ],
    { error: code('notAllowed') },
  ),
  /** Whether it was reviewed and confirmed. */
  disclaimer: z.boolean({ error: code('wrongType') }).optional(),
});

/** @see the bank's statement or the card's slip: the same reference is the same payment. */
export const paymentRequest = body({ reference: referenceField });

export const shipmentRequest = body({
  carrier: nameField.optional(),
  tracking: nameField.optional(),
  serials: z
    .array(serialField, { error: code('wrongType') })
    .max(200, code('tooMany'))
    .optional(),
});

/** Without a subscription: every key of the order that nobody has used. */
export const licenceKeysRequest = body({ subscription: subscriptionField.optional() });

export const productView = z.object({
  id: z.enum(PRODUCT_IDS),
  name: z.string(),
  kind: z.enum(['credential', 'renewal', 'proofingUpgrade']),
  /** Of a credential: what it can sign in with. */
  types: z.array(z.enum(CREDENTIAL_TYPES)).optional(),
  proofing: z.boolean().optional(),
  /** Which numbers its phones may have. */
  phones: z.enum(['domestic', 'international']).optional(),
  /** Something is sent by post. */
  shipped: z.boolean().optional(),
});
export const productsReply = z.object({ products: z.array(productView) });

const lineView = z.object({
  product: z.enum(PRODUCT_IDS),
  name: z.string(),
  quantity: z.number(),
  subscription: z.string().optional(),
  recipient: z.string().optional(),
  additional: z.boolean().optional(),
});

export const cartView = z.object({
  lines: z.array(lineView),
  /** Absent while it is empty. */
  changedAt: timeField.optional(),
});
export const cartReply = z.object({ cart: cartView });

const addressView = z.object({
  name: z.string(),
  organisation: z.string().optional(),
  lines: z.array(z.string()),
  city: z.string(),
  region: z.string().optional(),
  postcode: z.string().optional(),
  country: z.string(),
});

export const orderView = z.object({
  id: z.string(),
  purchaser: z.string(),
  organisation: z.string().optional(),
  state: z.enum(ORDER_STATES),
  lines: z.array(
    lineView.extend({
      /** `refused`: it was paid and could not be carried out; its money is to be given back. */
      state: z.enum(['open', 'done', 'refused']),
      /** What it brought: a subscription for each unit. */
      subscriptions: z.array(z.string()).optional(),
    }),
  ),
  shipping: addressView.optional(),
  billing: addressView,
  payment: z.object({
    method: z.enum(['card', 'invoice']),
    purchaseOrder: z.string().optional(),
    reference: z.string().optional(),
  }),
  /** Where it is paid by card, as long as it waits for that. */
  paymentLink: z.string().optional(),
  placedAt: timeField,
  paidAt: timeField.optional(),
  cancelledAt: timeField.optional(),
  /** Where something is sent by post, once it is paid. */
  expectedBy: timeField.optional(),
  shipments: z.array(
    z.object({
      shippedAt: timeField,
      carrier: z.string().optional(),
      tracking: z.string().optional(),
      serials: z.array(z.string()).optional(),
    }),
  ),
  receipts: z.array(
    z.object({
      source: z.enum(['manual', 'stripe']),
      reference: z.string(),
      at: timeField,
      /** The order was paid already, or cancelled: it is to be given back. */
      unneeded: z.boolean().optional(),
    }),
  ),
});
export const orderReply = z.object({ order: orderView });
export const orderPage = page(orderView);
export const orderPaymentReply = z.object({
  /** `unneeded`: it is paid already, or cancelled; nothing is issued for this. */
  result: z.enum(['paid', 'known', 'unneeded']),
  order: orderView,
});
export const licenceKeysReply = z.object({
  /** Keys that were mailed; those before them are void. */
  sent: z.number(),
  order: orderView,
});
export const paymentEventReply = z.object({
  result: z.enum(['paid', 'known', 'unneeded', 'ignored']),
});

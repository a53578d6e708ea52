import { z } from 'zod';
import type { FieldErrorCode } from '../errors.ts';
import { parsePhoneId } from '../types.ts';
import { countryField } from './accounts-schemas.ts';
import {
  accountField,
  body,
  codeField,
  cursorField,
  limitField,
  page,
  parsedField,
  timeField,
} from './fields.ts';

/** Phone numbers of an account, and the codes that are sent to them. */

const code = (name: FieldErrorCode): FieldErrorCode => name;
const text = () => z.string({ error: code('wrongType') });

const KINDS = ['text', 'voice'] as const;

const phoneIdField = parsedField(64, parsePhoneId).meta({
  description: "A phone's id, as the list shows it",
  example: '3f1c5b0e9a7d4e62',
});

/** For an application: where its user is, for the limit by source. */
const sourceField = text().max(64, code('tooLong')).optional();

export const phonePath = body({ id: accountField, phone: phoneIdField });

export const phoneRequest = body({
  number: text()
    .min(1, code('required'))
    .max(64, code('tooLong'))
    .meta({ description: 'As it is dialled, or with +; separators do not matter' }),
  country: countryField.meta({
    description: 'Whose number it is: ISO 3166-1 alpha-2',
    example: 'US',
  }),
  kind: z.enum(KINDS, { error: code('notAllowed') }).meta({
    description: '"Text Capable" or "Voice Only"',
  }),
  source: sourceField,
});
export const phoneVerificationRequest = body({ code: codeField });
export const phoneCodeRequest = body({ source: sourceField });

export const phoneView = z.object({
  id: z.string(),
  /** Masked, but for whoever may change it: `+1 •••• •••123`. */
  number: z.string(),
  country: z.string(),
  kind: z.enum(KINDS),
  addedAt: timeField,
  /** Absent until the code that was sent to it came back: nobody signs in by it before. */
  verifiedAt: timeField.optional(),
});

export const phoneCodeView = z.object({
  phone: z.string(),
  /** A code that proves the number signs nobody in. */
  purpose: z.enum(['verification', 'signIn']),
  expiresAt: timeField,
  /** Not before then is another one sent. */
  resendAt: timeField,
});

/** Two numbers are recommended: with the other one in hand a lost phone locks nobody out. */
const recommendation = z.literal('addSecond').optional();

/** The oldest first, masked. */
export const phonesReply = z.object({ phones: z.array(phoneView), recommendation });
export const phoneAddedReply = z.object({
  phone: phoneView,
  sent: phoneCodeView,
  recommendation,
});
export const phoneVerifiedReply = z.object({
  outcome: z.enum(['accepted', 'wrongCode']),
  /** With `accepted`. */
  phone: phoneView.optional(),
  recommendation,
});
export const phoneCodeReply = z.object({ sent: phoneCodeView });

/** What a lab would have sent. */
export const textsQuery = body({ cursor: cursorField.optional(), limit: limitField });
export const capturedTextView = z.object({
  at: timeField,
  /** The same for each try of one message. */
  id: z.string(),
  to: z.string(),
  country: z.string(),
  kind: z.enum(KINDS),
  text: z.string(),
});
export const textsReply = page(capturedTextView);

import { z } from 'zod';
import { REPLACEMENT_REASONS } from '../types.ts';
import {
  accountField,
  body,
  codeField,
  credentialField,
  cursorField,
  limitField,
  lineField,
  outcomeField,
  page,
  reasonField,
  serialField,
  spanField,
  strengthField,
  timeField,
} from './fields.ts';

/** The helpdesk on the wire: checks of callers, approvals, and what is done on their grounds. */

const CHECK_METHODS = ['code', 'callBack'] as const;
export const HELPDESK_ACTIONS = ['temporaryCode', 'replacement', 'unlock'] as const;

/** 16 lower-case hexadecimal digits. */
const idField = (description: string) =>
  z
    .string({ error: 'wrongType' })
    .max(64, 'tooLong')
    .regex(/^[0-9a-f]{16}$/, 'badFormat')
    .meta({ description, example: '0123456789abcdef' });

const checkField = idField('A caller check that was used for nothing yet');
const approvalField = idField("A colleague's approval");

/** What every action rests on. */
const grounds = {
  check: checkField,
  reason: reasonField,
  approval: approvalField.optional(),
};

/** With `code` the code that the caller reads out; with `callBack` the number that was called. */
export const callerCheckRequest = body({
  method: z.enum(CHECK_METHODS, { error: 'notAllowed' }),
  code: codeField.optional(),
  phone: lineField(64).optional(),
}).superRefine(({ method, code, phone }, context) => {
  const [wanted, other] = method === 'code' ? ['code', 'phone'] : ['phone', 'code'];
  const given = { code, phone };
  if (Reflect.get(given, wanted) === undefined) {
    context.addIssue({ code: 'custom', path: [wanted], message: 'required' });
  }
  if (Reflect.get(given, other) !== undefined) {
    context.addIssue({ code: 'custom', path: [other], message: 'notAllowed' });
  }
});

export const callerCheckView = z.object({
  id: z.string(),
  account: z.string(),
  method: z.enum(CHECK_METHODS),
  by: z.string(),
  at: timeField,
  expiresAt: timeField,
});

/** The check is there with `accepted`. */
export const callerCheckReply = z.object({
  outcome: outcomeField,
  check: callerCheckView.optional(),
  retryAfterSeconds: z.int().min(1).optional(),
});

export const callBackNumbersReply = z.object({
  numbers: z.array(
    z.object({
      number: z.string(),
      /** Since when it has been proved to be the account's. */
      since: timeField,
      /** Present when it is the account's no more. */
      until: timeField.optional(),
    }),
  ),
});

/** Of a temporary code, where nothing else is said. */
export const TEMPORARY_DEFAULTS = { life: '1d', strength: 'phoneOtp', uses: 1 } as const;

export const TEMPORARY_STRENGTHS = ['phoneOtp', 'mobileId'] as const;
const temporaryStrength = z.enum(TEMPORARY_STRENGTHS, { error: 'notAllowed' });
const temporaryUses = z.int({ error: 'wrongType' }).min(1, 'tooSmall').max(10, 'tooLarge');

export const temporaryCodeRequest = body({
  ...grounds,
  life: spanField
    .default(TEMPORARY_DEFAULTS.life)
    .meta({ description: 'How long it lives: 1m to 7d; 1d unless given' }),
  strength: temporaryStrength
    .default(TEMPORARY_DEFAULTS.strength)
    .meta({ description: 'What it proves' }),
  uses: temporaryUses.default(TEMPORARY_DEFAULTS.uses),
});

export const temporaryCodeReply = z.object({
  expiresAt: timeField,
  strength: strengthField,
  uses: z.int(),
  /** Whether it was mailed to the account. */
  mailed: z.boolean(),
  /** Only where the account has no address. */
  code: z.string().optional(),
});

export const helpdeskReplacementRequest = body({
  ...grounds,
  credential: credentialField,
  why: z.enum(REPLACEMENT_REASONS, { error: 'notAllowed' }),
});

export const helpdeskReplacementReply = z.object({
  credential: z.string(),
  stage: z.string(),
  grantedAt: timeField.optional(),
});

/** Who has `tokens:unlock` alone gives a check and a reason. */
export const unlockRequest = body({
  reason: reasonField.optional(),
  check: checkField.optional(),
  approval: approvalField.optional(),
});

/** What is said of each action when its approval is asked for. */
const TERMS = {
  temporaryCode: { fields: ['life', 'strength', 'uses'], isNeeded: false },
  replacement: { fields: ['credential', 'why'], isNeeded: true },
  unlock: { fields: ['serial'], isNeeded: true },
} as const satisfies Record<(typeof HELPDESK_ACTIONS)[number], object>;

/** What is approved is just what is asked for: the same fields as the action itself has. */
export const approvalRequest = body({
  action: z.enum(HELPDESK_ACTIONS, { error: 'notAllowed' }),
  check: checkField,
  reason: reasonField,
  life: spanField.optional(),
  strength: temporaryStrength.optional(),
  uses: temporaryUses.optional(),
  credential: credentialField.optional(),
  why: z.enum(REPLACEMENT_REASONS, { error: 'notAllowed' }).optional(),
  serial: serialField.optional(),
}).superRefine(({ action, ...given }, context) => {
  for (const [of, { fields, isNeeded }] of Object.entries(TERMS)) {
    for (const field of fields) {
      const isGiven = Reflect.get(given, field) !== undefined;
      const message = of === action ? isNeeded && !isGiven && 'required' : isGiven && 'notAllowed';
      if (message !== false) context.addIssue({ code: 'custom', path: [field], message });
    }
  }
});

export const approvalView = z.object({
  id: z.string(),
  account: z.string(),
  action: z.enum(HELPDESK_ACTIONS),
  /** What exactly: what a temporary code proves, how long and how often; which credential; which
   * token. */
  terms: z.string(),
  check: z.string(),
  reason: z.string(),
  askedBy: z.string(),
  askedAt: timeField,
  expiresAt: timeField,
  approvedBy: z.string().optional(),
  approvedAt: timeField.optional(),
  usedAt: timeField.optional(),
});
export const approvalReply = z.object({ approval: approvalView });
export const approvalPage = page(approvalView);
export const approvalPath = body({ id: approvalField });
export const approvalListQuery = body({
  account: accountField.optional(),
  cursor: cursorField.optional(),
  limit: limitField,
});

/**
 * The words of the house as types. Branded primitives are made only by the parse functions here or
 * by code that has just proved the shape; they cost nothing at run time.
 */

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A token's serial, normalised: `[A-Z0-9][A-Z0-9._-]{0,63}`. */
export type Serial = Brand<string, 'Serial'>;
/** An account's id: `[A-Za-z0-9][A-Za-z0-9._@-]{0,127}`, case kept. */
export type AccountId = Brand<string, 'AccountId'>;
/** An application's id, as it stands inside its API key: 16 lower-case hexadecimal digits. */
export type ApplicationId = Brand<string, 'ApplicationId'>;
/** Six to eight ASCII digits, as shown on a token. */
export type Code = Brand<string, 'Code'>;
/** A token's shared key, in the clear. Lives for one scan; never logged, never in an error. */
export type Seed = Brand<Uint8Array, 'Seed'>;
/** `SO-10001`: as it stands on the order's confirmation. */
export type OrderNumber = Brand<string, 'OrderNumber'>;
/** `SO-10001-1-1`: order, line and unit that it was bought with, each counted from 1. */
export type SubscriptionId = Brand<string, 'SubscriptionId'>;
/** `SO-10001-1-1.phoneOtp`: its subscription, and what its authenticator proves. */
export type CredentialId = Brand<string, 'CredentialId'>;
/** A number's place in an account's list: 16 lower-case hexadecimal digits. */
export type PhoneId = Brand<string, 'PhoneId'>;
/** Integer milliseconds since 1970-01-01T00:00:00Z. */
export type UnixMillis = Brand<number, 'UnixMillis'>;

export const ALGORITHMS = ['SHA1', 'SHA256', 'SHA512'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

export const DIGITS = [6, 7, 8] as const;
export type Digits = (typeof DIGITS)[number];

/** RFC 4226 section 4, R6: a shared secret of at least 128 bits. */
export const SEED_BYTES_MIN = 16;
export const SEED_BYTES_MAX = 64;

/** How an event token (HOTP, RFC 4226) makes a code. */
export interface EventParameters {
  readonly type: 'event';
  readonly algorithm: Algorithm;
  readonly digits: Digits;
}

/** How a time token (TOTP, RFC 6238; T0 is always 0) makes a code. */
export interface TimeParameters {
  readonly type: 'time';
  readonly algorithm: Algorithm;
  readonly digits: Digits;
  /** Seconds a step, 1 to 3600. */
  readonly stepSeconds: number;
}

/** What a token's seed file says of it, besides serial and seed. */
export type TokenParameters = EventParameters | TimeParameters;

/** What a decision came to (DESIGN section 1). Every edge answers each of them. */
export const OUTCOMES = [
  'accepted',
  'wrongCode',
  'replayed',
  'throttled',
  'locked',
  'suspended',
  'lost',
  'disabled',
  'revoked',
  'notRegistered',
  'strengthTooLow',
  'nextCodeRequired',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What the audit log records of a decision: a code's outcome, or a password's. */
export const RECORDED_OUTCOMES = [...OUTCOMES, 'wrongPassword'] as const;
export type RecordedOutcome = (typeof RECORDED_OUTCOMES)[number];

/** Staff of whoever runs fobd: named sets of scopes (`server/access/roles.ts`). */
export const STAFF_ROLES = [
  'administrator',
  'helpdesk',
  'auditor',
  'billing',
  'proofing-agent',
] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

/** What an account may do for others: of its organisation, or as staff. */
export const ACCOUNT_ROLES = ['user', 'organisationAdmin', ...STAFF_ROLES] as const;
export type AccountRole = (typeof ACCOUNT_ROLES)[number];

/** How an account has authenticated, weakest first. */
export const STRENGTHS = ['password', 'phoneOtp', 'mobileId', 'hardwareToken'] as const;
export type Strength = (typeof STRENGTHS)[number];

/** What a credential's authenticator proves, weakest first: every strength but the password's. */
export const CREDENTIAL_TYPES = ['phoneOtp', 'mobileId', 'hardwareToken'] as const;
export type CredentialType = (typeof CREDENTIAL_TYPES)[number];

/** Why another token is granted. */
export const REPLACEMENT_REASONS = ['err', 'display', 'battery', 'lost', 'other'] as const;
export type ReplacementReason = (typeof REPLACEMENT_REASONS)[number];

/** What a code may come of: an authenticator, or the helpdesk's for one that was forgotten. */
export const CODE_TYPES = [...CREDENTIAL_TYPES, 'temporary'] as const;
export type CodeType = (typeof CODE_TYPES)[number];

/** Whether `strength` suffices where `required` is demanded. */
export const isAtLeast = (strength: Strength, required: Strength): boolean =>
  STRENGTHS.indexOf(strength) >= STRENGTHS.indexOf(required);

export const LIVES = ['stocked', 'registered', 'revoked'] as const;
export type Life = (typeof LIVES)[number];

/** Verbs of a token's life; what each may do stands in `server/tokens/life.ts`. */
export const LIFE_VERBS = [
  'unlock',
  'lock',
  'enable',
  'suspend',
  'resume',
  'lost',
  'found',
  'revoke',
  'resetDrift',
] as const;
export type LifeVerb = (typeof LIFE_VERBS)[number];

/** Holds, each independent of the life and of each other. */
export const HOLDS = ['locked', 'adminLocked', 'disabled', 'suspended', 'lost'] as const;
export type Hold = (typeof HOLDS)[number];

const ORDER_NUMBER = /^SO-[1-9][0-9]{4,11}$/;
const SUBSCRIPTION_ID = /^SO-[1-9][0-9]{4,11}-[1-9][0-9]{0,2}-[1-9][0-9]{0,2}$/;
const PHONE_ID = /^[0-9a-f]{16}$/;
const SERIAL_IN_ANY_CASE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const ACCOUNT_ID = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$/;
const APPLICATION_ID = /^[0-9a-f]{16}$/;
const CODE = /^[0-9]{6,8}$/;
/** Longest text that is looked at before normalising a serial; the rest is refused unread. */
export const SERIAL_TEXT_MAX = 200;

/** Drops white space, folds to upper case; `undefined` when what is left is not a serial. */
export function parseSerial(text: string): Serial | undefined {
  if (text.length > SERIAL_TEXT_MAX) return undefined;
  const spelled = text.replace(/\s+/gu, '');
  // Tested before folding, which makes ASCII of other letters too: \u017f becomes S.
  return SERIAL_IN_ANY_CASE.test(spelled) ? (spelled.toUpperCase() as Serial) : undefined;
}

export function parseAccountId(text: string): AccountId | undefined {
  return ACCOUNT_ID.test(text) ? (text as AccountId) : undefined;
}

export function parseApplicationId(text: string): ApplicationId | undefined {
  return APPLICATION_ID.test(text) ? (text as ApplicationId) : undefined;
}

export function parseOrderNumber(text: string): OrderNumber | undefined {
  return ORDER_NUMBER.test(text) ? (text as OrderNumber) : undefined;
}

export function parseSubscriptionId(text: string): SubscriptionId | undefined {
  return SUBSCRIPTION_ID.test(text) ? (text as SubscriptionId) : undefined;
}

export function parseCredentialId(text: string): CredentialId | undefined {
  const [subscription = '', type, ...rest] = text.split('.');
  const isOne = CREDENTIAL_TYPES.some((each) => each === type) && rest.length === 0;
  return isOne && parseSubscriptionId(subscription) ? (text as CredentialId) : undefined;
}

export function parsePhoneId(text: string): PhoneId | undefined {
  return PHONE_ID.test(text) ? (text as PhoneId) : undefined;
}

/** ASCII digits only: full-width and other scripts' digits are not codes. */
export function parseCode(text: string): Code | undefined {
  return CODE.test(text) ? (text as Code) : undefined;
}

/** The seed itself, or `undefined` when its length is outside 16 to 64 bytes. */
export function parseSeed(bytes: Uint8Array): Seed | undefined {
  const fits = bytes.length >= SEED_BYTES_MIN && bytes.length <= SEED_BYTES_MAX;
  return fits ? (bytes as Seed) : undefined;
}

/** An integer of milliseconds that a JavaScript Date can hold, or `undefined`. */
export function parseUnixMillis(value: number): UnixMillis | undefined {
  const fits = Number.isInteger(value) && Math.abs(value) <= 8_640_000_000_000_000;
  return fits ? (value as UnixMillis) : undefined;
}

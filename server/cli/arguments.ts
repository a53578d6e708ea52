import { FobtwinError } from '../../shared/errors.ts';
import { parseSpan } from '../../shared/span.ts';
import { formatTime, parseTime } from '../../shared/time.ts';
import {
  parseAccountId,
  parseApplicationId,
  parseCredentialId,
  parseOrderNumber,
  parsePhoneId,
  parseSerial,
  parseSubscriptionId,
  type UnixMillis,
} from '../../shared/types.ts';

/** Arguments that name something, checked before anything is opened. */

/** What was left out stays so. */
interface Named<T> {
  (text: string): T;
  (text: string | undefined): T | undefined;
}

function named<T>(parse: (text: string) => T | undefined, form: string): Named<T> {
  function parsed(text: string): T;
  function parsed(text: string | undefined): T | undefined;
  function parsed(text: string | undefined): T | undefined {
    const value = text === undefined ? undefined : parse(text);
    if (value !== undefined || text === undefined) return value;
    throw new FobtwinError('usage', `${JSON.stringify(text)} is not ${form}`);
  }
  return parsed;
}

export const serialArgument = named(
  parseSerial,
  'a serial: letters, digits and . _ -, at most 64, the first a letter or a digit',
);
export const accountArgument = named(
  parseAccountId,
  'an account id: letters, digits and . _ @ -, at most 128, the first a letter or a digit',
);
export const applicationArgument = named(
  parseApplicationId,
  "an application's id: 16 hexadecimal digits, as `fobd application list` shows",
);

export const phoneArgument = named(
  parsePhoneId,
  "a phone's id: 16 hexadecimal digits, as `fobd phone list` shows",
);

export const subscriptionArgument = named(
  parseSubscriptionId,
  'a subscription: order, line and unit, such as SO-10001-1-1',
);
export const credentialArgument = named(
  parseCredentialId,
  "a credential's id, such as SO-10001-1-1.mobileId",
);
export const orderArgument = named(parseOrderNumber, "an order's number, such as SO-10001");

/** A whole number given as text. */
export function numberArgument(
  flag: string,
  text: string | undefined,
  [least, most]: readonly [number, number],
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d{1,16}$/.test(text) && value >= least && value <= most) return value;
  throw new FobtwinError('usage', `${flag} is a whole number from ${least} to ${most}`);
}

/** A span as the wire takes it. */
export function spanArgument(flag: string, text: string | undefined): string | undefined {
  if (text === undefined || parseSpan(text) !== undefined) return text;
  throw new FobtwinError('usage', `${flag} is a whole number and one of ms, s, m, h, d: 90d`);
}

/** A time as the wire takes it; a day is its beginning in UTC. */
export function momentArgument(flag: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const at = parseTime(text) ?? parseTime(`${text}T00:00:00Z`);
  if (at !== undefined) return formatTime(at);
  throw new FobtwinError('usage', `${flag} is a day or a time in UTC`, {
    nextStep: `For example ${flag} 2027-06-30 or ${flag} 2027-06-30T12:00:00Z.`,
  });
}

const DAY_MILLIS = 86_400_000;

/** A span from now on, a time, or a day, which counts to its end in UTC. */
export function expiryArgument(
  flag: string,
  text: string | undefined,
): { readonly expiresIn?: string; readonly expiresAt?: string } {
  if (text === undefined) return {};
  if (parseSpan(text) !== undefined) return { expiresIn: text };
  const day = parseTime(`${text}T00:00:00Z`);
  if (day !== undefined) return { expiresAt: formatTime((day + DAY_MILLIS) as UnixMillis) };
  if (parseTime(text) !== undefined) return { expiresAt: text };
  throw new FobtwinError('usage', `${flag} is a span, a day or a time in UTC`, {
    nextStep: `For example ${flag} 90d, ${flag} 2027-06-30 or ${flag} 2027-06-30T12:00:00Z.`,
  });
}

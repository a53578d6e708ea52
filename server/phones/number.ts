import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  type NumberType,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { FobtwinError } from '../../shared/errors.ts';
import type { PhoneRegion } from '../orders/catalogue.ts';
import type { PhoneKind } from './record.ts';

/** Phone numbers, pure: what is one, whose it is, and how it is shown. */

/** Longest text that is looked at: a number has at most 15 digits (ITU-T E.164 section 6). */
export const NUMBER_TEXT_MAX = 64;

export interface ParsedNumber {
  /** E.164: `+12025550123`. */
  readonly number: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

/**
 * Numbers that a code may be sent to, by their type in the numbering plan. None whose owner earns
 * by the message or the call, or that the caller's share pays for: premium, shared cost, toll-free,
 * personal, pagers, voice mail and company numbers are what pumping fraud lives on.
 */
const TYPES: Readonly<Record<PhoneKind, ReadonlySet<NumberType>>> = {
  text: new Set<NumberType>(['MOBILE', 'FIXED_LINE_OR_MOBILE']),
  voice: new Set<NumberType>(['MOBILE', 'FIXED_LINE_OR_MOBILE', 'FIXED_LINE', 'VOIP']),
};

/** A number in digits: letters on a keypad, and extensions behind it, are none. */
const SPELLED = /^[\p{Nd}\s()+./‐-―−-]+$/u;

/**
 * @param text as typed, with or without the country's code; separators do not matter
 * @param country ISO 3166-1 alpha-2, upper case: whose number it is to be
 * @throws FobtwinError `phoneUnusable`
 */
export function parseNumber(text: string, country: string, kind: PhoneKind): ParsedNumber {
  const isSpelled = text.length <= NUMBER_TEXT_MAX && SPELLED.test(text);
  const read = isSpelled ? readPhone(text, country) : undefined;
  if (read === undefined || !read.isValid() || read.ext !== undefined) {
    throw unusable('This is not a phone number of the country that was chosen.', {
      nextStep: 'Enter the number in digits, as it is dialled there, or with + in front.',
    });
  }
  const parsed = within(country, read);
  if (parsed === undefined) {
    throw unusable('The number is not of the country that was chosen.', {
      nextStep: 'Choose the country that the number belongs to.',
    });
  }
  const type = parsed.getType();
  if (type === undefined || !TYPES.voice.has(type)) {
    throw unusable('No code can be sent to a number of this type.', {
      nextStep: 'Enter the number of an ordinary mobile or landline phone.',
    });
  }
  if (!TYPES[kind].has(type)) {
    throw unusable('This number takes no texts.', {
      nextStep: 'Choose Voice Only for it, or enter a mobile number.',
    });
  }
  return { number: parsed.number, country };
}

function readPhone(text: string, country: string): PhoneNumber | undefined {
  return parsePhoneNumberFromString(text, {
    // A country that the library does not know has no numbers there.
    defaultCountry: country as CountryCode,
    extract: false,
  });
}

/** By the country's own plan: some that share a code have numbers in common (+590, +358, +47). */
function within(country: string, read: PhoneNumber): PhoneNumber | undefined {
  if (read.country === country) return read;
  const chosen = country as CountryCode;
  if (!isSupportedCountry(country)) return undefined;
  if (getCountryCallingCode(chosen) !== read.countryCallingCode) return undefined;
  // Read as that country's, its number and type are judged by that country's plan.
  read.country = chosen;
  return read.isValid() ? read : undefined;
}

const unusable = (message: string, options: { readonly nextStep: string }): FobtwinError =>
  new FobtwinError('phoneUnusable', message, {
    ...options,
    errors: [{ field: '/number', code: 'badFormat' }],
  });

/**
 * Which product a number belongs to. "US Phone Service Only" is the 50 United States and the
 * District of Columbia (seed 003); its territories have countries of their own: PR, GU, VI, AS, MP.
 */
export const regionOf = (country: string): PhoneRegion =>
  country === 'US' ? 'domestic' : 'international';

const MASK = '•••• •••';
const SHOWN_DIGITS = 3;

/** `+1 •••• •••123`: enough to know one's own by, whatever its length. */
export function maskNumber(number: string): string {
  const callingCode = parsePhoneNumberFromString(number)?.countryCallingCode;
  return `+${callingCode ?? ''} ${MASK}${number.slice(-SHOWN_DIGITS)}`;
}

/** As it is dialled inside its country, without what is dialled before it: `2025550123`. */
export const nationalDigits = (number: string): string =>
  parsePhoneNumberFromString(number)?.nationalNumber ?? number.slice(1);

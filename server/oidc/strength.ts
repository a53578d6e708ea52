import { isAtLeast, STRENGTHS, type Strength, type UnixMillis } from '../../shared/types.ts';
import type { PhoneKind } from '../phones/record.ts';
import type { Session } from '../sessions/port.ts';

/** How strengths travel in OpenID Connect, and what a request asks of them. Pure. */

const ACR_PREFIX = 'urn:fobtwin:acr:';

/** The authentication context class of a strength (OpenID Connect Core section 2, `acr`). */
export const acrOf = (strength: Strength): string => ACR_PREFIX + strength;

export const ACR_VALUES: readonly string[] = STRENGTHS.map(acrOf);

export const strengthOf = (acr: string | undefined): Strength | undefined =>
  STRENGTHS.find((strength) => acrOf(strength) === acr);

/** What a code came from. */
export interface Means {
  /** A device; an emulated token that was accepted as one is none. */
  readonly hardware?: boolean;
  /** A phone that fobd sent it to. */
  readonly phone?: PhoneKind | undefined;
}

const PHONE_METHODS: Readonly<Record<PhoneKind, string>> = { text: 'sms', voice: 'tel' };

/** What was done, in the words of RFC 8176. */
export function amrOf(strength: Strength, { hardware = false, phone }: Means): string[] {
  if (strength === 'password') return ['pwd'];
  const isKey = strength === 'hardwareToken' && hardware;
  const byPhone = phone === undefined ? [] : [PHONE_METHODS[phone]];
  return ['pwd', 'otp', ...byPhone, 'mfa', ...(isKey ? ['hwk'] : [])];
}

/** What an authorization request asks of the person. */
export interface Need {
  readonly strength: Strength;
  /** `max_age`: what was proved longer ago counts for nothing. */
  readonly maxAgeMillis?: number | undefined;
  /** By a proofed credential. */
  readonly proofed?: true;
  /** Nothing that stood in the request can be had: it must be refused. */
  readonly unknown?: true;
}

type Params = Readonly<Record<string, unknown>>;

/**
 * The strength that a request needs: of `acr_values` and of an essential `acr` claim the weakest
 * that would do, and what the client needs in any case. Strengths have an order: whoever has more
 * than was asked for has what was asked for.
 */
export function needOf(params: Params, required: Strength = 'password'): Need {
  const asked = [spacedOf(params['acr_values']), essentialOf(params['claims'])];
  let strength = required;
  let isUnknown = false;
  for (const values of asked) {
    if (values === undefined) continue;
    const weakest = STRENGTHS.find((candidate) => values.includes(acrOf(candidate)));
    if (weakest === undefined) isUnknown = true;
    else if (isAtLeast(weakest, strength)) strength = weakest;
  }
  const maxAge = Number(params['max_age'] ?? Number.NaN);
  return {
    strength,
    ...(Number.isSafeInteger(maxAge) ? { maxAgeMillis: maxAge * 1000 } : {}),
    ...(isUnknown ? { unknown: true as const } : {}),
  };
}

function spacedOf(text: unknown): readonly string[] | undefined {
  if (typeof text !== 'string') return undefined;
  const values = text.split(' ').filter((value) => value !== '');
  return values.length === 0 ? undefined : values;
}

/** OpenID Connect Core section 5.5.1.1; a claim that is not essential asks for nothing. */
function essentialOf(text: unknown): readonly string[] | undefined {
  const acr = memberOf(memberOf(parsed(text), 'id_token'), 'acr');
  if (memberOf(acr, 'essential') !== true) return undefined;
  const value = memberOf(acr, 'value');
  const values = memberOf(acr, 'values');
  if (Array.isArray(values)) return values.map(String);
  return value === undefined ? undefined : [String(value)];
}

function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

/** How strong somebody is for a request, and since when. */
export interface Standing {
  readonly strength: Strength;
  /** When the oldest of what it rests on was proved. */
  readonly provedAt: UnixMillis;
}

/**
 * What a session is worth where nothing proved before `notBefore` counts: a code that is too old
 * leaves the password, a password that is too old leaves nothing.
 */
export function standingOf(
  { strength, strengthAt, authenticatedAt }: Session,
  notBefore: number,
): Standing | undefined {
  if (authenticatedAt < notBefore) return undefined;
  if (strength === 'password' || strengthAt < notBefore) {
    return { strength: 'password', provedAt: authenticatedAt };
  }
  return { strength, provedAt: strengthAt < authenticatedAt ? strengthAt : authenticatedAt };
}

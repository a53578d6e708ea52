import {
  isAtLeast,
  type PhoneId,
  parsePhoneId,
  parseUnixMillis,
  STRENGTHS,
  type Strength,
  type UnixMillis,
} from '../../shared/types.ts';
import { USER_NAME_CHARACTERS_MAX } from '../accounts/passwords-port.ts';
import type { Session } from '../sessions/port.ts';
import type { HostRule } from './forward-auth-options.ts';
import { SIGN_IN_PATH } from './port.ts';
import { checkReturn, type ReturnRules } from './return-address.ts';

/** What a sign-in is to come to: the address's parameters, which anybody may have written. */
export interface Wish {
  /** Checked; the account's own page where none was given, or one that leads elsewhere. */
  readonly returnTo: string;
  readonly strength: Strength;
  /** By a proofed credential: where it leads back to demands that. */
  readonly proofed: boolean;
  readonly authenticatedAfter: UnixMillis | undefined;
  readonly user: string;
  /** The phone that a code was just sent to. */
  readonly phone: PhoneId | undefined;
  /** A code is asked for though the strength would do: after a password, and for "Elevate". */
  readonly offersCode: boolean;
}

export const ACCOUNT_PATH = '/account';

export interface WishRules extends ReturnRules {
  readonly now: UnixMillis;
  /** What a host behind forward authentication demands of whoever comes back to it. */
  readonly requiredBy: (
    returnTo: string,
  ) => Pick<HostRule, 'requiredStrength' | 'requiresProofing'> | undefined;
}

export function readWish(query: URLSearchParams, rules: WishRules): Wish {
  const returnTo = checkReturn(query.get('return') ?? '', rules) ?? ACCOUNT_PATH;
  const wanted = STRENGTHS.find((strength) => strength === query.get('strength')) ?? 'password';
  const demand = rules.requiredBy(returnTo);
  return {
    returnTo,
    strength: strongest(wanted, demand?.requiredStrength ?? 'password'),
    proofed: demand?.requiresProofing ?? false,
    authenticatedAfter: momentOf(query.get('after'), rules.now),
    user: (query.get('user') ?? '').slice(0, USER_NAME_CHARACTERS_MAX),
    phone: parsePhoneId(query.get('phone') ?? ''),
    offersCode: query.get('step') === 'code',
  };
}

/** The address of the same sign-in, by its own path. */
export function wishAddress(wish: Wish, { offersCode = wish.offersCode } = {}): string {
  const query = new URLSearchParams({ return: wish.returnTo });
  if (wish.strength !== 'password') query.set('strength', wish.strength);
  if (wish.authenticatedAfter !== undefined) query.set('after', String(wish.authenticatedAfter));
  if (wish.user !== '') query.set('user', wish.user);
  if (wish.phone !== undefined) query.set('phone', wish.phone);
  if (offersCode) query.set('step', 'code');
  return `${SIGN_IN_PATH}?${query}`;
}

/** A moment that has not come would ask for the password for ever. */
function momentOf(text: string | null, now: UnixMillis): UnixMillis | undefined {
  if (text === null || !/^[0-9]{1,16}$/.test(text)) return undefined;
  return parseUnixMillis(Math.min(Number(text), now));
}

const strongest = (one: Strength, other: Strength): Strength =>
  isAtLeast(one, other) ? one : other;

/** What has to be given yet. */
export type Step = 'password' | 'code' | 'done';

/**
 * The next step of a sign-in. Where the password has to be recent the code has to be too: a
 * strength is no fresher than what it was reached by.
 */
export function nextStep(
  {
    strength,
    authenticatedAfter: after,
    offersCode,
    proofed,
  }: Pick<Wish, 'strength' | 'proofed' | 'authenticatedAfter' | 'offersCode'>,
  session: Session | undefined,
): Step {
  if (session === undefined) return 'password';
  const isRecent = (moment: UnixMillis) => after === undefined || moment >= after;
  if (!isRecent(session.authenticatedAt)) return 'password';
  if (!isAtLeast(session.strength, strength)) return 'code';
  if (proofed && session.proofed !== true) return 'code';
  if (strength !== 'password' && !isRecent(session.strengthAt)) return 'code';
  return offersCode && !isAtLeast(session.strength, 'hardwareToken') ? 'code' : 'done';
}

import { invalidInput } from '../../shared/errors.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { parseAddressRange } from '../access/address.ts';
import { refuseLacking } from '../access/grant.ts';
import { parseRole, ROLE_DEFINITIONS, type Role } from '../access/roles.ts';
import { type Caller, parseScope, SCOPES, type Scope } from '../access/scopes.ts';
import { LIFETIME_MILLIS_MAX } from './keys.ts';

/** What an application may be given, and by whom. */

/** Ranges in one allow list. */
export const ALLOWED_RANGES_MAX = 50;

/**
 * The scopes that were named and those of the roles, each once, in the order of `SCOPES`; all of
 * them held by the caller: who may add applications must not become more than he is by it.
 *
 * @throws FobtwinError `invalidInput`, or `forbidden` naming a scope that the caller lacks
 */
export function grantableScopes(
  { scopes, roles = [] }: { readonly scopes: readonly Scope[]; readonly roles?: readonly Role[] },
  caller: Caller,
): readonly Scope[] {
  refuseUnknown(scopes, parseScope, 'scopes');
  refuseUnknown(roles, parseRole, 'roles');
  const wanted = new Set([...scopes, ...roles.flatMap((role) => ROLE_DEFINITIONS[role].scopes)]);
  if (wanted.size === 0) {
    throw invalidInput('/scopes', 'required', 'An application needs at least one scope or role.');
  }
  refuseLacking([...wanted], caller);
  return SCOPES.filter((scope) => wanted.has(scope));
}

function refuseUnknown<T extends string>(
  given: readonly T[],
  parse: (text: string) => T | undefined,
  field: 'scopes' | 'roles',
): void {
  const unknown = given.findIndex((text) => parse(text) === undefined);
  if (unknown === -1) return;
  throw invalidInput(`/${field}/${unknown}`, 'notAllowed', `There is nothing of this name.`);
}

/**
 * The ranges in canonical form, each once.
 *
 * @throws FobtwinError `invalidInput` naming the range at fault
 */
export function canonicalRanges(texts: readonly string[]): readonly string[] {
  if (texts.length > ALLOWED_RANGES_MAX) {
    throw invalidInput('/allow', 'tooMany', `At most ${ALLOWED_RANGES_MAX} ranges are taken.`);
  }
  const ranges = texts.map((text, index) => {
    const range = parseAddressRange(text);
    if (range !== undefined) return range.text;
    throw invalidInput(`/allow/${index}`, 'badFormat', 'This is no range of addresses.', {
      nextStep: 'Write it as 10.0.0.0/8, as 2001:db8::/32, or as one address.',
    });
  });
  return [...new Set(ranges)];
}

/** @throws FobtwinError `invalidInput` unless it lies ahead, and not too far */
export function checkExpiry(expiresAt: UnixMillis | undefined, now: UnixMillis): void {
  if (expiresAt === undefined) return;
  if (expiresAt <= now) {
    throw invalidInput('/expiresAt', 'tooSmall', 'The key would have expired already.');
  }
  if (expiresAt - now > LIFETIME_MILLIS_MAX) {
    throw invalidInput('/expiresAt', 'tooLarge', 'A key expires within ten years, or never.', {
      nextStep: 'Choose a nearer time, or leave it out.',
    });
  }
}

import { FobtwinError } from '../../shared/errors.ts';
import { isAtLeast, type Strength } from '../../shared/types.ts';
import { STRENGTH_TEXTS } from '../../shared/wire/texts.ts';
import type { Check } from './matrix.ts';
import { type Principal, STAFF_STRENGTH } from './scopes.ts';

/**
 * Lets the caller through, or throws. Whether an operation exists at all outside a lab is the
 * edge's to say, before it asks who calls.
 *
 * @param principal `undefined` when no API key was given or it stands for nobody
 * @param account whom the path names, as it was sent; `undefined` where it names nobody
 * @throws FobtwinError `unauthenticated`, `forbidden` when none of the scopes is held, or
 * `strengthTooLow` for a person who needs only to elevate
 */
export function authorise(
  principal: Principal | undefined,
  { scopes, self }: Check,
  account?: string,
): void {
  if (scopes.length === 0) return;
  if (principal === undefined) {
    throw new FobtwinError('unauthenticated', 'This needs a valid API key.', {
      nextStep: 'Send it as Authorization: Bearer API-KEY.',
    });
  }
  if (scopes.some((scope) => principal.scopes.has(scope))) return;
  if (principal.account === undefined) throw lacks('API key', scopes);
  const isOwn = self !== undefined && account === principal.account;
  if (isOwn && isAtLeast(principal.strength ?? 'password', self)) return;
  if (scopes.some((scope) => principal.heldBack?.has(scope))) throw tooWeak(STAFF_STRENGTH);
  throw isOwn ? tooWeak(self) : lacks('account', scopes);
}

function lacks(what: 'API key' | 'account', scopes: readonly string[]): FobtwinError {
  const wanted = scopes.join(' or ');
  return new FobtwinError('forbidden', `This ${what} lacks scope ${wanted}.`, {
    nextStep:
      what === 'account'
        ? 'Ask for what is your own, or have it done by staff with a role for it.'
        : `Use the key of an application that has scope ${wanted}.`,
  });
}

/** What was given is not enough for what is asked. */
export const tooWeak = (required: Strength): FobtwinError =>
  new FobtwinError('strengthTooLow', `This needs ${STRENGTH_TEXTS[required]}, or more.`, {
    nextStep: 'Elevate the session by a code, and try again.',
  });

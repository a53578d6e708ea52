import { FobtwinError } from '../../shared/errors.ts';
import type { Check } from './matrix.ts';
import type { Principal } from './scopes.ts';

/**
 * Lets the caller through, or throws. Whether an operation exists at all outside a lab is the
 * edge's to say, before it asks who calls.
 *
 * @param principal `undefined` when no API key was given or it stands for nobody
 * @throws FobtwinError `unauthenticated`, or `forbidden` when none of the scopes is held
 */
export function authorise(principal: Principal | undefined, check: Check): void {
  if (check.scopes.length === 0) return;
  if (principal === undefined) {
    throw new FobtwinError('unauthenticated', 'This needs a valid API key.', {
      nextStep: 'Send it as Authorization: Bearer API-KEY.',
    });
  }
  if (check.scopes.some((scope) => principal.scopes.has(scope))) return;
  const wanted = check.scopes.join(' or ');
  throw new FobtwinError('forbidden', `This API key lacks scope ${wanted}.`, {
    nextStep: `Use the key of an application that has scope ${wanted}.`,
  });
}

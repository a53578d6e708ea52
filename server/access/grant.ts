import { FobtwinError } from '../../shared/errors.ts';
import type { AccountRole } from '../../shared/types.ts';
import { ROLE_DEFINITIONS, staffRolesOf } from './roles.ts';
import type { Caller, Scope } from './scopes.ts';

/** Nobody grants what he lacks: who may make others something must not become more by it. */

/** @throws FobtwinError `forbidden` naming the first scope that the caller lacks */
export function refuseLacking(scopes: readonly Scope[], caller: Caller): void {
  const error = lackingError(scopes, caller);
  if (error !== undefined) throw error;
}

/** The same as a value; `undefined` where the caller lacks nothing. */
export function lackingError(
  scopes: readonly Scope[],
  { principal }: Caller,
): FobtwinError | undefined {
  const lacking = scopes.find((scope) => !principal.scopes.has(scope));
  if (lacking === undefined) return undefined;
  return new FobtwinError('forbidden', `You cannot grant scope ${lacking}: you lack it yourself.`, {
    nextStep: 'Have it done by somebody who holds every scope that is granted.',
  });
}

/** What an account's staff roles hold; nothing for everybody else. */
export const scopesOfRoles = (roles: readonly AccountRole[]): readonly Scope[] =>
  staffRolesOf(roles).flatMap((role) => ROLE_DEFINITIONS[role].scopes);

import type { FobtwinError } from '../../shared/errors.ts';
import { type AccountRole, isAtLeast } from '../../shared/types.ts';
import { tooWeak } from './authorise.ts';
import { lackingError, scopesOfRoles } from './grant.ts';
import { staffRolesOf } from './roles.ts';
import { type Caller, type Scope, STAFF_STRENGTH } from './scopes.ts';

/**
 * What stands between a stolen password and a staff role: an authenticator makes the role count, so
 * that a password alone sets none up. README.md has the whole of it.
 */

/** The part of an account that decides. */
export interface RoleHolder {
  readonly id: string;
  readonly roles?: readonly AccountRole[];
}

export const isStaff = ({ roles = [] }: Pick<RoleHolder, 'roles'>): boolean =>
  staffRolesOf(roles).length > 0;

/**
 * Who may give `account` a new authenticator, or a code that stands in for one. The account of a
 * user or of an organisation's administrator: whoever the matrix has let in. That of staff: its
 * person at `STAFF_STRENGTH` or above; who holds one of `enough`; and any other who holds all that
 * its roles hold, since he gains nothing by it.
 *
 * @throws FobtwinError `strengthTooLow` for its person, `forbidden` for others
 */
export function refuseForStaff(
  account: RoleHolder,
  caller: Caller,
  enough: readonly Scope[],
): void {
  const error = refusalForStaff(account, caller, enough);
  if (error !== undefined) throw error;
}

/** The same as a value; `undefined` for who may. */
export function refusalForStaff(
  account: RoleHolder,
  caller: Caller,
  enough: readonly Scope[],
): FobtwinError | undefined {
  const { principal } = caller;
  if (!isStaff(account) || enough.some((scope) => principal.scopes.has(scope))) return undefined;
  if (principal.account !== account.id) {
    return lackingError(scopesOfRoles(account.roles ?? []), caller);
  }
  const isStrong = isAtLeast(principal.strength ?? 'password', STAFF_STRENGTH);
  return isStrong ? undefined : tooWeak(STAFF_STRENGTH);
}

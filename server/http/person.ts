import { isAtLeast, type UnixMillis } from '../../shared/types.ts';
import { scopesOfRoles } from '../access/grant.ts';
import { type Principal, type Scope, STAFF_STRENGTH } from '../access/scopes.ts';
import type { AccountService } from '../accounts/port.ts';
import type { AccountRecord } from '../accounts/record.ts';
import type { SessionService } from '../sessions/port.ts';
import { whatOf } from '../sessions/record.ts';
import type { Limits } from './limits.ts';

/** People who call /v1 themselves, by the token of the session that they have signed in to. */

export interface PeopleDependencies {
  readonly sessions: Pick<SessionService, 'find'>;
  readonly accounts: Pick<AccountService, 'get'>;
  readonly limits: Limits | undefined;
}

/** 256 bits as base64url. An API key is longer, and begins with its prefix. */
const SESSION_TOKEN = /^[\w-]*$/;
const SESSION_TOKEN_CHARACTERS = 43;

export const isSessionToken = (bearer: string): boolean =>
  bearer.length === SESSION_TOKEN_CHARACTERS && SESSION_TOKEN.test(bearer);

/**
 * Who has signed in, and as what; `undefined` when the session is none, or over. Only whoever has
 * signed in to an account is counted on it: nobody else learns of it, or spends what it may ask;
 * and with the password alone apart from those who have given a code.
 *
 * @throws FobtwinError `tooManyRequests`
 */
export async function personOf(
  token: string,
  now: UnixMillis,
  { sessions, accounts, limits }: PeopleDependencies,
): Promise<Principal | undefined> {
  const session = await sessions.find(token, now);
  if (session === undefined) return undefined;
  const { account, strength } = session;
  limits?.person(account, strength);
  const scopes = scopesOf(await accounts.get(account));
  const counts = isAtLeast(strength, STAFF_STRENGTH);
  return {
    actor: `account:${account}`,
    account,
    strength,
    session: session.id,
    proved: whatOf(session),
    scopes: counts ? scopes : NONE,
    heldBack: counts ? NONE : scopes,
  };
}

const NONE: ReadonlySet<Scope> = new Set();

/** What its staff roles hold; nothing for everybody else. */
const scopesOf = ({ roles = [] }: AccountRecord): ReadonlySet<Scope> =>
  new Set(scopesOfRoles(roles));

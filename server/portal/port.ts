import type { IncomingMessage } from 'node:http';
import type { Strength, UnixMillis } from '../../shared/types.ts';
import type { Session } from '../sessions/port.ts';

/** Where people sign in; other edges send their browsers there and have them back. */
export const SIGN_IN_PATH = '/sign-in';

/** The session's token. `__Host-` in front of it where the public address has TLS. */
export const SESSION_COOKIE = 'fobd-session';

/** What an edge wants of somebody who is to sign in. */
export interface SignInWish {
  /** A path of this server, or an address that forward authentication allows. */
  readonly returnTo: string;
  /** Default `password`. */
  readonly strength?: Strength | undefined;
  /** A password given before this moment is asked for again. */
  readonly authenticatedAfter?: UnixMillis | undefined;
  /** The name that stands in the form already. */
  readonly user?: string | undefined;
}

/**
 * The address, below the public one, of the sign-in that `wish` asks for. Afterwards the browser
 * comes back to `returnTo` with a session; whoever used "Skip OTP" comes back with a weaker one,
 * and with `signIn=skipped` among the address's parameters.
 */
export function signInAddress({ returnTo, strength, authenticatedAfter, user }: SignInWish) {
  const query = new URLSearchParams({ return: returnTo });
  if (strength !== undefined) query.set('strength', strength);
  if (authenticatedAfter !== undefined) query.set('after', String(authenticatedAfter));
  if (user !== undefined) query.set('user', user);
  return `${SIGN_IN_PATH}?${query}`;
}

/** The sessions of browsers, for every edge that people reach. */
export interface BrowserSessions {
  /** Whoever has signed in with this browser, if anybody has. */
  find(request: IncomingMessage): Promise<Session | undefined>;
  /** Ends the browser's session. */
  end(request: IncomingMessage): Promise<void>;
}

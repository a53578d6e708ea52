import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { LOCAL_OWNER, type Principal } from '../access/scopes.ts';
import type { AccountService } from '../accounts/port.ts';
import type { ApplicationService, Authentication } from '../applications/port.ts';
import type { SessionService } from '../sessions/port.ts';
import type { Limits } from './limits.ts';
import { isSessionToken, personOf } from './person.ts';
import type { Source } from './source.ts';

/**
 * Who sends this request; `undefined` for a stranger.
 *
 * @throws FobtwinError, at once or as a rejection: `tooManyRequests` for a caller beyond a limit,
 * `unauthenticated` for a key that has expired
 */
export type Authenticate = (
  request: IncomingMessage,
) => Principal | undefined | Promise<Principal | undefined>;

export interface BearerDependencies {
  readonly applications: Pick<ApplicationService, 'authenticate' | 'mayBeRight'>;
  readonly sessions: Pick<SessionService, 'find'>;
  readonly accounts: Pick<AccountService, 'get'>;
  readonly clock: Clock;
  readonly sourceOf: (request: IncomingMessage) => Source;
  readonly limits: Limits | undefined;
}

/** RFC 6750 section 2.1; the scheme's name is case-insensitive (RFC 9110 section 11.1). */
const BEARER = /^bearer +[A-Za-z0-9._~+/=-]+$/i;
/** Nothing longer is a key or a session's token. Not in the expression: to count is dear there. */
const BEARER_CHARACTERS_MAX = 256;

/** Everybody on the owner's own socket is the owner: only he can open it. */
export const authenticateLocalOwner: Authenticate = () => LOCAL_OWNER;

/**
 * `Authorization: Bearer API-KEY`, or a session's token there: an absent, wrong and revoked key are
 * one.
 *
 * A source that has sent too many wrong keys is refused before another is hashed, unless the key
 * names an application: whoever shares an address with an attacker, or stands behind the same
 * proxy, is let in with a right key all the same.
 */
export const bearerAuthentication =
  ({ applications, clock, sourceOf, limits, ...people }: BearerDependencies): Authenticate =>
  (request) => {
    const source = sourceOf(request);
    const apiKey = apiKeyOf(request.headers.authorization);
    if (apiKey === undefined) {
      limits?.stranger(source.countedAs);
      return undefined;
    }
    if (isSessionToken(apiKey)) {
      return personOf(apiKey, clock.now(), { ...people, limits }).then((person) => {
        if (person === undefined) limits?.wrongKey(source.countedAs);
        return person;
      });
    }
    const mayBeRight = applications.mayBeRight(apiKey);
    if (!mayBeRight) limits?.wrongKey(source.countedAs);
    const admit = (authentication: Authentication): Principal | undefined => {
      if (authentication.result === 'known') {
        const { principal } = authentication;
        if (principal.application !== undefined) limits?.application(principal.application);
        return principal;
      }
      if (mayBeRight) limits?.wrongKey(source.countedAs);
      if (authentication.result === 'expired') throw expired();
      return undefined;
    };
    const use = { now: clock.now(), address: source.address };
    const authentication = applications.authenticate(apiKey, use);
    return authentication instanceof Promise ? authentication.then(admit) : admit(authentication);
  };

/** Cut off after the spaces, not by a group, which would make objects for every request. */
function apiKeyOf(header: string | undefined): string | undefined {
  if (header === undefined || !BEARER.test(header)) return undefined;
  let from = 'bearer '.length;
  while (header[from] === ' ') from += 1;
  const bearer = header.slice(from);
  return bearer.length <= BEARER_CHARACTERS_MAX ? bearer : undefined;
}

const expired = (): FobtwinError =>
  new FobtwinError('unauthenticated', 'This API key has expired.', {
    nextStep: 'Get a new one: fobd application rotate ID',
  });

/** For what strangers may ask too: who cannot be told from one is one, and is not refused. */
export const orStranger =
  (authenticate: Authenticate): Authenticate =>
  async (request) => {
    try {
      return await authenticate(request);
    } catch (error) {
      if (error instanceof FobtwinError) return undefined;
      throw error;
    }
  };

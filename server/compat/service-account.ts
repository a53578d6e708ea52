import { FobtwinError } from '../../shared/errors.ts';
import type { ApplicationId, UnixMillis } from '../../shared/types.ts';
import { isAllowed, parseAddressRange } from '../access/address.ts';
import type { Principal, Scope } from '../access/scopes.ts';
import { demandsOf } from '../applications/cache.ts';
import type { ApplicationService } from '../applications/port.ts';
import type { ApplicationRecord } from '../applications/record.ts';
import { CompatError } from './errors.ts';
import type { Parameters } from './parameters.ts';
import { required } from './parameters.ts';
import { readServiceToken, type ServiceTokenParts, signServiceToken } from './service-token.ts';

/**
 * Service accounts: applications of fobd. Their name is the application's id or name, their
 * password an API key of it.
 */

export interface ServiceAccountParts extends ServiceTokenParts {
  readonly applications: Pick<ApplicationService, 'authenticate' | 'get'>;
}

export interface Caller {
  readonly now: UnixMillis;
  readonly address: string | undefined;
}

export interface SignedIn {
  readonly token: string;
  readonly username: string;
}

/** @throws CompatError 905, 4031 */
export async function signInServiceAccount(
  parameters: Parameters,
  { now, address }: Caller,
  parts: ServiceAccountParts,
): Promise<SignedIn> {
  const username = required(parameters, 'username');
  const apiKey = required(parameters, 'password');
  const principal = await principalOfKey(apiKey, { now, address }, parts);
  const id = principal?.application;
  const application = id && (await parts.applications.get(id));
  if (!application || (username !== application.id && username !== application.name)) {
    throw wrongCredentials();
  }
  return { token: await signServiceToken(application.id, now, parts), username };
}

/** Who an API key stands for, if for anybody. */
export async function principalOfKey(
  apiKey: string,
  { now, address }: Caller,
  { applications }: Pick<ServiceAccountParts, 'applications'>,
): Promise<Principal | undefined> {
  const use = { now, ...(address === undefined ? {} : { address }) };
  const authentication = await applications.authenticate(apiKey, use);
  return authentication.result === 'known' ? authentication.principal : undefined;
}

/**
 * Who a service token stands for: its application as it is now.
 *
 * @throws CompatError 4031 without a token that is good, 303 without one of the scopes
 */
export async function requireServiceAccount(
  token: string | undefined,
  caller: Caller,
  scopes: readonly Scope[],
  parts: ServiceAccountParts,
): Promise<Principal> {
  const id = token === undefined ? undefined : await readServiceToken(token, caller.now, parts);
  const application = id === undefined ? undefined : await current(id, caller, parts);
  if (application === undefined) {
    throw new CompatError(4031, 'Authentication failure. Missing or invalid Authorization header.');
  }
  const principal: Principal = {
    actor: `application:${application.id}`,
    application: application.id,
    scopes: new Set(application.scopes),
    ...demandsOf(application),
  };
  if (scopes.some((scope) => principal.scopes.has(scope))) return principal;
  throw new CompatError(303, `The service account lacks scope ${scopes.join(' or ')}.`);
}

async function current(
  id: ApplicationId,
  { address }: Caller,
  { applications }: Pick<ServiceAccountParts, 'applications'>,
): Promise<ApplicationRecord | undefined> {
  const application = await applications.get(id).catch((error: unknown) => {
    if (error instanceof FobtwinError && error.code === 'notFound') return undefined;
    throw error;
  });
  if (application === undefined || application.revokedAt !== undefined) return undefined;
  if (application.allow === undefined) return application;
  const ranges = application.allow.flatMap((text) => parseAddressRange(text) ?? []);
  return isAllowed(address, ranges) ? application : undefined;
}

export const wrongCredentials = (): CompatError =>
  new CompatError(4031, 'Authentication failure. Wrong credentials');

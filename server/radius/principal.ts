import type { Principal, Scope } from '../access/scopes.ts';
import type { AccessRequest, RadiusClient, SignInPolicy } from './port.ts';

/** In whose name a request is decided. */

/** The audit log's name of the client, and whose challenges may be answered. */
export const actorOf = ({ client }: Pick<AccessRequest, 'client'>): string =>
  `radius:${client.name}`;

const VERIFY: ReadonlySet<Scope> = new Set(['verify']);
const VERIFY_NEXT_CODE: ReadonlySet<Scope> = new Set(['verify', 'verify:nextCode']);

/** Clients and their policies stand in a file: there are not many. */
const known = new WeakMap<RadiusClient, Map<SignInPolicy, Principal>>();

/** Made once for a client and a policy of it, not for each request. */
export function principalOf(
  request: Pick<AccessRequest, 'client'>,
  policy: SignInPolicy,
): Principal {
  const { client } = request;
  const ofClient = known.get(client) ?? new Map<SignInPolicy, Principal>();
  const made = ofClient.get(policy) ?? makePrincipal(request, policy);
  known.set(client, ofClient.set(policy, made));
  return made;
}

function makePrincipal(
  request: Pick<AccessRequest, 'client'>,
  { requiredStrength, requiresProofing, nextCode }: SignInPolicy,
): Principal {
  return {
    actor: actorOf(request),
    scopes: nextCode ? VERIFY_NEXT_CODE : VERIFY,
    ...(requiredStrength === undefined ? {} : { requiredStrength }),
    ...(requiresProofing === undefined ? {} : { requiresProofing }),
  };
}

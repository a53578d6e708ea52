import type { Principal, Scope } from '../access/scopes.ts';
import type { AccessRequest, SignInPolicy } from './port.ts';

/** In whose name a request is decided. */

/** The audit log's name of the client, and whose challenges may be answered. */
export const actorOf = ({ client }: Pick<AccessRequest, 'client'>): string =>
  `radius:${client.name}`;

const VERIFY: ReadonlySet<Scope> = new Set(['verify']);
const VERIFY_NEXT_CODE: ReadonlySet<Scope> = new Set(['verify', 'verify:nextCode']);

export function principalOf(
  request: Pick<AccessRequest, 'client'>,
  { requiredStrength, requiresProofing, nextCode }: SignInPolicy,
): Principal {
  return {
    actor: actorOf(request),
    scopes: nextCode ? VERIFY_NEXT_CODE : VERIFY,
    requiredStrength,
    requiresProofing,
  };
}

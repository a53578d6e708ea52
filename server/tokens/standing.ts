import type { CredentialType, Hold, Life, UnixMillis } from '../../shared/types.ts';
import { yearAfter } from '../subscriptions/terms.ts';
import { withHold } from '../verification/holds.ts';
import type { TokenRecord } from './record.ts';

/** What a token's codes are judged by: its life and its holds, with what time has done to them. */
export interface Standing {
  readonly life: Life;
  readonly holds: readonly Hold[];
}

/** How far the subscription has come that a token's credential rests on. */
export type Expiry = 'suspended' | 'revoked';

/**
 * A registered token whose subscription has ended: suspended from then on, revoked a year later
 * (seeds 000, 001). Undefined: it runs, or the token rests on none.
 */
export function expiryAt(
  { life, entitlement }: Pick<TokenRecord, 'life' | 'entitlement'>,
  now: UnixMillis,
): Expiry | undefined {
  if (entitlement === undefined || now < entitlement.until || life !== 'registered') {
    return undefined;
  }
  return now >= yearAfter(entitlement.until) ? 'revoked' : 'suspended';
}

/**
 * Life and holds at `now`, as if what time has ended had been written down. It never is: renewal
 * lifts it, and nothing else. The very record where time has changed nothing.
 */
export function standingAt(token: TokenRecord, now: UnixMillis): Standing {
  const expiry = expiryAt(token, now);
  if (expiry === undefined) return token;
  return expiry === 'revoked'
    ? { life: 'revoked', holds: token.holds }
    : { life: token.life, holds: withHold(token.holds, 'suspended') };
}

/** What kind of credential a token is the authenticator of, whatever its codes prove. */
export const credentialTypeOf = ({
  mobileId,
}: Pick<TokenRecord, 'mobileId'>): Exclude<CredentialType, 'phoneOtp'> =>
  mobileId === true ? 'mobileId' : 'hardwareToken';

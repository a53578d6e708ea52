import { FobtwinError } from '../../shared/errors.ts';
import {
  type AccountId,
  type CredentialId,
  isAtLeast,
  type UnixMillis,
} from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { replyOnly, type Store } from '../store/port.ts';
import { type SubscriptionRecord, subscriptionKey } from '../subscriptions/record.ts';
import { statusAt } from '../subscriptions/terms.ts';
import type { Bundle } from './bundle.ts';
import type { CredentialDetail } from './port.ts';
import { type CredentialRecord, credentialKey, subscriptionIdOf } from './record.ts';
import { hasVouched } from './vouching.ts';

/** Whose a credential is. Another account's reads as one that there is none of. */

export const unknownCredential = (): FobtwinError =>
  new FobtwinError('notFound', 'There is no such credential.', {
    nextStep: "Look for it among the account's credentials.",
  });

/** @throws FobtwinError `notFound` */
export function ownCredential(
  bundle: Bundle | undefined,
  account: AccountId,
  id: CredentialId,
): { readonly bundle: Bundle; readonly credential: CredentialRecord } {
  const credential = bundle?.credentials.find((each) => each.id === id);
  if (bundle === undefined || credential?.account !== account) throw unknownCredential();
  return { bundle, credential };
}

/** @throws FobtwinError `notFound` */
export function readOwn(
  account: AccountId,
  id: CredentialId,
  store: Pick<Store, 'transact'>,
): Promise<CredentialDetail> {
  const keys = [credentialKey(id), subscriptionKey(subscriptionIdOf(id))] as const;
  return store.transact(keys, ([credential, subscription]) => {
    if (credential?.account !== account || subscription === undefined) throw unknownCredential();
    return replyOnly({ credential, subscription });
  });
}

/**
 * Seed 002: whoever can sign in by phone need not repeat the identity proofing. What he has signed
 * in with must say who he is: `vouching.ts`.
 */
export const isKnownAs = (
  credential: Pick<CredentialRecord, 'account' | 'id' | 'serial'>,
  caller: Caller,
): boolean =>
  caller.principal.account === credential.account &&
  isAtLeast(caller.principal.strength ?? 'password', 'phoneOtp') &&
  hasVouched(credential, caller);

/** The person's own, for what is shown in it; none where somebody else acts. */
export const ownSession = (account: AccountId, { principal }: Caller): string | undefined =>
  principal.account === account ? principal.session : undefined;

/**
 * Suspended is in force: what is set up then works once it is renewed.
 *
 * @throws FobtwinError `revoked`
 */
export function inForce(subscription: SubscriptionRecord, now: UnixMillis): void {
  if (statusAt(subscription, now) !== 'revoked') return;
  throw new FobtwinError('revoked', `Subscription ${subscription.id} is revoked.`, {
    nextStep: 'Purchase and set up a new credential.',
  });
}

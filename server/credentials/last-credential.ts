import type { UnixMillis } from '../../shared/types.ts';
import type { SubscriptionRecord } from '../subscriptions/record.ts';
import type { CredentialRecord } from './record.ts';

interface Ending {
  readonly subscription: SubscriptionRecord;
  /** All of its credentials, revoked ones included. */
  readonly credentials: readonly CredentialRecord[];
}

/**
 * With its last credential a subscription is over: nothing is left to be renewed, and nobody is
 * reminded of it. Whatever revokes a credential asks for it.
 */
export function withoutCredentials<T extends Ending>(bundle: T, at: UnixMillis): T {
  const { subscription, credentials } = bundle;
  const isOver = credentials.length > 0 && credentials.every(({ stage }) => stage === 'revoked');
  if (!isOver || subscription.revokedAt !== undefined) return bundle;
  return { ...bundle, subscription: { ...subscription, revokedAt: at } };
}

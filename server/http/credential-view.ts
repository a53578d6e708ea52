import type { z } from 'zod';
import { formatTime } from '../../shared/time.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type * as wire from '../../shared/wire/credentials-schemas.ts';
import type { CredentialDetail } from '../credentials/port.ts';
import type { CredentialRecord } from '../credentials/record.ts';
import type { SubscriptionDetail } from '../subscriptions/port.ts';
import type { SubscriptionRecord } from '../subscriptions/record.ts';
import {
  daysLeftAt,
  isRenewable,
  isUnderWarranty,
  revokesAt,
  statusAt,
} from '../subscriptions/terms.ts';
import { timeOrNone } from './moment.ts';

/** Credentials and subscriptions as /v1 shows them; an activation code's hash is never shown. */

const viewTerm = (subscription: SubscriptionRecord, now: UnixMillis) => ({
  product: subscription.product,
  purchasedAt: formatTime(subscription.purchasedAt),
  expiresAt: formatTime(subscription.expiresAt),
  revokesAt: formatTime(revokesAt(subscription)),
  status: statusAt(subscription, now),
  renewable: isRenewable(subscription, now),
  daysLeft: daysLeftAt(subscription, now),
});

export function viewCredential(
  { credential, subscription }: CredentialDetail,
  now: UnixMillis,
): z.output<typeof wire.credentialView> {
  const { replacement } = credential;
  return {
    id: credential.id,
    subscription: credential.subscription,
    account: credential.account,
    type: credential.type,
    stage: stageAt(credential, subscription, now),
    proofing: credential.proofing?.state ?? 'notBought',
    activationCodeNeeded: credential.activation !== undefined,
    serial: credential.serial,
    replacement: replacement && {
      grantedAt: formatTime(replacement.grantedAt),
      reason: replacement.reason,
      proofAnew: replacement.proofAnew === true,
    },
    createdAt: formatTime(credential.createdAt),
    activatedAt: timeOrNone(credential.activatedAt),
    registeredAt: timeOrNone(credential.registeredAt),
    revokedAt: timeOrNone(credential.revokedAt),
    ...viewTerm(subscription, now),
  };
}

/** What time has revoked reads so, whether the job has been there or not. */
const stageAt = (
  { stage }: CredentialRecord,
  subscription: SubscriptionRecord,
  now: UnixMillis,
): CredentialRecord['stage'] => (statusAt(subscription, now) === 'revoked' ? 'revoked' : stage);

export function viewSubscription(
  { subscription, credentials }: SubscriptionDetail,
  now: UnixMillis,
): z.output<typeof wire.subscriptionView> {
  return {
    id: subscription.id,
    order: subscription.order,
    types: [...subscription.types],
    proofing: subscription.proofing,
    purchaser: subscription.purchaser,
    organisation: subscription.organisation,
    account: subscription.account,
    redeemedAt: timeOrNone(subscription.redeemedAt),
    renewals: subscription.renewals.length,
    renewedAt: timeOrNone(subscription.renewals.at(-1)?.at),
    revokedAt: timeOrNone(subscription.revokedAt),
    underWarranty: isUnderWarranty(subscription, now),
    credentials: credentials.map((credential) => ({
      id: credential.id,
      type: credential.type,
      stage: stageAt(credential, subscription, now),
      serial: credential.serial,
    })),
    ...viewTerm(subscription, now),
  };
}

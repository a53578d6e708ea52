import { FobtwinError } from '../../shared/errors.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { DELIVERY_DAYS_MAX } from '../orders/delivery.ts';
import { type OrderRecord, orderKey } from '../orders/record.ts';
import { replyOnly, type Store } from '../store/port.ts';
import type { SubscriptionRecord } from '../subscriptions/record.ts';
import type { TokenService } from '../tokens/port.ts';
import { recognise } from './known-person.ts';
import { inForce, readOwn } from './own.ts';
import type { RegisterTokenAnswer, RegisterTokenCommand, RegistrationWarning } from './port.ts';
import type { CredentialRecord } from './record.ts';
import { stageAfter } from './stages.ts';

/** Registering a hardware token under the credential that was bought for it. */

export interface TokenRegistrationParts {
  readonly store: Pick<Store, 'transact'>;
  readonly tokens: Pick<TokenService, 'register'>;
}

const DAY_MILLIS = 86_400_000;

/**
 * What is refused here is looked at again by the decision on the codes, which writes token and
 * credential together.
 */
export async function registerToken(
  command: RegisterTokenCommand,
  caller: Caller,
  { store, tokens }: TokenRegistrationParts,
): Promise<RegisterTokenAnswer> {
  const { account, credential: id } = command;
  const { credential, subscription } = await recognise(account, id, caller, store);
  refuseOtherTypes(credential);
  inForce(subscription, caller.now);
  refuseSecond(credential);
  stageAfter(credential, 'register');
  const order = await store.transact([orderKey(subscription.order)], ([found]) => replyOnly(found));
  const warnings: readonly RegistrationWarning[] = isBeforeDelivery(
    { credential, subscription, order },
    caller.now,
  )
    ? ['beforeDelivery']
    : [];
  const { outcome, retryAfterSeconds } = await tokens.register(command, caller);
  const wait = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  if (outcome !== 'accepted') return { outcome, ...wait, warnings };
  const registered = await readOwn(account, id, store);
  return { outcome, credential: registered.credential, warnings };
}

/** @throws FobtwinError `wrongProduct` */
export function refuseOtherTypes({ type }: CredentialRecord): void {
  if (type === 'hardwareToken') return;
  throw new FobtwinError('wrongProduct', 'This credential is not one of a hardware token.', {
    nextStep: 'Choose the credential that was bought with the token.',
  });
}

/** At most one hardware token is registered to what was bought (seed 004). */
function refuseSecond({ stage, serial }: CredentialRecord): void {
  if (stage !== 'active' || serial === undefined) return;
  throw new FobtwinError('revokeFirst', `Token ${serial} is registered to this credential.`, {
    nextStep: 'Revoke it first; 24 hours before the new one is activated are recommended.',
  });
}

/** Neither was it sent, as far as is noted, nor is the time over that delivery takes. */
function isBeforeDelivery(
  {
    credential: { replacement },
    subscription,
    order,
  }: {
    readonly credential: CredentialRecord;
    readonly subscription: SubscriptionRecord;
    readonly order: OrderRecord | undefined;
  },
  now: UnixMillis,
): boolean {
  const owedSince = replacement?.grantedAt ?? subscription.purchasedAt;
  const isSent = order?.shipments.some(({ shippedAt }) => shippedAt >= owedSince) ?? false;
  return !isSent && now < owedSince + DELIVERY_DAYS_MAX * DAY_MILLIS;
}

import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId, SubscriptionId, UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { type AccountRecord, accountKey, isDisabled } from '../accounts/record.ts';
import { unknownAccount } from '../accounts/service.ts';
import { type LicenceKey, type LicenceKeyRecord, licenceKeyKey } from '../orders/licence-key.ts';
import { type Decision, put, replyOnly, type Store } from '../store/port.ts';
import type { SubscriptionRecord } from '../subscriptions/record.ts';
import { statusAt } from '../subscriptions/terms.ts';
import { accountDisabled } from '../tokens/subject.ts';
import { type Bundle, bundleWrites, inBundle } from './bundle.ts';
import type { CredentialDetail } from './port.ts';
import { type CredentialRecord, credentialIdOf } from './record.ts';

/** Redeeming a licence key: once, by whoever it was handed to. */

/** No order's: read where a key is none, so that it costs what any other does. */
const NO_SUBSCRIPTION = 'SO-10000-1-1' as SubscriptionId;

/** The error is a value until it is durable that somebody tried. */
type Reply = readonly CredentialDetail[] | FobtwinError;

export async function redeem(
  account: AccountId,
  key: LicenceKey,
  caller: Caller,
  { store, hashKey }: { readonly store: Pick<Store, 'transact'>; readonly hashKey: Uint8Array },
): Promise<readonly CredentialDetail[]> {
  const place = licenceKeyKey(key, hashKey);
  const issued = await store.transact([place], ([record]) => replyOnly(record));
  const id = issued?.subscription ?? NO_SUBSCRIPTION;
  const keys = [place, accountKey(account)] as const;
  const reply = await inBundle(id, keys, store, (bundle, [licence, holder]): Decision<Reply> => {
    const about = { account, ...(licence && { details: { subscription: id } }) };
    const refusal = refusalOf({ bundle, licence, holder }, caller.now);
    if (refusal !== undefined || bundle === undefined || licence === undefined) {
      const error = refusal ?? unknownKey();
      const details = { ...about.details, refused: error.code };
      const entry = draftOf(caller, 'redeemLicenceKey', { ...about, details });
      return { writes: [], auditDrafts: [entry], reply: error };
    }
    const after = redeemedBy(account, bundle, caller.now);
    const used = { ...licence, redeemedBy: account, redeemedAt: caller.now };
    const { subscription, credentials } = after;
    return {
      writes: [put(place, used), ...bundleWrites(bundle, after)],
      auditDrafts: [
        draftOf(caller, 'redeemLicenceKey', {
          account,
          details: { subscription: id, product: subscription.product },
        }),
      ],
      reply: credentials.map((credential) => ({ credential, subscription })),
    };
  });
  if (reply instanceof FobtwinError) throw reply;
  return reply;
}

interface Found {
  readonly bundle: Bundle | undefined;
  readonly licence: LicenceKeyRecord | undefined;
  readonly holder: AccountRecord | undefined;
}

function refusalOf({ bundle, licence, holder }: Found, now: UnixMillis): FobtwinError | undefined {
  if (holder === undefined) return unknownAccount();
  if (isDisabled(holder)) return accountDisabled();
  if (licence === undefined || bundle === undefined) return unknownKey();
  if (licence.redeemedBy !== undefined || bundle.subscription.account !== undefined) {
    return new FobtwinError('licenceKeyUsed', 'This license key has been used already.', {
      nextStep: 'Look among your credentials, or purchase another one.',
    });
  }
  if (statusAt(bundle.subscription, now) !== 'revoked') return undefined;
  return new FobtwinError('revoked', 'The time of this license key is over.', {
    nextStep: 'Purchase a new credential.',
  });
}

/** Also for what cannot be a key at all, so that nobody learns what keys look like. */
export const unknownKey = (): FobtwinError =>
  new FobtwinError('licenceKeyUnknown', 'There is no such license key.', {
    nextStep: 'Copy it from the mail, letter by letter; its purchaser has it.',
  });

function redeemedBy(account: AccountId, bundle: Bundle, now: UnixMillis): Bundle {
  const subscription: SubscriptionRecord = { ...bundle.subscription, account, redeemedAt: now };
  return { ...bundle, subscription, credentials: newCredentials(subscription, account, now) };
}

/** One of each of its types. Without proofing the way leads to activation at once (seed 002). */
function newCredentials(
  { id, types, proofing }: SubscriptionRecord,
  account: AccountId,
  createdAt: UnixMillis,
): readonly CredentialRecord[] {
  return types.map((type) => ({
    version: 1,
    id: credentialIdOf(id, type),
    subscription: id,
    type,
    account,
    stage: proofing ? 'proofing' : 'activation',
    ...(proofing ? { proofing: { state: 'due' } as const } : {}),
    createdAt,
  }));
}

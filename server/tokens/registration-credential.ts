import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId, CredentialId, UnixMillis } from '../../shared/types.ts';
import {
  CREDENTIALS,
  type CredentialRecord,
  credentialKey,
  type Entitlement,
  isProofed,
} from '../credentials/record.ts';
import { registeredWith, stageAfter } from '../credentials/stages.ts';
import { keyOf, put, type Write } from '../store/port.ts';
import { SUBSCRIPTIONS, type SubscriptionRecord } from '../subscriptions/record.ts';
import { statusAt } from '../subscriptions/terms.ts';
import { entitlingKeys } from './issued.ts';
import type { RegistrationCommand } from './port.ts';
import type { TokenRecord } from './record.ts';
import { credentialTypeOf } from './standing.ts';

/**
 * Registration under a credential: the token becomes its authenticator, in the decision that binds
 * it to the account. Whether the credential may have one is told to whoever asks, since it is the
 * account's own; nothing of a serial is told by it.
 */
export type Credentialled =
  | { readonly credential: CredentialRecord; readonly subscription: SubscriptionRecord }
  /** None is asked for. */
  | undefined;

/** Read where no credential is asked for; no id is spelled so. */
const NONE: ReturnType<typeof entitlingKeys> = [keyOf(CREDENTIALS, '-'), keyOf(SUBSCRIPTIONS, '-')];

export const credentialKeys = (id: CredentialId | undefined): typeof NONE =>
  id === undefined ? NONE : entitlingKeys(id);

/** The credential that a token is registered under, or why it is none that takes one. */
export function credentialled(
  { credential: id, account }: RegistrationCommand,
  credential: CredentialRecord | undefined,
  subscription: SubscriptionRecord | undefined,
  now: UnixMillis,
): Credentialled | FobtwinError {
  if (id === undefined) return undefined;
  if (credential?.account !== account || subscription === undefined) {
    return new FobtwinError('notFound', 'There is no such credential.', {
      nextStep: 'Look for its id in the list of credentials.',
    });
  }
  const status = statusAt(subscription, now);
  if (status === 'revoked') {
    return new FobtwinError('revoked', 'The subscription is revoked, and that is final.', {
      nextStep: 'Purchase a new one.',
    });
  }
  if (status === 'suspended') {
    return new FobtwinError('notAllowedNow', 'The subscription has ended.', {
      nextStep: 'Renew it, then register the token.',
    });
  }
  if (credential.type === 'phoneOtp') {
    return new FobtwinError('wrongProduct', 'Phone OTP has no token.', {
      nextStep: 'Add a phone to it.',
    });
  }
  if (credential.serial !== undefined) {
    return new FobtwinError('revokeFirst', 'This credential has a token already.', {
      nextStep: 'Revoke its present token first.',
    });
  }
  return atRegistration(credential) ?? { credential, subscription };
}

function atRegistration(credential: CredentialRecord): FobtwinError | undefined {
  try {
    stageAfter(credential, 'register');
    return undefined;
  } catch (error) {
    if (error instanceof FobtwinError) return error;
    throw error;
  }
}

/** Why this token is not to be had for this account; undefined where it may be. */
export type Misfit = 'madeForAnother' | 'wrongProduct';

/**
 * A Mobile ID was shown to one person, and is that one's alone, under the credential that it was
 * made for; a credential takes tokens of its own type.
 */
export function misfitOf(
  token: TokenRecord,
  account: AccountId,
  credential: CredentialRecord | undefined,
): Misfit | undefined {
  if (token.mobileId === true && token.intendedAccount !== account) return 'madeForAnother';
  if (token.entitlement !== undefined && token.entitlement.credential !== credential?.id) {
    return 'wrongProduct';
  }
  const fits = credential === undefined || credential.type === credentialTypeOf(token);
  return fits ? undefined : 'wrongProduct';
}

/** The same for those who may know. */
export const misfitError = (misfit: Misfit): FobtwinError =>
  misfit === 'wrongProduct'
    ? new FobtwinError('wrongProduct', 'The credential is of another type than this token.', {
        nextStep: 'Register a hardware token or a Mobile ID, as the credential says.',
      })
    : new FobtwinError('notAllowedNow', 'This Mobile ID was made for another account.', {
        nextStep: 'Make one for this account.',
      });

/** What the token is to know, and the credential's write. */
export function entitledBy(
  { credential, subscription }: NonNullable<Credentialled>,
  token: TokenRecord,
  at: UnixMillis,
): { readonly token: TokenRecord; readonly writes: readonly Write[] } {
  const { serial } = token;
  const registered = registeredWith(credential, { at, serial });
  const entitlement: Entitlement = {
    credential: credential.id,
    until: subscription.expiresAt,
    proofed: isProofed(credential),
  };
  return {
    token: { ...token, entitlement },
    writes: [put(credentialKey(credential.id), registered)],
  };
}

import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId, CredentialId } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { isStaff, refuseForStaff } from '../access/staff.ts';
import { type AccountRecord, isDisabled } from '../accounts/record.ts';
import { unknownAccount } from '../accounts/service.ts';
import type { Bundle } from '../credentials/bundle.ts';
import { entitlementOf } from '../credentials/bundle.ts';
import { inForce, ownCredential } from '../credentials/own.ts';
import type { Entitlement } from '../credentials/record.ts';
import { stageAfter } from '../credentials/stages.ts';
import { accountDisabled } from '../tokens/subject.ts';

/** Who may have a Mobile ID made, and for what: pure. */

/**
 * What the credential entitles to, where it waits for a Mobile ID.
 *
 * @throws FobtwinError `notFound`, `wrongProduct`, `revoked`, `notAllowedNow`, `proofingRequired`,
 * `revokeFirst`
 */
export function checkCredential(
  found: Bundle | undefined,
  wanted: { readonly account: AccountId; readonly credential: CredentialId },
  caller: Caller,
): Entitlement {
  const { bundle, credential } = ownCredential(found, wanted.account, wanted.credential);
  if (credential.type !== 'mobileId') {
    throw new FobtwinError('wrongProduct', 'This credential is not a Mobile ID.', {
      nextStep: 'Purchase a Mobile ID, or register what was bought.',
    });
  }
  inForce(bundle.subscription, caller.now);
  if (credential.serial !== undefined) {
    throw new FobtwinError('revokeFirst', 'This credential has a Mobile ID already.', {
      nextStep: 'Revoke the old one first; then set up another.',
    });
  }
  stageAfter(credential, 'register');
  checkAccount(bundle.account, caller);
  return entitlementOf(bundle.subscription, credential);
}

/**
 * Without a credential: staff need not buy theirs.
 *
 * @throws FobtwinError `notFound`, `wrongProduct`, `notAllowedNow`, `strengthTooLow`
 */
export function checkStaff(account: AccountRecord | undefined, caller: Caller): void {
  if (account !== undefined && !isStaff(account)) {
    throw new FobtwinError('wrongProduct', 'A Mobile ID without a credential is for staff.', {
      nextStep: 'Purchase a Mobile ID, and name the credential that came of it.',
    });
  }
  checkAccount(account, caller);
}

/** A stolen password does not suffice, not even with a credential that the thief has bought. */
function checkAccount(account: AccountRecord | undefined, caller: Caller): void {
  if (account === undefined) throw unknownAccount();
  if (isDisabled(account)) throw accountDisabled();
  refuseForStaff(account, caller, ['credentials:admin']);
}

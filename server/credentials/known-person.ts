import type { AccountId, CredentialId } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import type { AuditDraft } from '../audit/entry.ts';
import { type Decision, replyOnly, type Store } from '../store/port.ts';
import { type Bundle, bundleWrites, inBundle, withEach } from './bundle.ts';
import { inForce, isKnownAs, ownCredential } from './own.ts';
import type { CredentialDetail } from './port.ts';
import { type CredentialRecord, isInDoubt, subscriptionIdOf } from './record.ts';
import { recognised } from './stages.ts';

/**
 * A person who asked for another authenticator by the password alone, and has signed in since by
 * what says who he is: known as he would have been, had he done so before he asked.
 */

/** Whether what is in doubt about the credential is so no more. */
export const isRecognised = (credential: CredentialRecord, caller: Caller): boolean =>
  isInDoubt(credential) && isKnownAs(credential, caller);

export const recognitionDraft = ({ account, id }: CredentialRecord, caller: Caller): AuditDraft =>
  draftOf(caller, 'recognisePerson', { account, details: { credential: id } });

/** The decision, where `isRecognised`. */
export function recognition(
  bundle: Bundle,
  credential: CredentialRecord,
  caller: Caller,
): Decision<CredentialDetail> {
  const known = recognised(credential);
  const after = withEach(bundle, (each) => (each === credential ? known : each));
  return {
    writes: bundleWrites(bundle, after),
    auditDrafts: [recognitionDraft(known, caller)],
    reply: { credential: known, subscription: after.subscription },
  };
}

/** As `CredentialService.recognise`. */
export function recognise(
  account: AccountId,
  id: CredentialId,
  caller: Caller,
  store: Pick<Store, 'transact'>,
): Promise<CredentialDetail> {
  return inBundle(subscriptionIdOf(id), [], store, (found): Decision<CredentialDetail> => {
    const { bundle, credential } = ownCredential(found, account, id);
    const { subscription } = bundle;
    if (!isRecognised(credential, caller)) return replyOnly({ credential, subscription });
    inForce(subscription, caller.now);
    return recognition(bundle, credential, caller);
  });
}

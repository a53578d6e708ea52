import { FobtwinError } from '../../shared/errors.ts';
import type { ReplacementReason } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { type Decision, replyOnly, type Store } from '../store/port.ts';
import type { SubscriptionRecord } from '../subscriptions/record.ts';
import { isUnderWarranty } from '../subscriptions/terms.ts';
import { bundleWrites, inBundle, withEach } from './bundle.ts';
import { isRecognised, recognition } from './known-person.ts';
import { inForce, isKnownAs, ownCredential } from './own.ts';
import type { CredentialDetail, ReplacementCommand } from './port.ts';
import { isProofed, subscriptionIdOf } from './record.ts';
import { replacementGranted } from './stages.ts';
import { refuseOtherTypes } from './token-registration.ts';

/** Another token for a broken or a lost one. */

/** What the warranty covers: the token broke. A lost one did not. */
const COVERED: ReadonlySet<ReplacementReason> = new Set(['err', 'display', 'battery']);

/** Granted already: the same again, whatever the reason; but who asks may be known by now. */
export function grantReplacement(
  { account, credential: id, reason }: ReplacementCommand,
  caller: Caller,
  store: Pick<Store, 'transact'>,
): Promise<CredentialDetail> {
  return inBundle(subscriptionIdOf(id), [], store, (found): Decision<CredentialDetail> => {
    const { bundle, credential } = ownCredential(found, account, id);
    const { subscription } = bundle;
    refuseOtherTypes(credential);
    inForce(subscription, caller.now);
    if (isRecognised(credential, caller)) return recognition(bundle, credential, caller);
    const proofAnew = isProofed(credential) && !isKnownAs(credential, caller);
    const granted = replacementGranted(credential, {
      grantedAt: caller.now,
      reason,
      ...(proofAnew ? { proofAnew } : {}),
    });
    if (credential.replacement !== undefined) return replyOnly({ credential, subscription });
    refuseOutsideWarranty(subscription, reason, caller);
    const after = withEach(bundle, (each) => (each === credential ? granted : each));
    const entry = draftOf(caller, 'grantReplacement', {
      account,
      serial: credential.serial,
      details: { credential: id, reason, proofAnew },
    });
    return {
      writes: bundleWrites(bundle, after),
      auditDrafts: [entry],
      reply: { credential: granted, subscription },
    };
  });
}

function refuseOutsideWarranty(
  subscription: SubscriptionRecord,
  reason: ReplacementReason,
  { principal, now }: Caller,
): void {
  if (principal.scopes.has('credentials:admin')) return;
  if (COVERED.has(reason) && isUnderWarranty(subscription, now)) return;
  throw new FobtwinError('outsideWarranty', 'The warranty does not cover this.', {
    nextStep: 'Purchase a new token: the warranty is 45 days, for a token that broke.',
  });
}

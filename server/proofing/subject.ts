import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId, UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import type { AccountRecord } from '../accounts/record.ts';
import type { AuditDraft } from '../audit/entry.ts';
import type { Bundle } from '../credentials/bundle.ts';
import { put, type Write } from '../store/port.ts';
import { statusAt } from '../subscriptions/terms.ts';
import { type ProofingRecord, proofingKey } from './record.ts';

/** A proofing with all that it is decided over. */
export interface Subject {
  readonly bundle: Bundle;
  readonly account: AccountRecord;
  readonly proofing: ProofingRecord;
}

/**
 * The subscription's proofing as it stands; undefined where none was bought, or nobody has redeemed
 * it. The record begins with the first thing that is done: until then it follows from the bundle,
 * as it does where proofing is due again (an upgrade, a replacement).
 *
 * @param owner whose it must be; default: anybody's
 */
export function subjectOf(
  bundle: Bundle | undefined,
  present: ProofingRecord | undefined,
  owner?: AccountId,
): Subject | undefined {
  const account = bundle?.account;
  if (bundle === undefined || account === undefined) return undefined;
  if (owner !== undefined && account.id !== owner) return undefined;
  const asked = bundle.credentials.filter(({ proofing }) => proofing !== undefined);
  if (asked.length === 0) return undefined;
  const isDue = asked.some(
    ({ proofing, stage }) => proofing?.state === 'due' && stage !== 'revoked',
  );
  const isOver = present?.state === 'passed' && isDue;
  const proofing = present === undefined || isOver ? begunOf(bundle, account.id) : present;
  return { bundle, account, proofing };
}

const begunOf = ({ subscription }: Bundle, account: AccountId): ProofingRecord => ({
  version: 1,
  id: subscription.id,
  account,
  state: 'profile',
  questionAttempts: 0,
  videoSessions: 0,
  changedAt: subscription.redeemedAt ?? subscription.purchasedAt,
});

/** The same for a subscription of another account, one without proofing and none at all. */
export const noProofing = (): FobtwinError =>
  new FobtwinError('notFound', 'There is no identity proofing of this subscription.', {
    nextStep: 'Check the subscription; a proofing upgrade can be purchased for one without.',
  });

/** @throws FobtwinError `notFound`, or `revoked` where there is nothing left to be proofed for */
export function changeable(subject: Subject | undefined, now: UnixMillis): Subject {
  if (subject === undefined) throw noProofing();
  const { subscription, credentials } = subject.bundle;
  const isLeft = credentials.some(({ stage }) => stage !== 'revoked');
  if (isLeft && statusAt(subscription, now) !== 'revoked') return subject;
  throw new FobtwinError('revoked', 'The subscription is revoked, and that is final.', {
    nextStep: 'Purchase and set up a new one.',
  });
}

/** @throws FobtwinError `forbidden`: nobody proofs himself */
export function refuseOwn({ account }: Subject, { principal }: Caller): void {
  if (principal.account !== account.id) return;
  throw new FobtwinError('forbidden', 'Nobody holds the live session of the own account.', {
    nextStep: 'Another agent must do it.',
  });
}

export const proofingWrite = (proofing: ProofingRecord): Write =>
  put(proofingKey(proofing.id), proofing);

/** An audit entry of a proofing: what was done with which subscription, never a name. */
export const entryOf = (
  caller: Caller,
  action: string,
  { account, id, method }: Pick<ProofingRecord, 'account' | 'id' | 'method'>,
  more: Readonly<Record<string, string | number | boolean>> = {},
): AuditDraft => {
  const details = { subscription: id, ...(method === undefined ? {} : { method }), ...more };
  return draftOf(caller, action, { account, details });
};

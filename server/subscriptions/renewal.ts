import { FobtwinError } from '../../shared/errors.ts';
import type { SubscriptionId, UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { accountKey } from '../accounts/record.ts';
import { type Bundle, bundleWrites, inBundle, withEach } from '../credentials/bundle.ts';
import type { CredentialRecord } from '../credentials/record.ts';
import { proofingDemanded } from '../credentials/stages.ts';
import { noticeKey } from '../notices/record.ts';
import { type Decision, replyOnly, type Store } from '../store/port.ts';
import { cursorWrites, DUE_CURSOR_KEY } from './due-cursor.ts';
import type { DueParts } from './due-step.ts';
import { readerOf, renewalLetter, renewalNoticeId } from './letters.ts';
import type { PaidLine } from './port.ts';
import { RENEWALS_KEPT_MAX, type SubscriptionRecord, subscriptionKey } from './record.ts';
import { renewedUntil, statusAt } from './terms.ts';

/** What is bought for a subscription that there is: another year, or proofing. */

/** A line is carried out once: asked for again, it answers what it came to. */
export async function renew(
  line: PaidLine,
  caller: Caller,
  { store, notices }: DueParts,
): Promise<SubscriptionRecord> {
  const { purchaser } = await subscriptionOf(line.subscription, store);
  const keys = [DUE_CURSOR_KEY, noticeKey(renewalNoticeId(line)), accountKey(purchaser)] as const;
  return inBundle(line.subscription, keys, store, (bundle, [cursor, notice, purchaserAccount]) => {
    const before = present(bundle);
    const { subscription } = before;
    if (wasRenewedBy(subscription, line)) return replyOnly(subscription);
    // Paid in time is in time, though a crash has put off what was paid for.
    refuseRevoked(subscription, line.paidAt);
    const renewed = renewedBy(subscription, line);
    const reader = subscription.account === undefined ? purchaserAccount : before.account;
    const letter = renewalLetter(renewed, line, { at: caller.now, reader });
    const { order, paidAt } = line;
    const entry = draftOf(caller, 'renewSubscription', {
      account: readerOf(subscription),
      details: { subscription: subscription.id, order, line: line.line, paidAt },
    });
    return {
      writes: [
        ...bundleWrites(before, { ...before, subscription: renewed }),
        ...cursorWrites(renewed, cursor),
        ...notices.write(letter, notice),
      ],
      auditDrafts: [entry],
      reply: renewed,
    };
  });
}

/** Another year; its reminders come anew. The tokens stay the same ones (seed 004). */
function renewedBy(subscription: SubscriptionRecord, line: PaidLine): SubscriptionRecord {
  const expiresAt = renewedUntil(subscription, line.paidAt);
  const { order, paidAt: at } = line;
  const renewal = { order, line: line.line, at, from: subscription.expiresAt, to: expiresAt };
  const renewals = [...subscription.renewals, renewal].slice(-RENEWALS_KEPT_MAX);
  return { ...subscription, expiresAt, stepsTaken: 0, renewals };
}

const wasRenewedBy = ({ renewals }: SubscriptionRecord, { order, line }: PaidLine): boolean =>
  renewals.some((renewal) => renewal.order === order && renewal.line === line);

/** Proofing, for what was bought without; where it is there already, nothing is to be done. */
export function upgrade(
  line: PaidLine,
  caller: Caller,
  { store }: Pick<DueParts, 'store'>,
): Promise<SubscriptionRecord> {
  return inBundle(line.subscription, [], store, (found): Decision<SubscriptionRecord> => {
    const bundle = present(found);
    const { subscription } = bundle;
    if (subscription.proofing) return replyOnly(subscription);
    refuseRevoked(subscription, caller.now);
    const upgraded = { ...subscription, proofing: true };
    const after = withEach({ ...bundle, subscription: upgraded }, withProofingDue);
    const { order } = line;
    const entry = draftOf(caller, 'upgradeSubscription', {
      account: readerOf(subscription),
      details: { subscription: subscription.id, order, line: line.line },
    });
    return { writes: bundleWrites(bundle, after), auditDrafts: [entry], reply: upgraded };
  });
}

/** What has been proofed stays so. */
const withProofingDue = (credential: CredentialRecord): CredentialRecord =>
  credential.stage === 'revoked' || credential.proofing !== undefined
    ? credential
    : proofingDemanded(credential);

function refuseRevoked(subscription: SubscriptionRecord, at: UnixMillis): void {
  if (statusAt(subscription, at) !== 'revoked') return;
  const { id } = subscription;
  throw new FobtwinError('revoked', `Subscription ${id} is revoked, and that is final.`, {
    nextStep: 'Purchase and set up a new one.',
  });
}

const unknownSubscription = (): FobtwinError =>
  new FobtwinError('notFound', 'There is no such subscription.', {
    nextStep: 'Look for it in the list of subscriptions.',
  });

/** @throws FobtwinError `notFound` */
export async function subscriptionOf(
  id: SubscriptionId,
  store: Pick<Store, 'transact'>,
): Promise<SubscriptionRecord> {
  const record = await store.transact([subscriptionKey(id)], ([found]) => replyOnly(found));
  if (record === undefined) throw unknownSubscription();
  return record;
}

function present(bundle: Bundle | undefined): Bundle {
  if (bundle === undefined) throw unknownSubscription();
  return bundle;
}

import type { UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import { type Caller, SYSTEM } from '../access/scopes.ts';
import { type AccountRecord, accountKey } from '../accounts/record.ts';
import type { AuditDraft } from '../audit/entry.ts';
import { type Bundle, bundleWrites, inBundle } from '../credentials/bundle.ts';
import { revocationOfAll } from '../credentials/revocation.ts';
import type { NoticeWriter } from '../notices/port.ts';
import { type NoticeRecord, noticeKey } from '../notices/record.ts';
import { type Decision, replyOnly, type Store } from '../store/port.ts';
import { readerOf, stepLetter, stepNoticeId } from './letters.ts';
import type { SubscriptionRecord } from './record.ts';
import { type DueStep, dueDayOf, isReminder, nextDue, type StepName } from './terms.ts';

/** One step of one subscription: that it was taken, its mail, and what it ends, in one write. */

export interface DueParts {
  readonly store: Pick<Store, 'transact'>;
  readonly notices: NoticeWriter;
}

export interface DueMoment {
  /** The day that is looked through. */
  readonly day: string;
  readonly now: UnixMillis;
  /** Each step at its own moment. */
  readonly stepwise: boolean;
}

/** The verbs in the audit log. A revoked subscription's tokens have their own entries before it. */
const ACTIONS: Readonly<Record<StepName, string>> = {
  expiryReminder: 'remindOfExpiry',
  expired: 'expireSubscription',
  revocationReminder: 'remindOfRevocation',
  revoked: 'revokeSubscription',
};

/**
 * @param seen the record as the day's index had it; where another process was quicker, nothing is
 * left to do
 * @returns whether a step was taken
 */
export async function takeDueStep(
  seen: SubscriptionRecord,
  moment: DueMoment,
  { store, notices }: DueParts,
): Promise<boolean> {
  const due = dueOf(seen, moment);
  if (due === undefined) return false;
  const id = stepNoticeId(seen, due);
  const keys = [noticeKey(id), accountKey(seen.purchaser)] as const;
  return inBundle(seen.id, keys, store, (bundle, [notice, purchaser]): Decision<boolean> => {
    const step = bundle && dueOf(bundle.subscription, moment);
    if (!bundle || !step || stepNoticeId(bundle.subscription, step) !== id) {
      return replyOnly(false);
    }
    return stepTaken(bundle, step, { moment, notices, notice, purchaser });
  });
}

function dueOf(record: SubscriptionRecord, { day, now }: DueMoment): DueStep | undefined {
  const due = nextDue(record);
  return due && due.at <= now && dueDayOf(due.at) === day ? due : undefined;
}

interface Around {
  readonly moment: DueMoment;
  readonly notices: NoticeWriter;
  readonly notice: NoticeRecord | undefined;
  readonly purchaser: AccountRecord | undefined;
}

function stepTaken(
  bundle: Bundle,
  step: DueStep,
  { moment: { now, stepwise }, notices, notice, purchaser }: Around,
): Decision<boolean> {
  const { subscription } = bundle;
  const at = stepwise ? step.at : now;
  const caller: Caller = { principal: SYSTEM, now: at };
  const taken = { ...subscription, stepsTaken: subscription.stepsTaken + 1 };
  const { after, auditDrafts } = ending({ ...bundle, subscription: taken }, step, caller);
  const reader = subscription.account === undefined ? purchaser : bundle.account;
  const isOvertaken = !stepwise && isReminder(step) && (nextDue(taken)?.at ?? Infinity) <= now;
  const letter = stepLetter(subscription, step, { at, reader });
  const entry = draftOf(caller, ACTIONS[step.name], {
    account: readerOf(subscription),
    details: {
      subscription: subscription.id,
      product: subscription.product,
      ...(isReminder(step) ? { daysBefore: step.daysBefore, mailed: !isOvertaken } : {}),
    },
  });
  return {
    writes: [...bundleWrites(bundle, after), ...(isOvertaken ? [] : notices.write(letter, notice))],
    auditDrafts: [...auditDrafts, entry],
    reply: true,
  };
}

/** With the last step all that hangs on the subscription ends; any other ends nothing. */
function ending(
  bundle: Bundle,
  { name }: DueStep,
  caller: Caller,
): { readonly after: Bundle; readonly auditDrafts: readonly AuditDraft[] } {
  if (name !== 'revoked') return { after: bundle, auditDrafts: [] };
  const revoked = { ...bundle, subscription: { ...bundle.subscription, revokedAt: caller.now } };
  return revocationOfAll(revoked, caller);
}

import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { type Key, keyOf, put, type Write } from '../store/port.ts';
import type { HelpdeskOptions } from './options.ts';
import type { Grounds } from './port.ts';
import {
  APPROVALS,
  type ApprovalRecord,
  approvalKey,
  type CallerCheckRecord,
  callerCheckKey,
} from './record.ts';
import { type Intent, termsOf } from './terms.ts';

/**
 * What an action rests on: a check of the caller that was used for nothing yet, and by policy a
 * colleague's approval of just this. Spent in the same decision that does it, or begins to.
 */

/** What is to be done, for whom. */
export interface Claim extends Grounds {
  /** Undefined for a token that is nobody's yet: whoever was checked may have it unlocked. */
  readonly account: AccountId | undefined;
  readonly intent: Intent;
}

export interface Found {
  readonly check: CallerCheckRecord | undefined;
  readonly approval: ApprovalRecord | undefined;
}

/** The two as they are once they are spent. */
export interface Spent {
  readonly check: CallerCheckRecord;
  readonly approval: ApprovalRecord | undefined;
}

const NO_APPROVAL: Key<ApprovalRecord> = keyOf(APPROVALS, '-');

export const groundsKeys = ({ check, approval }: Grounds) =>
  [callerCheckKey(check), approval === undefined ? NO_APPROVAL : approvalKey(approval)] as const;

/** @throws FobtwinError `callerCheckRequired`, `approvalRequired`, `forbidden` */
export function spend(
  claim: Claim,
  { check, approval }: Found,
  caller: Caller,
  { secondApprover }: Pick<HelpdeskOptions, 'secondApprover'>,
): Spent {
  const usable = usableCheck(check, claim, whenChecked(approval, claim, caller));
  refuseOwn(usable.account, caller);
  const isWanted = secondApprover || claim.approval !== undefined;
  const approved = isWanted ? approvedFor(claim, approval, caller) : undefined;
  return {
    check: { ...usable, usedFor: claim.intent.action },
    approval: approved && { ...approved, usedAt: caller.now },
  };
}

/** A check outlives a call while a colleague, asked in time, makes up his mind. */
const whenChecked = (
  approval: ApprovalRecord | undefined,
  { check }: Claim,
  { now }: Caller,
): Pick<Caller, 'now'> =>
  approval?.check === check && now < approval.expiresAt ? { now: approval.askedAt } : { now };

/** @throws FobtwinError `callerCheckRequired`, whatever is the matter with it */
export function usableCheck(
  check: CallerCheckRecord | undefined,
  { account }: Pick<Claim, 'account'>,
  { now }: Pick<Caller, 'now'>,
): CallerCheckRecord {
  const isOfCaller = account === undefined || check?.account === account;
  if (check !== undefined && isOfCaller && check.usedFor === undefined && now < check.expiresAt) {
    return check;
  }
  throw checkRequired('This needs a check of the caller that was used for nothing yet.');
}

export const checkRequired = (message: string): FobtwinError =>
  new FobtwinError('callerCheckRequired', message, {
    nextStep:
      'Have the caller read out a code, or call back a number that the account held before: ' +
      'fobd helpdesk check ACCOUNT.',
  });

/** Another has said yes to just this, and nobody else's yes is used. */
function approvedFor(
  { account, intent, check, reason }: Claim,
  approval: ApprovalRecord | undefined,
  { principal, now }: Caller,
): ApprovalRecord {
  const isOfThis =
    approval?.action === intent.action &&
    approval.terms === termsOf(intent) &&
    approval.check === check &&
    approval.reason === reason;
  const isOurs =
    approval?.askedBy === principal.actor &&
    (account === undefined || approval.account === account);
  const isGiven = approval?.approvedBy !== undefined && approval.usedAt === undefined;
  if (approval !== undefined && isOfThis && isOurs && isGiven && now < approval.expiresAt) {
    return approval;
  }
  throw new FobtwinError('approvalRequired', 'A colleague has to approve just this, for you.', {
    nextStep: 'Ask for it with the same check, reason and terms: fobd helpdesk ask ACCOUNT.',
  });
}

/** Nobody helps himself. @throws FobtwinError `forbidden` */
export function refuseOwn(account: AccountId, { principal }: Caller): void {
  if (principal.account !== account) return;
  throw new FobtwinError('forbidden', 'Nobody helps himself: this is your own account.', {
    nextStep: 'Call the helpdesk, as everybody does.',
  });
}

/** The two as they were. */
export function unspent({ check, approval }: Spent): Spent {
  const { usedFor: _, toTell: __, ...unused } = check;
  if (approval === undefined) return { check: unused, approval };
  const { usedAt: ___, ...approved } = approval;
  return { check: unused, approval: approved };
}

/** What is put in the place of the records of `groundsKeys`. */
export const groundsWrites = ({ check, approval }: Spent): readonly Write[] => [
  put(callerCheckKey(check.id), check),
  ...(approval === undefined ? [] : [put(approvalKey(approval.id), approval)]),
];

/** What the audit entry of every action names. */
export const groundsDetails = (reason: string, { check, approval }: Spent) => ({
  check: check.id,
  method: check.method,
  checkedBy: check.by,
  reason,
  ...(approval === undefined
    ? {}
    : { approval: approval.id, approvedBy: approval.approvedBy ?? null }),
});

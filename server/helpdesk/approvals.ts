import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { put, replyOnly, type Store } from '../store/port.ts';
import { drawId } from './checks.ts';
import { refuseOwn, usableCheck } from './grounds.ts';
import type { HelpdeskService } from './port.ts';
import {
  APPROVAL_MILLIS,
  APPROVALS,
  APPROVALS_A_CHECK_MAX,
  type ApprovalRecord,
  approvalKey,
  type CallerCheckRecord,
  callerCheckKey,
} from './record.ts';
import { termsOf } from './terms.ts';

/** A second person's yes: to one action, for one check and reason, used once. */

export interface Approving {
  readonly store: Pick<Store, 'transact' | 'scan'>;
  readonly rng: Rng;
}

export function askApproval(
  { account, intent, check, reason }: Parameters<HelpdeskService['askApproval']>[0],
  caller: Caller,
  { store, rng }: Approving,
): Promise<ApprovalRecord> {
  const id = drawId(rng);
  const { action } = intent;
  const terms = termsOf(intent);
  return store.transact([callerCheckKey(check), approvalKey(id)], ([found]) => {
    refuseOwn(account, caller);
    const counted = withApprovalAsked(usableCheck(found, { account }, caller));
    const asked: ApprovalRecord = {
      version: 1,
      id,
      account,
      action,
      terms,
      check,
      reason,
      askedBy: caller.principal.actor,
      askedAt: caller.now,
      expiresAt: (caller.now + APPROVAL_MILLIS) as UnixMillis,
    };
    const details = { approval: id, action, terms, check, reason };
    return {
      writes: [put(approvalKey(id), asked), put(callerCheckKey(check), counted)],
      auditDrafts: [draftOf(caller, 'askApproval', { account, details })],
      reply: asked,
    };
  });
}

/** @throws FobtwinError `attemptsSpent` */
function withApprovalAsked(check: CallerCheckRecord): CallerCheckRecord {
  const { approvalsAsked = 0 } = check;
  if (approvalsAsked < APPROVALS_A_CHECK_MAX) {
    return { ...check, approvalsAsked: approvalsAsked + 1 };
  }
  throw new FobtwinError(
    'attemptsSpent',
    `By one check of the caller ${APPROVALS_A_CHECK_MAX} approvals may be asked for.`,
    { nextStep: 'Act on one of those, or check the caller again: fobd helpdesk check ACCOUNT.' },
  );
}

export async function approve(
  id: string,
  caller: Caller,
  { store }: Approving,
): Promise<ApprovalRecord> {
  const known = await store.transact([approvalKey(id)], ([found]) => replyOnly(found));
  if (known === undefined) throw noApproval();
  return await store.transact([approvalKey(id), callerCheckKey(known.check)], ([asked, check]) => {
    if (asked === undefined) throw noApproval();
    refuseOwn(asked.account, caller);
    const { actor } = caller.principal;
    if (actor === asked.askedBy || actor === check?.by) throw samePerson();
    if (asked.approvedBy !== undefined || caller.now >= asked.expiresAt) throw over(asked);
    const approved = { ...asked, approvedBy: actor, approvedAt: caller.now };
    const { account, action, terms } = asked;
    const details = { approval: id, action, terms, askedBy: asked.askedBy };
    return {
      writes: [put(approvalKey(id), approved)],
      auditDrafts: [draftOf(caller, 'approve', { account, details })],
      reply: approved,
    };
  });
}

export const listApprovals = (
  { account, after, limit }: Parameters<HelpdeskService['approvals']>[0],
  { store }: Approving,
): ReturnType<HelpdeskService['approvals']> =>
  store.scan(APPROVALS, {
    limit,
    ...(after === undefined ? {} : { after }),
    ...(account === undefined ? {} : { index: 'account', value: account }),
  });

const noApproval = (): FobtwinError =>
  new FobtwinError('notFound', 'There is no approval of this id to be given.', {
    nextStep: 'See which are asked for: fobd helpdesk approvals.',
  });

const samePerson = (): FobtwinError =>
  new FobtwinError('forbidden', 'Another than who asked and who checked the caller approves.', {
    nextStep: 'Ask a colleague.',
  });

const over = ({ approvedBy }: ApprovalRecord): FobtwinError =>
  new FobtwinError(
    'notAllowedNow',
    approvedBy === undefined ? 'Nobody approved in time.' : 'It is approved already.',
    { nextStep: 'Ask for another, with a check of the caller that is still good.' },
  );

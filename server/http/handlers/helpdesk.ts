import { parseSpan } from '../../../shared/span.ts';
import { formatTime } from '../../../shared/time.ts';
import type { Code } from '../../../shared/types.ts';
import { TEMPORARY_DEFAULTS } from '../../../shared/wire/helpdesk-schemas.ts';
import type { ParsedBodyOf, ReplyOf } from '../../../shared/wire/operations.ts';
import type { HelpdeskService } from '../../helpdesk/port.ts';
import type { ApprovalRecord, CallerCheckRecord } from '../../helpdesk/record.ts';
import type { Intent } from '../../helpdesk/terms.ts';
import { formatCursor, parseCursor } from '../cursor.ts';
import { timeOrNone } from '../moment.ts';
import type { Handlers } from './handler.ts';

type Ids =
  | 'listCallBackNumbers'
  | 'checkCaller'
  | 'giveTemporaryCode'
  | 'helpdeskReplacement'
  | 'askApproval'
  | 'listApprovals'
  | 'approve';

export function helpdeskHandlers({
  helpdesk,
}: {
  readonly helpdesk: HelpdeskService;
}): Handlers<Ids> {
  return {
    async listCallBackNumbers({ params, caller }) {
      const numbers = await helpdesk.callBackNumbers(params.id, caller);
      return {
        numbers: numbers.map(({ number, since, until }) => ({
          number,
          since: formatTime(since),
          until: timeOrNone(until),
        })),
      };
    },
    async checkCaller({ params, body: { code, phone = '' }, caller }) {
      const account = params.id;
      // The schema lets a code through with method `code`, and there alone.
      if (code === undefined) {
        const check = await helpdesk.checkByCallBack({ account, phone }, caller);
        return { outcome: 'accepted' as const, check: viewCheck(check) };
      }
      const answer = await helpdesk.checkByCode({ account, code: code as Code }, caller);
      return { ...answer, check: answer.check && viewCheck(answer.check) };
    },
    async giveTemporaryCode({ params, body: { life, ...rest }, caller }) {
      const command = { account: params.id, lifeMillis: lifeOf(life), ...rest };
      const { expiresAt, ...given } = await helpdesk.giveTemporaryCode(command, caller);
      return { expiresAt: formatTime(expiresAt), ...given };
    },
    async helpdeskReplacement({ params, body, caller }) {
      const granted = await helpdesk.grantReplacement({ account: params.id, ...body }, caller);
      const { id, stage, replacement } = granted.credential;
      return { credential: id, stage, grantedAt: timeOrNone(replacement?.grantedAt) };
    },
    async askApproval({ params, body, caller }) {
      const { check, reason } = body;
      const asked = { account: params.id, intent: intentOf(body), check, reason };
      const approval = await helpdesk.askApproval(asked, caller);
      return { approval: viewApproval(approval) };
    },
    async listApprovals({ query: { account, cursor, limit } }) {
      const page = await helpdesk.approvals({ account, after: parseCursor(cursor), limit });
      return { items: page.items.map(viewApproval), nextCursor: formatCursor(page.next) };
    },
    async approve({ params, caller }) {
      return { approval: viewApproval(await helpdesk.approve(params.id, caller)) };
    },
  };
}

/** What is longer than any span reads as one that is too long. */
const lifeOf = (life: string): number => parseSpan(life) ?? Number.MAX_SAFE_INTEGER;

/** The schema lets each action's own fields through, and those that must be there. */
function intentOf(asked: ParsedBodyOf<'askApproval'>): Intent {
  const { serial, credential, why } = asked;
  if (serial !== undefined) return { action: 'unlock', serial };
  if (credential !== undefined && why !== undefined) {
    return { action: 'replacement', credential, why };
  }
  const { life = TEMPORARY_DEFAULTS.life, ...rest } = asked;
  const { strength = TEMPORARY_DEFAULTS.strength, uses = TEMPORARY_DEFAULTS.uses } = rest;
  return { action: 'temporaryCode', lifeMillis: lifeOf(life), strength, uses };
}

const viewCheck = ({ id, account, method, by, at, expiresAt }: CallerCheckRecord) => ({
  id,
  account,
  method,
  by,
  at: formatTime(at),
  expiresAt: formatTime(expiresAt),
});

const viewApproval = (approval: ApprovalRecord): ReplyOf<'approve'>['approval'] => ({
  id: approval.id,
  account: approval.account,
  action: approval.action,
  terms: approval.terms,
  check: approval.check,
  reason: approval.reason,
  askedBy: approval.askedBy,
  askedAt: formatTime(approval.askedAt),
  expiresAt: formatTime(approval.expiresAt),
  approvedBy: approval.approvedBy,
  approvedAt: timeOrNone(approval.approvedAt),
  usedAt: timeOrNone(approval.usedAt),
});

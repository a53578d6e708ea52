import * as helpdesk from '../helpdesk-schemas.ts';
import * as schemas from '../schemas.ts';
import type { Operation } from './operation.ts';

/** What the helpdesk does for somebody who calls. `unlockToken` belongs to it too. */
export const HELPDESK_OPERATIONS = {
  listCallBackNumbers: {
    method: 'GET',
    path: '/v1/accounts/{id}/call-back-numbers',
    summary: 'Numbers that the account held before, and may be called back at',
    params: schemas.accountPath,
    status: 200,
    reply: helpdesk.callBackNumbersReply,
  },
  checkCaller: {
    method: 'POST',
    path: '/v1/accounts/{id}/caller-checks',
    summary: 'Check who calls: a code is spent, or a number held before was called back',
    params: schemas.accountPath,
    body: helpdesk.callerCheckRequest,
    status: 200,
    reply: helpdesk.callerCheckReply,
  },
  giveTemporaryCode: {
    method: 'POST',
    path: '/v1/accounts/{id}/temporary-codes',
    summary: 'Give a code for a forgotten token; it is mailed to the account',
    params: schemas.accountPath,
    body: helpdesk.temporaryCodeRequest,
    status: 201,
    reply: helpdesk.temporaryCodeReply,
  },
  helpdeskReplacement: {
    method: 'POST',
    path: '/v1/accounts/{id}/replacements',
    summary: 'Grant another token for a broken or lost one, to somebody who calls',
    params: schemas.accountPath,
    body: helpdesk.helpdeskReplacementRequest,
    status: 201,
    reply: helpdesk.helpdeskReplacementReply,
  },
  askApproval: {
    method: 'POST',
    path: '/v1/accounts/{id}/approvals',
    summary: 'Ask a colleague to approve one action',
    params: schemas.accountPath,
    body: helpdesk.approvalRequest,
    status: 201,
    reply: helpdesk.approvalReply,
  },
  listApprovals: {
    method: 'GET',
    path: '/v1/approvals',
    summary: 'Approvals that were asked for',
    query: helpdesk.approvalListQuery,
    status: 200,
    reply: helpdesk.approvalPage,
  },
  approve: {
    method: 'POST',
    path: '/v1/approvals/{id}/approve',
    summary: 'Approve what a colleague has asked for',
    params: helpdesk.approvalPath,
    status: 200,
    reply: helpdesk.approvalReply,
  },
} as const satisfies Record<string, Operation>;

import * as schemas from '../schemas.ts';
import type { Operation } from './operation.ts';

/** Operations on accounts. */
export const ACCOUNTS_OPERATIONS = {
  listAccounts: {
    method: 'GET',
    path: '/v1/accounts',
    summary: 'Accounts',
    query: schemas.pageQuery,
    status: 200,
    reply: schemas.accountPage,
  },
  addAccount: {
    method: 'POST',
    path: '/v1/accounts',
    summary: 'Add an account',
    body: schemas.accountRequest,
    status: 201,
    reply: schemas.accountReply,
  },
  getAccount: {
    method: 'GET',
    path: '/v1/accounts/{id}',
    summary: 'One account',
    params: schemas.accountPath,
    status: 200,
    reply: schemas.accountReply,
  },
} as const satisfies Record<string, Operation>;

import * as accounts from '../accounts-schemas.ts';
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
    reply: accounts.accountPage,
  },
  addAccount: {
    method: 'POST',
    path: '/v1/accounts',
    summary: 'Add an account',
    body: accounts.accountRequest,
    status: 201,
    reply: accounts.accountReply,
  },
  getAccount: {
    method: 'GET',
    path: '/v1/accounts/{id}',
    summary: 'One account',
    params: schemas.accountPath,
    status: 200,
    reply: accounts.accountReply,
  },
  changeAccount: {
    method: 'PATCH',
    path: '/v1/accounts/{id}',
    summary: 'Change what is known of the person; null takes a field away',
    params: schemas.accountPath,
    body: accounts.accountChangeRequest,
    status: 200,
    reply: accounts.accountReply,
  },
  disableAccount: {
    method: 'POST',
    path: '/v1/accounts/{id}/disable',
    summary: 'Let the account sign in nowhere, and end what rests on it',
    params: schemas.accountPath,
    body: accounts.accountStateRequest,
    status: 200,
    reply: accounts.accountReply,
  },
  enableAccount: {
    method: 'POST',
    path: '/v1/accounts/{id}/enable',
    summary: 'Let a disabled account sign in again',
    params: schemas.accountPath,
    body: accounts.accountStateRequest,
    status: 200,
    reply: accounts.accountReply,
  },
  setPassword: {
    method: 'PUT',
    path: '/v1/accounts/{id}/password',
    summary:
      "Set an account's own password, lift what wrong ones have counted, and end its sessions",
    params: schemas.accountPath,
    body: accounts.accountPasswordRequest,
    status: 200,
    reply: accounts.accountReply,
  },
  removePassword: {
    method: 'DELETE',
    path: '/v1/accounts/{id}/password',
    summary: 'Take the password away: nobody signs in with one, and its sessions end',
    params: schemas.accountPath,
    status: 200,
    reply: accounts.accountReply,
  },
} as const satisfies Record<string, Operation>;

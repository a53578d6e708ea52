import type { AccountService } from '../../accounts/port.ts';
import { formatCursor, parseCursor } from '../cursor.ts';
import { viewAccount } from '../views.ts';
import type { Handlers } from './handler.ts';

export function accountHandlers({
  accounts,
}: {
  readonly accounts: AccountService;
}): Handlers<'listAccounts' | 'addAccount' | 'getAccount'> {
  return {
    async listAccounts({ query: { cursor, limit } }) {
      const page = await accounts.list({ after: parseCursor(cursor), limit });
      return { items: page.items.map(viewAccount), nextCursor: formatCursor(page.next) };
    },
    async addAccount({ body, caller }) {
      return { account: viewAccount(await accounts.add(body, caller)) };
    },
    async getAccount({ params }) {
      return { account: viewAccount(await accounts.get(params.id)) };
    },
  };
}

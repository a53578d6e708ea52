import type { PasswordService } from '../../accounts/passwords-port.ts';
import type { AccountService } from '../../accounts/port.ts';
import { formatCursor, parseCursor } from '../cursor.ts';
import { viewAccount } from '../views.ts';
import type { Handlers } from './handler.ts';

type Ids =
  | 'listAccounts'
  | 'addAccount'
  | 'getAccount'
  | 'changeAccount'
  | 'disableAccount'
  | 'enableAccount'
  | 'setPassword'
  | 'removePassword';

export function accountHandlers({
  accounts,
  passwords,
}: {
  readonly accounts: AccountService;
  readonly passwords: Pick<PasswordService, 'set' | 'remove'>;
}): Handlers<Ids> {
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
    async changeAccount({ params, body, caller }) {
      return { account: viewAccount(await accounts.change(params.id, body, caller)) };
    },
    async disableAccount({ params, body, caller }) {
      return { account: viewAccount(await accounts.setDisabled(params.id, true, body, caller)) };
    },
    async enableAccount({ params, body, caller }) {
      return { account: viewAccount(await accounts.setDisabled(params.id, false, body, caller)) };
    },
    async setPassword({ params, body, caller }) {
      await passwords.set(params.id, body.password, caller);
      return { account: viewAccount(await accounts.get(params.id)) };
    },
    async removePassword({ params, caller }) {
      await passwords.remove(params.id, caller);
      return { account: viewAccount(await accounts.get(params.id)) };
    },
  };
}

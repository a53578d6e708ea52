import type { AccountId } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { AccountRecord } from './record.ts';

export interface AccountService {
  /** @throws FobtwinError `exists` */
  add(
    account: { id: AccountId; name?: string | undefined },
    caller: Caller,
  ): Promise<AccountRecord>;
  /** @throws FobtwinError `notFound` */
  get(id: AccountId): Promise<AccountRecord>;
  list(query: { after?: string | undefined; limit: number }): Promise<{
    items: readonly AccountRecord[];
    next: string | null;
  }>;
}

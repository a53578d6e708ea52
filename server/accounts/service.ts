import { FobtwinError } from '../../shared/errors.ts';
import { draftOf } from '../access/draft.ts';
import { put, replyOnly, type Store } from '../store/port.ts';
import type { AccountService } from './port.ts';
import { ACCOUNTS, type AccountRecord, accountKey } from './record.ts';

export interface AccountServiceOptions {
  readonly store: Store;
}

export function createAccountService({ store }: AccountServiceOptions): AccountService {
  return {
    add: ({ id, name }, caller) =>
      store.transact([accountKey(id)], ([present]) => {
        if (present !== undefined) {
          throw new FobtwinError('exists', 'There is an account of this id already.', {
            nextStep: 'Choose another id.',
          });
        }
        const account: AccountRecord = {
          version: 1,
          id,
          ...(name === undefined ? {} : { name }),
          createdAt: caller.now,
          serials: [],
        };
        return {
          writes: [put(accountKey(id), account)],
          auditDrafts: [draftOf(caller, 'addAccount', { account: id })],
          reply: account,
        };
      }),

    async get(id) {
      const account = await store.transact([accountKey(id)], ([record]) => replyOnly(record));
      if (account !== undefined) return account;
      throw new FobtwinError('notFound', 'There is no account of this id.', {
        nextStep: 'Add it first: fobd account add ID.',
      });
    },

    list: ({ after, limit }) =>
      store.scan(ACCOUNTS, after === undefined ? { limit } : { after, limit }),
  };
}

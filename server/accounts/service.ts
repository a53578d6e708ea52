import { FobtwinError } from '../../shared/errors.ts';
import { type AccountId, parseAccountId } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { type Decision, put, replyOnly, type Store } from '../store/port.ts';
import { foldedId, foldName, nameKey, nameWrite } from './names.ts';
import type { AccountService, NewAccount, ProfileChange } from './port.ts';
import { changedFields, profileOf, withChange } from './profile.ts';
import { ACCOUNTS, type AccountRecord, accountKey, isDisabled, NO_ACCOUNT } from './record.ts';

export interface AccountServiceOptions {
  readonly store: Pick<Store, 'transact' | 'scan'>;
}

export function createAccountService({ store }: AccountServiceOptions): AccountService {
  return {
    add: (account, caller) => addAccount(account, caller, store),
    async get(id) {
      const account = await store.transact([accountKey(id)], ([record]) => replyOnly(record));
      return existing(account);
    },
    resolve: (user) => resolveName(user, store),
    change: (id, change, caller) =>
      store.transact([accountKey(id)], ([record]) =>
        changeAccount(existing(record), change, caller),
      ),
    setDisabled: (id, disabled, { reason }, caller) =>
      store.transact([accountKey(id)], ([record]) =>
        setDisabled(existing(record), { disabled, reason }, caller),
      ),
    list: ({ after, limit }) =>
      store.scan(ACCOUNTS, after === undefined ? { limit } : { after, limit }),
  };
}

export const unknownAccount = (): FobtwinError =>
  new FobtwinError('notFound', 'There is no account of this id.', {
    nextStep: 'Add it first: fobd account add ID.',
  });

function existing(account: AccountRecord | undefined): AccountRecord {
  if (account === undefined) throw unknownAccount();
  return account;
}

const addAccount = (
  { id, ...profile }: NewAccount,
  caller: Caller,
  store: Pick<Store, 'transact'>,
): Promise<AccountRecord> => {
  const keys = [accountKey(id), nameKey(foldedId(id))] as const;
  return store.transact(keys, ([present, name]) => {
    if (present !== undefined || name !== undefined) {
      const reason =
        present === undefined
          ? 'Another account signs in with this name already.'
          : 'There is an account of this id already.';
      throw new FobtwinError('exists', reason, { nextStep: 'Choose another id.' });
    }
    const account: AccountRecord = {
      version: 1,
      id,
      ...profileOf(profile),
      createdAt: caller.now,
      serials: [],
    };
    return {
      writes: [put(keys[0], account), nameWrite(keys[1], id)],
      auditDrafts: [draftOf(caller, 'addAccount', { account: id })],
      reply: account,
    };
  });
};

/** An id spelled exactly comes first: no other account's name can stand in its way. */
async function resolveName(
  user: string,
  store: Pick<Store, 'transact'>,
): Promise<AccountId | undefined> {
  const name = foldName(user);
  if (name === undefined) return undefined;
  const id = parseAccountId(user.trim()) ?? NO_ACCOUNT;
  return store.transact([accountKey(id), nameKey(name)], ([exact, named]) =>
    replyOnly(exact?.id ?? named?.account),
  );
}

function changeAccount(
  account: AccountRecord,
  change: ProfileChange,
  caller: Caller,
): Decision<AccountRecord> {
  const changed = changedFields(account, change);
  if (changed.length === 0) return replyOnly(account);
  const after = withChange(account, change);
  // Which fields, and not what they say: a person may ask for what is known of him to be forgotten.
  const details = { changed: changed.join(', ') };
  return {
    writes: [put(accountKey(account.id), after)],
    auditDrafts: [draftOf(caller, 'changeAccount', { account: account.id, details })],
    reply: after,
  };
}

function setDisabled(
  account: AccountRecord,
  { disabled, reason }: { readonly disabled: boolean; readonly reason: string | undefined },
  caller: Caller,
): Decision<AccountRecord> {
  const isSo = disabled ? account.disabledAt !== undefined : !isDisabled(account);
  if (isSo) {
    throw new FobtwinError('notAllowedNow', `The account is ${disabled ? '' : 'not '}disabled.`, {
      nextStep: 'Nothing is to be done.',
    });
  }
  const { disabledAt: _, directoryDisabledAt: __, ...enabled } = account;
  const after = disabled ? { ...account, disabledAt: caller.now } : enabled;
  const action = disabled ? 'disableAccount' : 'enableAccount';
  const details = reason === undefined ? undefined : { reason };
  return {
    writes: [put(accountKey(account.id), after)],
    auditDrafts: [draftOf(caller, action, { account: account.id, details })],
    reply: after,
  };
}

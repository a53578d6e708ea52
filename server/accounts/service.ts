import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { formatTime } from '../../shared/time.ts';
import { type AccountId, parseAccountId } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import { refuseLacking, scopesOfRoles } from '../access/grant.ts';
import type { Caller } from '../access/scopes.ts';
import type { NoticeDraft, NoticeWriter } from '../notices/port.ts';
import { type NoticeRecord, noticeKey } from '../notices/record.ts';
import { type Also, type Decision, put, replyOnly, type Store } from '../store/port.ts';
import { foldedId, foldName, nameKey, nameWrite } from './names.ts';
import type { AccountService, NewAccount, ProfileChange } from './port.ts';
import { changedFields, profileOf, rememberingEmail, withChange } from './profile.ts';
import { ACCOUNTS, type AccountRecord, accountKey, isDisabled, NO_ACCOUNT } from './record.ts';

export interface AccountServiceOptions {
  readonly store: Pick<Store, 'transact' | 'scan'>;
  /** Tells an address that it is the account's no more. Default: nobody is told. */
  readonly notices?: Noticing | undefined;
}

export interface Noticing {
  readonly writer: NoticeWriter;
  /** For the mails' ids. */
  readonly rng: Pick<Rng, 'bytes'>;
}

export function createAccountService({ store, notices }: AccountServiceOptions): AccountService {
  return {
    add: (account, caller) => addAccount(account, caller, store),
    async get(id) {
      const account = await store.transact([accountKey(id)], ([record]) => replyOnly(record));
      return existing(account);
    },
    resolve: (user) => lookUp(user, store, (exact, named) => exact?.id ?? named),
    find: (user) =>
      lookUp(user, store, (exact, named, also) => exact ?? (named && also(accountKey(named)))),
    change: (id, change, caller) => {
      const told = notices && emailNotice(id, caller, notices);
      const mail = told === undefined ? [] : [noticeKey(told)];
      return store.transact([accountKey(id), ...mail], ([record, written]) =>
        changeAccount(existing(record), change, { caller, notices, told, written }),
      );
    },
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
  refuseLacking(scopesOfRoles(profile.roles ?? []), caller);
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
function lookUp<R>(
  user: string,
  store: Pick<Store, 'transact'>,
  tell: (exact: AccountRecord | undefined, named: AccountId | undefined, also: Also) => R,
): Promise<R | undefined> {
  const name = foldName(user);
  if (name === undefined) return Promise.resolve(undefined);
  const id = parseAccountId(user.trim()) ?? NO_ACCOUNT;
  return store.transact([accountKey(id), nameKey(name)], ([exact, named], also) =>
    replyOnly(tell(exact, named?.account, also)),
  );
}

interface Changing {
  readonly caller: Caller;
  readonly notices: Noticing | undefined;
  /** The id of the notice to the address before, and the notice where it is written already. */
  readonly told: string | undefined;
  readonly written: NoticeRecord | undefined;
}

const NOTICE_ID_BYTES = 8;

/** Each change has its own, however soon one follows the other: each address is told. */
function emailNotice(id: AccountId, { now }: Caller, { rng }: Noticing): string {
  const own = Buffer.from(rng.bytes(NOTICE_ID_BYTES)).toString('hex');
  return `${id}:emailChanged:${now}:${own}`;
}

function changeAccount(
  account: AccountRecord,
  change: ProfileChange,
  { caller, notices, told, written }: Changing,
): Decision<AccountRecord> {
  const changed = changedFields(account, change);
  if (changed.length === 0) return replyOnly(account);
  refuseLacking(scopesGained(account, change), caller);
  const after = rememberingEmail(account, withChange(account, change), caller.now);
  const notice = emailChange(account, after, told, caller);
  // Which fields, and not what they say: a person may ask for what is known of him to be forgotten.
  const details = { changed: changed.join(', ') };
  return {
    writes: [
      put(accountKey(account.id), after),
      ...((notice && notices?.writer.write(notice, written)) ?? []),
    ],
    auditDrafts: [draftOf(caller, 'changeAccount', { account: account.id, details })],
    reply: after,
  };
}

/** What the staff roles hold that the account is to have and has not. */
const scopesGained = ({ roles = [] }: AccountRecord, change: ProfileChange) =>
  scopesOfRoles((change.roles ?? []).filter((role) => !roles.includes(role)));

/** What the address before is told. */
function emailChange(
  { id, email }: AccountRecord,
  after: AccountRecord,
  notice: string | undefined,
  { now }: Caller,
): NoticeDraft | undefined {
  if (notice === undefined || email === undefined || email === after.email) return undefined;
  const values = { at: formatTime(now) };
  return { id: notice, template: 'emailChanged', to: [email], account: id, at: now, values };
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

import type { AccountId } from '../../shared/types.ts';
import { type PasswordRecord, passwordKey } from '../accounts/password-record.ts';
import { type AccountRecord, accountKey } from '../accounts/record.ts';
import type { Also, Key, Store } from '../store/port.ts';
import type { Judged } from './judge.ts';
import { SESSIONS, type SessionRecord, sessionKey } from './record.ts';

export interface AccountSessions {
  readonly account: AccountRecord | undefined;
  readonly password: PasswordRecord | undefined;
  /** In the order that they began; those that have ended unseen are among them. */
  readonly sessions: readonly SessionRecord[];
  /** Reads what they rest on. */
  readonly also: Also;
}

/** What is decided on them together. */
export interface Together<R> {
  readonly judged: readonly Judged[];
  readonly reply: R;
}

/** More than an account ever has. */
const RECORDS_MAX = 500;

/** One decision on all sessions of an account, and on those of `others`, which are read besides. */
export async function lookAtAll<R>(
  account: AccountId,
  store: Pick<Store, 'transact' | 'scan'>,
  decide: (found: AccountSessions) => Together<R>,
  others: readonly Key<SessionRecord>[] = [],
): Promise<R> {
  const range = { index: 'account', value: account, limit: RECORDS_MAX };
  const { items } = await store.scan(SESSIONS, range);
  const owned = [accountKey(account), passwordKey(account)] as const;
  const keys = [...owned, ...items.map(({ tokenHash }) => sessionKey(tokenHash)), ...others];
  return store.transact(keys, ([owner, password, ...records], also) => {
    const present = records.slice(0, items.length) as (SessionRecord | undefined)[];
    const { judged, reply } = decide({
      account: owner as AccountRecord | undefined,
      password: password as PasswordRecord | undefined,
      sessions: inOrder(present.filter((record) => record !== undefined)),
      also,
    });
    return {
      writes: judged.flatMap(({ writes }) => writes),
      auditDrafts: judged.flatMap(({ auditDrafts }) => auditDrafts),
      reply,
    };
  });
}

const inOrder = (records: readonly SessionRecord[]): readonly SessionRecord[] =>
  records.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));

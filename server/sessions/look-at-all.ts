import type { AccountId } from '../../shared/types.ts';
import { type PasswordRecord, passwordKey } from '../accounts/password-record.ts';
import { type AccountRecord, accountKey } from '../accounts/record.ts';
import { type Key, replyOnly, type Store } from '../store/port.ts';
import { areRead, keysBeneath, type Read, readerOf } from './beneath.ts';
import type { Judged } from './judge.ts';
import { changing, ROUNDS_MAX } from './look.ts';
import { SESSIONS, type SessionRecord, sessionKey } from './record.ts';

export interface AccountSessions {
  readonly account: AccountRecord | undefined;
  readonly password: PasswordRecord | undefined;
  /** In the order that they began; those that have ended unseen are among them. */
  readonly sessions: readonly SessionRecord[];
  /** What they rest on. */
  readonly read: Read;
}

/** What is decided on them together. */
export interface Together<R> {
  readonly judged: readonly Judged[];
  readonly reply: R;
}

/** More than an account ever has. */
const RECORDS_MAX = 500;

/**
 * One decision on all sessions of an account, and on those of `others`, which are read besides.
 *
 * @throws FobtwinError `unavailable` when they never stood still
 */
export async function lookAtAll<R>(
  account: AccountId,
  store: Pick<Store, 'transact' | 'scan'>,
  decide: (found: AccountSessions) => Together<R>,
  others: readonly Key<SessionRecord>[] = [],
): Promise<R> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const range = { index: 'account', value: account, limit: RECORDS_MAX };
    const { items } = await store.scan(SESSIONS, range);
    const beneath = items.flatMap(({ proof }) => keysBeneath(account, proof ?? {}));
    const keys: readonly Key<unknown>[] = [
      accountKey(account),
      passwordKey(account),
      ...items.map(({ tokenHash }) => sessionKey(tokenHash)),
      ...beneath,
      ...others,
    ];
    const step = await store.transact(keys, ([owner, password, ...records]) => {
      const present = records.slice(0, items.length) as (SessionRecord | undefined)[];
      const sessions = inOrder(present.filter((record) => record !== undefined));
      // One that was elevated meanwhile may rest on what was not read.
      const isRead = ({ proof }: SessionRecord) => areRead(beneath, account, proof ?? {});
      if (!sessions.every(isRead)) return replyOnly(undefined);
      const { judged, reply } = decide({
        account: owner as AccountRecord | undefined,
        password: password as PasswordRecord | undefined,
        sessions,
        read: readerOf(beneath, records.slice(items.length)),
      });
      return {
        writes: judged.flatMap(({ writes }) => writes),
        auditDrafts: judged.flatMap(({ auditDrafts }) => auditDrafts),
        reply: { done: reply },
      };
    });
    if (step !== undefined) return step.done;
  }
  throw changing();
}

const inOrder = (records: readonly SessionRecord[]): readonly SessionRecord[] =>
  records.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));

import type { UnixMillis } from '../../shared/types.ts';
import { passwordKey } from '../accounts/password-record.ts';
import { accountKey } from '../accounts/record.ts';
import { type Decision, replyOnly, type Store } from '../store/port.ts';
import { type Judged, judge, written } from './judge.ts';
import type { SessionOptions } from './options.ts';
import { type SessionRecord, sessionKey } from './record.ts';

/** Looking at sessions: each look reads with them what they rest on, and judges them by it. */

export interface Looking {
  readonly store: Pick<Store, 'transact' | 'scan'>;
  readonly lifetimes: Required<SessionOptions>;
}

/** The session as it stands, changed by `change` where it still is one. */
export function look(
  tokenHash: string,
  now: UnixMillis,
  { store, lifetimes }: Looking,
  change: (record: SessionRecord) => Judged,
): Promise<SessionRecord | undefined> {
  return store.transact([sessionKey(tokenHash)], ([record], also) => {
    if (record === undefined) return replyOnly(undefined);
    const account = also(accountKey(record.account));
    const password = also(passwordKey(record.account));
    const judged = judge(record, { account, password, also }, now, lifetimes);
    return decided(judged.record === undefined ? judged : after(judged, change(judged.record)));
  });
}

const decided = ({ record, writes, auditDrafts }: Judged): Decision<SessionRecord | undefined> => ({
  writes,
  auditDrafts,
  reply: record,
});

/** What was found at a look, and then what was done: the later write of the record stands. */
const after = (found: Judged, done: Judged): Judged => ({
  record: done.record,
  writes: done.writes.length > 0 ? done.writes : found.writes,
  auditDrafts: [...found.auditDrafts, ...done.auditDrafts],
});

/** The record, to be written where it is another than was found. */
export const changed = (found: SessionRecord, record: SessionRecord): Judged =>
  record === found ? { record, writes: [], auditDrafts: [] } : written(record);

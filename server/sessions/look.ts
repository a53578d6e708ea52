import { FobtwinError } from '../../shared/errors.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { passwordKey } from '../accounts/password-record.ts';
import { accountKey } from '../accounts/record.ts';
import { type Decision, replyOnly, type Store } from '../store/port.ts';
import { areRead, keysBeneath, readerOf } from './beneath.ts';
import { type Judged, judge, written } from './judge.ts';
import type { SessionOptions } from './options.ts';
import { type SessionRecord, sessionKey } from './record.ts';

/** Looking at sessions: each look reads with them what they rest on, and judges them by it. */

export interface Looking {
  readonly store: Pick<Store, 'transact' | 'scan'>;
  readonly lifetimes: Required<SessionOptions>;
}

/** How often a session may change between reading it and deciding. */
export const ROUNDS_MAX = 8;

/**
 * The session as it stands, changed by `change` where it still is one. What it rests on is known
 * from the record alone, so that is read first; the decision reads both, and begins again when the
 * session rests on something else by now.
 *
 * @throws FobtwinError `unavailable` when it never stood still
 */
export async function look(
  tokenHash: string,
  now: UnixMillis,
  { store, lifetimes }: Looking,
  change: (record: SessionRecord) => Judged,
): Promise<SessionRecord | undefined> {
  const key = sessionKey(tokenHash);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const known = await store.transact([key], ([record]) => replyOnly(record));
    if (known === undefined) return undefined;
    const beneath = keysBeneath(known.account, known.proof ?? {});
    const owner = [accountKey(known.account), passwordKey(known.account)] as const;
    const keys = [key, ...owner, ...beneath] as const;
    const step = await store.transact(keys, ([record, account, password, ...records]) => {
      if (record === undefined) return replyOnly<Step>({ done: undefined });
      const isRead = areRead(beneath, record.account, record.proof ?? {});
      if (!isRead) return replyOnly<Step>(undefined);
      const read = readerOf(beneath, records);
      const judged = judge(record, { account, password, read }, now, lifetimes);
      return decided(judged.record === undefined ? judged : after(judged, change(judged.record)));
    });
    if (step !== undefined) return step.done;
  }
  throw changing();
}

export const changing = (): FobtwinError =>
  new FobtwinError('unavailable', 'This session is changing just now.', {
    nextStep: 'Try again.',
  });

/** Done, or `undefined` when other records must be read. */
type Step = { readonly done: SessionRecord | undefined } | undefined;

const decided = ({ record, writes, auditDrafts }: Judged): Decision<Step> => ({
  writes,
  auditDrafts,
  reply: { done: record },
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

import type { UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import { type Principal, SYSTEM } from '../access/scopes.ts';
import type { PasswordRecord } from '../accounts/password-record.ts';
import { type AccountRecord, isDisabled } from '../accounts/record.ts';
import type { AuditDraft } from '../audit/entry.ts';
import { type Also, put, remove, type Write } from '../store/port.ts';
import { weaknessOf } from './beneath.ts';
import type { SessionOptions } from './options.ts';
import { type SessionRecord, sessionKey } from './record.ts';

/** Pure rules: whether a session still is one, and how strong, by what it rests on just now. */

/** Why a session is over, as the audit log says it. */
export type EndCause =
  | 'expired'
  | 'idle'
  | 'accountGone'
  | 'accountDisabled'
  /** It was set anew, or taken away: whoever knew the old one may be a thief. */
  | 'passwordChanged'
  /** The person signed out. */
  | 'signedOut'
  /** All of the account's were ended. */
  | 'endSessions'
  /** The account began more than it may have. */
  | 'tooMany'
  | 'restored';

/** A use is written down when the last one that was is so long ago. */
export const SEEN_MILLIS = 60_000;

export interface RestsOn {
  readonly account: AccountRecord | undefined;
  readonly password: PasswordRecord | undefined;
  /** Reads what the session's proof lies on. */
  readonly also: Also;
}

/** What a look came to, and what is to be written of it. */
export interface Judged {
  /** Undefined: it is over. */
  readonly record: SessionRecord | undefined;
  readonly writes: readonly Write[];
  readonly auditDrafts: readonly AuditDraft[];
}

type Lifetimes = Required<SessionOptions>;

/**
 * A clock that was set back ends nothing, and makes nothing last longer than it was given: what
 * began by the later time has its whole life yet, and no more.
 */
export function bounded(
  record: SessionRecord,
  now: UnixMillis,
  { lifeMillis }: Lifetimes,
): SessionRecord {
  if (record.expiresAt - now <= lifeMillis) return record;
  return { ...record, lastSeenAt: now, expiresAt: (now + lifeMillis) as UnixMillis };
}

/** What was used later than it is now is not idle. */
export function endByTime(
  { lastSeenAt, expiresAt }: SessionRecord,
  now: UnixMillis,
  { idleMillis }: Lifetimes,
): EndCause | undefined {
  if (now >= expiresAt) return 'expired';
  return now - lastSeenAt >= idleMillis ? 'idle' : undefined;
}

function endOf(
  record: SessionRecord,
  { account, password }: RestsOn,
  now: UnixMillis,
  lifetimes: Lifetimes,
): EndCause | undefined {
  const byTime = endByTime(record, now, lifetimes);
  if (byTime !== undefined) return byTime;
  if (account === undefined) return 'accountGone';
  if (isDisabled(account)) return 'accountDisabled';
  // Not by which is later: a clock that was set back would let nobody stay signed in.
  return record.passwordSetAt === password?.setAt ? undefined : 'passwordChanged';
}

/** The session as it stands at `now`. Whatever has ended is removed, and audited this once. */
export function judge(
  record: SessionRecord,
  restsOn: RestsOn,
  now: UnixMillis,
  lifetimes: Lifetimes,
): Judged {
  const end = endOf(record, restsOn, now, lifetimes);
  if (end !== undefined) return ended(record, end, { principal: SYSTEM, now });
  const weakness = record.proof && weaknessOf(record.account, record.proof, restsOn.also, now);
  const within = bounded(record, now, lifetimes);
  if (weakness === undefined) {
    return within === record ? { record, writes: [], auditDrafts: [] } : written(within);
  }
  const { proof, ...weakened } = within;
  const draft = draftOf({ principal: SYSTEM, now }, 'weakenSession', {
    account: record.account,
    serial: proof?.serial,
    details: { session: record.id, from: proof?.strength ?? 'password', why: weakness },
  });
  return { ...written(weakened), auditDrafts: [draft] };
}

/** The record that it is now, to be written. */
export const written = (record: SessionRecord): Judged => ({
  record,
  writes: [put(sessionKey(record.tokenHash), record)],
  auditDrafts: [],
});

/** Its end, by whoever asked for it; default nobody. */
export function ended(
  { tokenHash, id, account }: SessionRecord,
  why: EndCause,
  { principal = SYSTEM, now }: { readonly principal?: Principal; readonly now: UnixMillis },
): Judged {
  const details = { session: id, why };
  return {
    record: undefined,
    writes: [remove(sessionKey(tokenHash))],
    auditDrafts: [draftOf({ principal, now }, 'endSession', { account, details })],
  };
}

/** It was used at `now`: written down once a minute at most. */
export const seen = (record: SessionRecord, now: UnixMillis): SessionRecord =>
  Math.abs(now - record.lastSeenAt) < SEEN_MILLIS ? record : { ...record, lastSeenAt: now };

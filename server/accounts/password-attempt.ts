import type { AccountId, RecordedOutcome, UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import type { AuditDraft } from '../audit/entry.ts';
import { type Decision, type Key, put, type Store, type Write } from '../store/port.ts';
import { clearFailures, isRepeat } from '../verification/failures.ts';
import type { Failures } from '../verification/types.ts';
import type { Hashing } from './hashing.ts';
import {
  changedRecord,
  countWrongPassword,
  type DirectoryPatience,
  failuresAt,
  PASSWORD_POLICY,
  passwordWait,
  wrongPasswordOf,
} from './password-failures.ts';
import { type Counted, failuresKey, type PasswordFailuresRecord } from './password-record.ts';
import type { PasswordAnswer } from './passwords-port.ts';

/** One attempt at a password, whoever judges it: what is counted, recorded and answered of it. */

/** What every attempt is decided with. */
export interface PasswordDeciding {
  readonly store: Pick<Store, 'transact'>;
  readonly hashing: Hashing;
  /** 32 bytes: shadows are drawn, and repeats are told, with it. */
  readonly countingKey: Uint8Array;
  /** Absent where no directory is asked. */
  readonly patience: DirectoryPatience | undefined;
}

export interface PasswordAttempt {
  /** As typed. */
  readonly user: string;
  /** As typed: what a directory is asked with. */
  readonly password: string;
  /** `undefined` where it can be no password. */
  readonly prepared: string | undefined;
  readonly source: string | undefined;
  readonly caller: Caller;
}

/** What an attempt counts on, with its record as it was found. */
export interface Count {
  readonly counted: Counted;
  readonly key: Key<PasswordFailuresRecord>;
}

export const countOn = (counted: Counted, { countingKey }: PasswordDeciding): Count => ({
  counted,
  key: failuresKey(counted, countingKey),
});

/** The entry that every attempt leaves; nothing of what was typed stands in it. */
export const signInDraft = (
  { source, caller }: PasswordAttempt,
  outcome: RecordedOutcome,
  account: AccountId | undefined,
): AuditDraft =>
  draftOf(caller, 'signIn', {
    outcome,
    ...(account === undefined ? {} : { account }),
    ...(source === undefined ? {} : { details: { source } }),
  });

/** A decision that answers with `outcome` and records it, or another one that only the log sees. */
export function answered(
  attempt: PasswordAttempt,
  answer: PasswordAnswer,
  {
    account,
    writes = [],
    recorded = answer.outcome,
  }: {
    readonly account: AccountId | undefined;
    readonly writes?: readonly Write[];
    readonly recorded?: RecordedOutcome;
  },
): Decision<PasswordAnswer> {
  return { writes, auditDrafts: [signInDraft(attempt, recorded, account)], reply: answer };
}

/** The failures now, and the wait that they make. */
export function standing(
  stored: PasswordFailuresRecord | undefined,
  { counted }: Count,
  now: UnixMillis,
  { patience }: PasswordDeciding,
): { readonly failures: Failures; readonly wait: number | undefined } {
  const failures = failuresAt(stored, counted, now);
  return { failures, wait: passwordWait(failures, now, patience) };
}

/** Whether it is the last wrong password again, so soon that it is a client's retry. */
export const repeats = (
  failures: Failures,
  { counted }: Count,
  { password, caller }: PasswordAttempt,
  { countingKey }: PasswordDeciding,
): boolean =>
  isRepeat(failures, wrongPasswordOf(password, counted, countingKey, caller.now), PASSWORD_POLICY);

/** The write that one wrong password makes: none where it is a repeat. */
export function wrongWrites(
  failures: Failures,
  count: Count,
  attempt: PasswordAttempt,
  deciding: PasswordDeciding,
): readonly Write[] {
  if (repeats(failures, count, attempt, deciding)) return [];
  const { now } = attempt.caller;
  const wrong = wrongPasswordOf(attempt.password, count.counted, deciding.countingKey, now);
  const after = countWrongPassword(failures, wrong, deciding.patience);
  return writesOf(failures, after, count, now);
}

export const rightWrites = (failures: Failures, count: Count, now: UnixMillis): readonly Write[] =>
  writesOf(failures, clearFailures(failures), count, now);

function writesOf(before: Failures, after: Failures, { key }: Count, now: UnixMillis): Write[] {
  const record = changedRecord(before, after, now);
  return record === undefined ? [] : [put(key, record)];
}

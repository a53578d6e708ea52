import { createHmac } from 'node:crypto';
import type { UnixMillis } from '../../shared/types.ts';
import {
  countWrongCode,
  NO_FAILURES,
  reachesDisable,
  retryAfterSeconds,
  type WrongCode,
} from '../verification/failures.ts';
import { DEFAULT_POLICY, type Policy } from '../verification/policy.ts';
import type { Failures } from '../verification/types.ts';
import type { Counted, PasswordFailuresRecord } from './password-record.ts';

/**
 * What wrong passwords count, by the rules of wrong codes: a wait that grows from the third on, and
 * a limit since the last right one. No lock in between, since nobody could resync a password.
 */
export const PASSWORD_POLICY: Policy = {
  ...DEFAULT_POLICY,
  lockAfterFailures: Number.POSITIVE_INFINITY,
};

/**
 * How wrong passwords at a directory are kept below what it locks people out for. Where a directory
 * is asked, every name waits by it, or the wait would tell whom the directory knows.
 */
export interface DirectoryPatience {
  /** Wrong passwords after which the directory is left alone a while: below its own threshold. */
  readonly failuresBeforeWait: number;
  /** The while: no shorter than the time after which the directory forgets wrong passwords. */
  readonly waitSeconds: number;
}

/**
 * Active Directory counts to its threshold (ten in Microsoft's baselines, and five is common) and
 * forgets wrong passwords after its observation window: half an hour where nobody chose otherwise.
 */
export const DEFAULT_DIRECTORY_PATIENCE: DirectoryPatience = {
  failuresBeforeWait: 3,
  waitSeconds: 1800,
};

/** Nobody's success would ever clear a shadow: it is forgotten when it was left alone so long. */
export const PASSWORD_SHADOW_FORGET_MILLIS = 30 * 86_400_000;

const MILLIS = 1000;

/** The failures as they count at `now`. */
export function failuresAt(
  stored: PasswordFailuresRecord | undefined,
  { of }: Counted,
  now: UnixMillis,
): Failures {
  if (stored === undefined) return NO_FAILURES;
  const isForgotten = of === 'nobody' && now - stored.changedAt >= PASSWORD_SHADOW_FORGET_MILLIS;
  return isForgotten ? NO_FAILURES : stored.failures;
}

/** Whole seconds until a password is tested again; `undefined` when there is no wait. */
export function passwordWait(
  { waitUntil }: Failures,
  now: UnixMillis,
  patience: DirectoryPatience | undefined,
): number | undefined {
  const secondsMax = patience?.waitSeconds ?? PASSWORD_POLICY.waitSecondsMax;
  return retryAfterSeconds(waitUntil, now, secondsMax);
}

/** Whether no password is good any more until one is set: a hundred were wrong. */
export const isSpent = (failures: Failures, { of }: Counted): boolean =>
  of !== 'directory' && reachesDisable(failures, PASSWORD_POLICY);

/** One wrong password more. */
export const countWrongPassword = (
  failures: Failures,
  wrong: WrongCode,
  patience: DirectoryPatience | undefined,
): Failures =>
  patience === undefined
    ? countWrongCode(failures, wrong, PASSWORD_POLICY)
    : countPatiently(failures, wrong, patience);

/** The row begins anew when the directory has forgotten the one before. */
function countPatiently(
  failures: Failures,
  wrong: WrongCode,
  { failuresBeforeWait, waitSeconds }: DirectoryPatience,
): Failures {
  const waitMillis = waitSeconds * MILLIS;
  const isOver = wrong.at - (failures.lastWrong?.at ?? wrong.at) >= waitMillis;
  const failuresInRow = isOver ? 1 : failures.failuresInRow + 1;
  return {
    failuresInRow,
    failuresSinceSuccess: failures.failuresSinceSuccess + 1,
    waitUntil: failuresInRow >= failuresBeforeWait ? wrong.at + waitMillis : 0,
    lastWrong: wrong,
  };
}

/** The record after `failures` have become what they are; `undefined` where nothing changed. */
export function changedRecord(
  before: Failures,
  after: Failures,
  now: UnixMillis,
): PasswordFailuresRecord | undefined {
  return after === before ? undefined : { version: 1, failures: after, changedAt: now };
}

/** Six hexadecimal digits tell a repeat, and say next to nothing of what it was. */
const WRONG_HEX_DIGITS = 6;

/** A wrong password as it is remembered for a minute: too little of a keyed hash to find it by. */
export const wrongPasswordOf = (
  password: string,
  { of, name }: Counted,
  key: Uint8Array,
  at: UnixMillis,
): WrongCode => ({
  hash: createHmac('sha256', key)
    .update(`wrong ${of} ${name}\n${password}`)
    .digest('hex')
    .slice(0, WRONG_HEX_DIGITS),
  at,
});

import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId, Code, UnixMillis } from '../../shared/types.ts';
import { secondsOf } from '../access/minute-counts.ts';
import {
  type IssuedCode,
  type IssuedCodesRecord,
  issuedCodeMac,
  issuedCodesKey,
} from '../accounts/issued-codes.ts';
import { put, type Write } from '../store/port.ts';
import { verificationMac } from './code.ts';
import { maskNumber } from './number.ts';
import type { PhoneObserver, SendingRefusal } from './observer.ts';
import { PHONE_CODE_ATTEMPTS, PHONE_CODE_MILLIS, RESEND_MILLIS, type SentCode } from './port.ts';
import { type Phone, type PhonesRecord, phonesKey } from './record.ts';
import type { PhoneRight } from './rights.ts';
import {
  accountWait,
  type SendingLimits,
  type SpendingCount,
  type SpendingRecord,
  sentInADay,
  spend,
} from './spending.ts';
import { isVouchedFor } from './vouched.ts';

/** Giving out one code, pure: what it counts, what is kept of it, and until when it is one. */

export interface Issue {
  readonly account: AccountId;
  readonly phone: Phone;
  readonly code: Code;
  readonly now: UnixMillis;
  /** To sign in by: what entitles to it. Undefined: the code proves the number and no more. */
  readonly right: PhoneRight | undefined;
}

/** What it is decided over, as the records stand. */
export interface IssueRecords {
  readonly phones: PhonesRecord;
  readonly issued: IssuedCodesRecord | undefined;
  readonly counts: readonly SpendingCount[];
  /** Of the counts' keys. */
  readonly spent: readonly (SpendingRecord | undefined)[];
}

export interface IssueKeys {
  /** Of codes that sign in. */
  readonly issuedCodes: Uint8Array;
  /** Of codes that prove a number. */
  readonly verification: Uint8Array;
}

export interface IssueOptions {
  readonly limits: SendingLimits;
  readonly keys: IssueKeys;
  /** Told what has kept a code back, before that is thrown. Default: nobody is told. */
  readonly onRefused?: PhoneObserver['refused'] | undefined;
}

/** @throws FobtwinError `tooManyRequests` with the seconds of the cool-down, or of a limit */
export function issueCode(
  issue: Issue,
  records: IssueRecords,
  { limits, keys, onRefused }: IssueOptions,
): { readonly writes: readonly Write[]; readonly sent: SentCode } {
  const { account, phone, now, right } = issue;
  const sentAt = sentInADay(records.phones.sentAt, now);
  const refuse = (by: SendingRefusal, message: string, waitMillis: number): never => {
    onRefused?.(by);
    throw tooMany(message, waitMillis);
  };
  const last = sentAt.at(-1);
  const cool = last === undefined ? 0 : last + RESEND_MILLIS - now;
  if (cool > 0) refuse('coolDown', 'A code was sent a moment ago.', cool);
  const wait = accountWait(sentAt, now, limits);
  if (wait > 0) {
    refuse('account', 'Too many codes were sent to the phones of this account.', wait);
  }
  const spent = spend(records.counts, records.spent, now, limits);
  if ('waitMillis' in spent) {
    return refuse(spent.name, 'Too many codes are being sent.', spent.waitMillis);
  }
  const expiresAt = Math.min(now + PHONE_CODE_MILLIS, right?.until ?? Infinity) as UnixMillis;
  const counted = { ...records.phones, sentAt: [...sentAt, now] };
  return {
    sent: {
      phone: phone.id,
      purpose: right === undefined ? 'verification' : 'signIn',
      expiresAt,
      resendAt: (now + RESEND_MILLIS) as UnixMillis,
    },
    writes: [
      ...spent.writes,
      ...(right === undefined
        ? [put(phonesKey(account), withPending(counted, issue, expiresAt, keys))]
        : [
            put(phonesKey(account), counted),
            put(issuedCodesKey(account), {
              ...records.issued,
              version: 1,
              phone: issuedCode(issue, right, expiresAt, keys),
            } satisfies IssuedCodesRecord),
          ]),
    ],
  };
}

const tooMany = (message: string, waitMillis: number): FobtwinError => {
  const retryAfterSeconds = secondsOf(waitMillis);
  return new FobtwinError('tooManyRequests', message, {
    retryAfterSeconds,
    nextStep: `Enter the code that you have, or wait ${retryAfterSeconds} seconds.`,
  });
};

function issuedCode(
  { account, phone, code, now }: Issue,
  right: PhoneRight,
  expiresAt: UnixMillis,
  keys: IssueKeys,
): IssuedCode {
  const { proofed, credential, token } = right;
  return {
    mac: issuedCodeMac(account, code, keys.issuedCodes),
    issuedAt: now,
    expiresAt,
    strength: 'phoneOtp',
    proofed,
    ...(credential === undefined ? {} : { credential }),
    ...(credential !== undefined && isVouchedFor(phone, right) ? { vouched: true } : {}),
    phone: phone.id,
    ...(token === undefined ? {} : { bonusOf: token }),
    attemptsLeft: PHONE_CODE_ATTEMPTS,
    usesLeft: 1,
  };
}

function withPending(
  record: PhonesRecord,
  { account, phone, code }: Issue,
  expiresAt: UnixMillis,
  keys: IssueKeys,
): PhonesRecord {
  const mac = verificationMac({ account, phone: phone.id, code }, keys.verification);
  const others = record.pending?.filter((each) => each.phone !== phone.id) ?? [];
  const attemptsLeft = PHONE_CODE_ATTEMPTS;
  return { ...record, pending: [...others, { phone: phone.id, mac, expiresAt, attemptsLeft }] };
}

/** What an audit entry tells of a phone: enough to know it by, and no whole number. */
export const phoneDetails = ({ id, number, country, kind }: Phone) => ({
  phone: maskNumber(number),
  phoneId: id,
  country,
  kind,
});

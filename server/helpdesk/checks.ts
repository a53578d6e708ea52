import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import type { AccountId, Code, PhoneId, Strength, UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { accountKey } from '../accounts/record.ts';
import { unknownAccount } from '../accounts/service.ts';
import { NO_PHONES, type PhonesRecord, phonesKey } from '../phones/record.ts';
import { type Decision, put, type Store } from '../store/port.ts';
import type { TokenService } from '../tokens/port.ts';
import { callBackNumbers, isSameNumber } from './call-back.ts';
import { checkRequired, refuseOwn } from './grounds.ts';
import type { HelpdeskOptions } from './options.ts';
import type { CallBackNumber, CodeCheckAnswer } from './port.ts';
import {
  type CallerCheckRecord,
  CHECK_MILLIS,
  type CheckMethod,
  callerCheckKey,
} from './record.ts';

/** How the helpdesk finds out that a caller is who he says: a code, or a call back. */

export interface Checking {
  readonly store: Pick<Store, 'transact'>;
  readonly tokens: Pick<TokenService, 'verify'>;
  readonly rng: Rng;
  readonly options: HelpdeskOptions;
}

const ID_BYTES = 8;

/** 16 lower-case hexadecimal digits. */
export const drawId = (rng: Rng): string => Buffer.from(rng.bytes(ID_BYTES)).toString('hex');

/** The code is judged and counted as any code of the account is, and spent when it is right. */
export async function checkByCode(
  { account, code }: { readonly account: AccountId; readonly code: Code },
  caller: Caller,
  { store, tokens, rng, options }: Checking,
): Promise<CodeCheckAnswer> {
  refuseOwn(account, caller);
  const answer = await tokens.verify({ account, code, purpose: 'callerCheck' }, caller);
  const { outcome, strength, retryAfterSeconds } = answer;
  if (outcome !== 'accepted') {
    return retryAfterSeconds === undefined ? { outcome } : { outcome, retryAfterSeconds };
  }
  const { issued } = answer;
  if (issued?.by === 'temporary') {
    throw checkRequired('A temporary code is no proof of who calls: the helpdesk gave it out.');
  }
  const record = newCheck(account, { method: 'code', strength }, caller, rng);
  const keys = [callerCheckKey(record.id), phonesKey(account)] as const;
  const check = await store.transact(keys, ([, phones = NO_PHONES]) => {
    if (issued?.by === 'phone' && !isHeld(issued.phone, phones, caller, options)) {
      throw checkRequired(
        `The phone that the code was sent to has not been held for ${options.callBackDays} days.`,
      );
    }
    return recorded(record, caller);
  });
  return { outcome, check };
}

/** Whoever has taken an account over has added his own phone, and reads out what comes to it. */
function isHeld(
  id: PhoneId | undefined,
  { phones }: PhonesRecord,
  { now }: Caller,
  { callBackDays }: HelpdeskOptions,
): boolean {
  const sentTo = phones.filter((phone) => phone.id === id);
  return callBackNumbers({ phones: sentTo, earlier: [] }, now, callBackDays).length > 0;
}

/** @throws FobtwinError `notFound`, `notAllowedNow`, `forbidden` */
export async function checkByCallBack(
  { account, phone }: { readonly account: AccountId; readonly phone: string },
  caller: Caller,
  { store, rng, options }: Checking,
): Promise<CallerCheckRecord> {
  refuseOwn(account, caller);
  const record = newCheck(account, { method: 'callBack' }, caller, rng);
  const keys = [accountKey(account), phonesKey(account), callerCheckKey(record.id)] as const;
  return await store.transact(keys, ([owner, phones = NO_PHONES]) => {
    if (owner === undefined) throw unknownAccount();
    const numbers = callBackNumbers(phones, caller.now, options.callBackDays);
    const called = numbers.find(({ number }) => isSameNumber(number, phone));
    if (called === undefined) throw notHeld(options);
    return recorded(record, caller, { phone: `…${called.number.slice(-LAST_DIGITS)}` });
  });
}

/** Of a number in the audit log. */
const LAST_DIGITS = 4;

export async function readCallBackNumbers(
  account: AccountId,
  caller: Caller,
  { store, options }: Pick<Checking, 'store' | 'options'>,
): Promise<readonly CallBackNumber[]> {
  refuseOwn(account, caller);
  const keys = [accountKey(account), phonesKey(account)] as const;
  return await store.transact(keys, ([owner, phones = NO_PHONES]) => {
    if (owner === undefined) throw unknownAccount();
    const numbers = callBackNumbers(phones, caller.now, options.callBackDays);
    const details = { numbers: numbers.length };
    const draft = draftOf(caller, 'readCallBackNumbers', { account, details });
    return { writes: [], auditDrafts: [draft], reply: numbers };
  });
}

function newCheck(
  account: AccountId,
  { method, strength }: { readonly method: CheckMethod; readonly strength?: Strength | undefined },
  { principal, now }: Caller,
  rng: Rng,
): CallerCheckRecord {
  return {
    version: 1,
    id: drawId(rng),
    account,
    method,
    by: principal.actor,
    at: now,
    expiresAt: (now + CHECK_MILLIS) as UnixMillis,
    ...(strength === undefined ? {} : { strength }),
  };
}

function recorded(
  check: CallerCheckRecord,
  caller: Caller,
  more: Readonly<Record<string, string>> = {},
): Decision<CallerCheckRecord> {
  const { account, id, method } = check;
  const draft = draftOf(caller, 'checkCaller', {
    account,
    details: { check: id, method, ...more },
  });
  return { writes: [put(callerCheckKey(id), check)], auditDrafts: [draft], reply: check };
}

const notHeld = ({ callBackDays }: HelpdeskOptions): FobtwinError =>
  new FobtwinError('notAllowedNow', 'This number may not be called back.', {
    nextStep:
      `Call one that the account has proved and held for ${callBackDays} days or more, ` +
      'or have the caller read out a code.',
  });

import { FobtwinError, invalidInput } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { formatTime } from '../../shared/time.ts';
import {
  type CredentialId,
  isAtLeast,
  type Strength,
  type UnixMillis,
} from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import { type Caller, STAFF_STRENGTH } from '../access/scopes.ts';
import { refuseForStaff } from '../access/staff.ts';
import { type IssuedCode, issuedCodeMac, issuedCodesKey } from '../accounts/issued-codes.ts';
import { type AccountRecord, accountKey, isDisabled } from '../accounts/record.ts';
import { unknownAccount } from '../accounts/service.ts';
import type { CredentialDetail, CredentialService } from '../credentials/port.ts';
import { addressesOf, type NoticeDraft, type NoticeWriter } from '../notices/port.ts';
import { noticeKey } from '../notices/record.ts';
import { drawCode } from '../phones/code.ts';
import { type PhonesRecord, phonesKey } from '../phones/record.ts';
import { type Decision, put, type Store } from '../store/port.ts';
import { type TokenRecord, tokenKey } from '../tokens/record.ts';
import { accountDisabled } from '../tokens/subject.ts';
import { ENTRIES } from './carry-out.ts';
import {
  type Found,
  groundsDetails,
  groundsKeys,
  groundsWrites,
  type Spent,
  spend,
} from './grounds.ts';
import { doneMailKeys, doneMails } from './mails.ts';
import type { HelpdeskOptions } from './options.ts';
import type { TemporaryCodeCommand, TemporaryCodeGiven } from './port.ts';
import { TEMPORARY_CODE } from './record.ts';

/**
 * A temporary code stands in for a token that was left at home: it proves at most what that would,
 * at most as a Mobile ID, and ends with the subscription. It is mailed to the account; who gives it
 * sees it only where there is no address. One at a time: the next takes the last one's place.
 */

export interface Giving {
  readonly store: Pick<Store, 'transact'>;
  readonly credentials: Pick<CredentialService, 'entitlement'>;
  readonly notices: NoticeWriter;
  readonly rng: Rng;
  /** 32 bytes, derived for `issuedCodes`. */
  readonly codeKey: Uint8Array;
  readonly options: HelpdeskOptions;
}

const action = 'temporaryCode' as const;

export async function giveTemporaryCode(
  command: TemporaryCodeCommand,
  caller: Caller,
  giving: Giving,
): Promise<TemporaryCodeGiven> {
  checkBounds(command);
  const phoneOtp = await giving.credentials.entitlement(command.account, 'phoneOtp', caller.now);
  return decideOn({ command, caller, phoneOtp }, giving);
}

function checkBounds({ lifeMillis, strength, uses }: TemporaryCodeCommand): void {
  const { lifeMillisMin, lifeMillisMax, usesMax, strengths } = TEMPORARY_CODE;
  if (lifeMillis < lifeMillisMin) throw invalidInput('/life', 'tooSmall', 'It lives for a minute.');
  if (lifeMillis > lifeMillisMax) throw invalidInput('/life', 'tooLarge', 'It lives for 7 days.');
  if (uses < 1) throw invalidInput('/uses', 'tooSmall', 'It is used once at least.');
  if (uses > usesMax)
    throw invalidInput('/uses', 'tooLarge', `It is used ${usesMax} times at most.`);
  if (strengths.includes(strength)) return;
  throw invalidInput('/strength', 'notAllowed', 'It proves phoneOtp or mobileId.');
}

interface Asked {
  readonly command: TemporaryCodeCommand;
  readonly caller: Caller;
  readonly phoneOtp: CredentialDetail | undefined;
}

function decideOn(
  { command, caller, phoneOtp }: Asked,
  giving: Giving,
): Promise<TemporaryCodeGiven> {
  const { account, check } = command;
  const mail = noticeKey(`${check}:temporaryCode`);
  const keys = [
    ...groundsKeys(command),
    accountKey(account),
    issuedCodesKey(account),
    phonesKey(account),
    mail,
    ...doneMailKeys(check),
  ] as const;
  const code = drawCode(giving.rng, TEMPORARY_CODE.digits);
  return giving.store.transact(keys, (records, also): Decision<TemporaryCodeGiven> => {
    const [checked, approval, owner, codes, phones, mailed, ...present] = records;
    const found: Found = { check: checked, approval };
    const claim = { ...command, intent: { ...command, action } };
    const spent = spend(claim, found, caller, giving.options);
    const tokens = owner?.serials.map((serial) => also(tokenKey(serial))) ?? [];
    const basis = basisOf({ owner, tokens, phones, phoneOtp }, command, caller.now);
    if (isAtLeast(command.strength, STAFF_STRENGTH)) {
      refuseForStaff(basis.owner, caller, ['credentials:admin']);
    }
    const issued: IssuedCode = {
      mac: issuedCodeMac(account, code, giving.codeKey),
      issuedAt: caller.now,
      expiresAt: Math.min(caller.now + command.lifeMillis, basis.until) as UnixMillis,
      strength: command.strength,
      proofed: false,
      ...(basis.credential === undefined ? {} : { credential: basis.credential }),
      attemptsLeft: TEMPORARY_CODE.attempts,
      usesLeft: command.uses,
    };
    const to = addressesOf(basis.owner);
    const draft = mailOf(command, code, { id: mail.id, to, issued });
    const done = { account, check, action, at: caller.now };
    return {
      writes: [
        ...groundsWrites(spent),
        put(issuedCodesKey(account), { ...codes, version: 1, temporary: issued }),
        ...(to.length === 0 ? [] : giving.notices.write(draft, mailed)),
        ...doneMails({ ...done, reason: command.reason }, basis.owner, present, giving.notices),
      ],
      auditDrafts: [entryOf(command, spent, issued, caller)],
      reply: {
        expiresAt: issued.expiresAt,
        strength: issued.strength,
        uses: issued.usesLeft,
        mailed: to.length > 0,
        ...(to.length > 0 ? {} : { code }),
      },
    };
  });
}

const mailOf = (
  { account, reason, strength }: TemporaryCodeCommand,
  code: string,
  { id, to, issued }: { readonly id: string; to: readonly string[]; readonly issued: IssuedCode },
): NoticeDraft => ({
  id,
  template: 'temporaryCode',
  to,
  account,
  at: issued.issuedAt,
  values: { expires: formatTime(issued.expiresAt), strength, reason },
  secrets: { code },
});

function entryOf(
  { account, reason }: TemporaryCodeCommand,
  spent: Spent,
  { expiresAt, strength, usesLeft }: IssuedCode,
  caller: Caller,
) {
  const what = { expiresAt: formatTime(expiresAt), strength, uses: usesLeft };
  const details = { ...groundsDetails(reason, spent), ...what };
  return draftOf(caller, ENTRIES.temporaryCode, { account, details });
}

interface Person {
  readonly owner: AccountRecord | undefined;
  readonly tokens: readonly (TokenRecord | undefined)[];
  readonly phones: PhonesRecord | undefined;
  readonly phoneOtp: CredentialDetail | undefined;
}

/** What was forgotten: what it proves, until when, and for which credential. */
interface Basis {
  readonly owner: AccountRecord;
  readonly strength: Strength;
  readonly until: number;
  readonly credential?: CredentialId | undefined;
}

/** @throws FobtwinError `notFound`, `notAllowedNow` */
function basisOf(person: Person, { strength }: TemporaryCodeCommand, now: UnixMillis): Basis {
  const { owner } = person;
  if (owner === undefined) throw unknownAccount();
  if (isDisabled(owner)) throw accountDisabled();
  const forgotten = [...tokenBases(owner, person), ...phoneBases(owner, person)]
    .filter(({ until }) => until > now)
    .toSorted((a, b) => b.until - a.until);
  const enough = forgotten.find((basis) => isAtLeast(basis.strength, strength));
  if (enough !== undefined) return enough;
  throw new FobtwinError('notAllowedNow', 'The account has nothing that proves so much.', {
    nextStep:
      'A temporary code stands in for a token or phone that works: ' +
      'choose phoneOtp, or see to the credential first.',
  });
}

/** What an administrator holds back, or time has ended, no telephone call gives back. */
const tokenBases = (owner: AccountRecord, { tokens }: Person): readonly Basis[] =>
  tokens.flatMap((token): Basis[] => {
    const isHeld = token?.holds.some((hold) => hold !== 'locked' && hold !== 'lost');
    if (token?.life !== 'registered' || isHeld) return [];
    const { entitlement } = token;
    const until = entitlement?.until ?? Number.POSITIVE_INFINITY;
    return [{ owner, strength: 'mobileId', until, credential: entitlement?.credential }];
  });

function phoneBases(owner: AccountRecord, { phones, phoneOtp }: Person): readonly Basis[] {
  const isProved = phones?.phones.some(({ verifiedAt }) => verifiedAt !== undefined) ?? false;
  if (!isProved || phoneOtp === undefined) return [];
  const { subscription, credential } = phoneOtp;
  return [
    { owner, strength: 'phoneOtp', until: subscription.expiresAt, credential: credential.id },
  ];
}

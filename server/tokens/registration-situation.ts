import { FobtwinError } from '../../shared/errors.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { refusalForStaff } from '../access/staff.ts';
import {
  ACCOUNT_TOKENS_MAX,
  type AccountFailuresRecord,
  type AccountRecord,
  isDisabled,
} from '../accounts/record.ts';
import { refusal } from '../verification/holds.ts';
import type { Verdict } from '../verification/types.ts';
import { maySeeTokens, type PairFinding, type PairSearched } from './pair-answer.ts';
import type { RegistrationCommand, TokenDetail } from './port.ts';
import { type Credentialled, misfitError, misfitOf } from './registration-credential.ts';
import type { ShadowRecord } from './shadows.ts';
import { accountDisabled, endOf } from './subject.ts';

/** What a registration finds, and whether anything can come of it. */

/** The records as the decision finds them. */
export interface Situation {
  readonly known: TokenDetail | undefined;
  readonly account: AccountRecord | undefined;
  readonly failures: AccountFailuresRecord;
  readonly serialShadow: ShadowRecord;
  readonly accountShadow: ShadowRecord;
  readonly searched: PairSearched | undefined;
  /** What it is to be the authenticator of; an error where that takes none. */
  readonly under: Credentialled | FobtwinError;
}

/** The token, where its serial could be registered to somebody. */
export function freeToken(
  { known, under }: Situation,
  { account }: RegistrationCommand,
): TokenDetail | undefined {
  if (known?.token.life !== 'stocked' || known.token.holds.length > 0) return undefined;
  return misfitOf(known.token, account, credentialOf(under)) === undefined ? known : undefined;
}

const credentialOf = (under: Situation['under']) =>
  under instanceof FobtwinError ? undefined : under?.credential;

/** A disabled account gets no token, as it uses none. */
export const takesTokens = (account: AccountRecord): boolean =>
  !isFull(account) && !isDisabled(account);

const isFull = ({ serials }: AccountRecord): boolean => serials.length >= ACCOUNT_TOKENS_MAX;

export const failedRegistrations = ({
  account,
  failures,
  accountShadow,
}: Situation): readonly UnixMillis[] =>
  (account === undefined ? accountShadow : failures).failedRegistrations;

/** What a registration asks. */
interface Asked {
  readonly command: RegistrationCommand;
  readonly caller: Caller;
}

/**
 * Why the caller may not give this account of staff an authenticator; undefined where he may. A
 * Mobile ID was shown to its account by somebody who might.
 */
export function staffRefusal(
  { known, account }: Situation,
  { command, caller }: Asked,
): FobtwinError | undefined {
  const token = known?.token;
  const wasGiven = token?.mobileId === true && token.intendedAccount === command.account;
  if (account === undefined || wasGiven) return undefined;
  return refusalForStaff(account, caller, ['tokens:admin', 'credentials:admin']);
}

/** What is refused before a code is looked at, and said plainly to those who may know. */
export function refusedOutright(
  situation: Situation,
  { command, caller }: Asked,
): FobtwinError | undefined {
  const { known, account, under } = situation;
  const ofStaff = staffRefusal(situation, { command, caller });
  if (caller.principal.account === command.account && ofStaff !== undefined) return ofStaff;
  if (!maySeeTokens(caller)) return undefined;
  if (account !== undefined && isFull(account)) {
    return new FobtwinError('notAllowedNow', `This account has ${ACCOUNT_TOKENS_MAX} tokens.`, {
      nextStep: 'Revoke one that is no longer used.',
    });
  }
  if (account !== undefined && isDisabled(account)) {
    return accountDisabled();
  }
  if (account === undefined) {
    return new FobtwinError('notFound', `There is no account ${command.account}.`, {
      nextStep: 'Add it first: fobd account add ID.',
    });
  }
  if (ofStaff !== undefined) return ofStaff;
  const end = endOf(command.serial, known, caller.now);
  if (end !== undefined) return end;
  if (known?.token.life !== 'registered') {
    const misfit = known && misfitOf(known.token, command.account, credentialOf(under));
    return misfit && misfitError(misfit);
  }
  return new FobtwinError('alreadyRegistered', `Token ${command.serial} is registered already.`, {
    nextStep: 'Check the serial; a registered token can only be revoked.',
  });
}

/** Why nothing could come of it, for the audit log. */
export function reasonOf(situation: Situation, { command, caller }: Asked): string {
  const { known, account, under } = situation;
  if (account === undefined) return 'accountUnknown';
  if (known === undefined) return 'serialUnknown';
  if (isDisabled(account)) return 'accountDisabled';
  if (isFull(account)) return 'accountFull';
  if (staffRefusal(situation, { command, caller }) !== undefined) return 'accountOfStaff';
  if (known.token.life !== 'stocked') return known.token.life;
  return misfitOf(known.token, command.account, credentialOf(under)) ?? 'held';
}

/**
 * The truth of a registration that could not come to anything. A held token's hold is an outcome;
 * an unknown, foreign or revoked serial, or an unknown account, is a wrong pair like any other to
 * whoever may not read tokens, and those who may have been told before.
 */
export function refusedAs({ known, account }: Situation, cover: Verdict): PairFinding['outcome'] {
  if (account === undefined || known?.token.life !== 'stocked') return cover.outcome;
  return refusal('registered', known.token.holds) ?? cover.outcome;
}

import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId, UnixMillis } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import {
  ACCOUNT_TOKENS_MAX,
  type AccountFailuresRecord,
  type AccountRecord,
  accountFailuresKey,
  accountKey,
  isDisabled,
  NO_ACCOUNT_FAILURES,
} from '../accounts/record.ts';
import { type Decision, type Key, put, replyOnly, type Store, type Write } from '../store/port.ts';
import { refusal } from '../verification/holds.ts';
import { registerDecided, registerRefused } from '../verification/register.ts';
import {
  addFailedRegistration,
  registrationRetryAfterSeconds,
} from '../verification/registration-limit.ts';
import type { FactorRecord, Unseeded, Verdict } from '../verification/types.ts';
import {
  maySeeTokens,
  type PairFinding,
  type PairReply,
  type PairSearched,
  pairDecision,
  pairSearch,
  refusedPair,
} from './pair-answer.ts';
import type { RegistrationCommand, TokenDetail } from './port.ts';
import { factorKey, type TokenRecord, tokenKey } from './record.ts';
import { done, holdsFor, type Step, settle, wantedOf, wantedOfStandIn } from './settle.ts';
import {
  currentShadow,
  type ShadowRecord,
  shadowKey,
  shadowWrites,
  unseededStandIn,
  withCounts,
} from './shadows.ts';
import {
  accountDisabled,
  type Deciding,
  detailOf,
  endOf,
  tokenWrites,
  unseeded,
} from './subject.ts';

/**
 * Binding a token to an account by two codes. The failed pair counts on both sides: on the account
 * for a day, on the serial until the helpdesk unlocks it. Where one side does not exist, or the
 * serial is not to be had, its shadow counts instead and the same work is done. Each side counts
 * in one place whatever the other is: else a spent serial would tell accounts that exist from
 * those that do not, and a stocked serial from the rest.
 */

type Keys = readonly [
  Key<TokenRecord>,
  Key<FactorRecord>,
  Key<AccountRecord>,
  Key<AccountFailuresRecord>,
  Key<ShadowRecord>,
  Key<ShadowRecord>,
];

interface Question {
  readonly command: RegistrationCommand;
  readonly caller: Caller;
  readonly deciding: Deciding;
  readonly keys: Keys;
}

/** The records as the decision finds them. */
interface Situation {
  readonly known: TokenDetail | undefined;
  readonly account: AccountRecord | undefined;
  readonly failures: AccountFailuresRecord;
  readonly serialShadow: ShadowRecord;
  readonly accountShadow: ShadowRecord;
  readonly searched: PairSearched | undefined;
}

/** One pair of a serial at a time. */
export function registerToken(
  command: RegistrationCommand,
  caller: Caller,
  store: Pick<Store, 'transact'>,
  deciding: Deciding,
): Promise<PairReply> {
  const { serial, account } = command;
  const keys: Keys = [
    tokenKey(serial),
    factorKey(serial),
    accountKey(account),
    accountFailuresKey(account),
    shadowKey({ of: 'serial', name: serial }, deciding.shadowPrefix),
    shadowKey({ of: 'account', name: account }, deciding.shadowPrefix),
  ];
  const question: Question = { command, caller, deciding, keys };
  const decideNow = (searched: PairSearched | undefined): Promise<Step<PairReply>> =>
    store.transact(keys, ([token, factor, record, failures, serialShadow, accountShadow]) => {
      const situation: Situation = {
        known: detailOf(token, factor),
        account: record,
        failures: failures ?? NO_ACCOUNT_FAILURES,
        serialShadow: currentShadow(serialShadow, caller.now),
        accountShadow: currentShadow(accountShadow, caller.now),
        searched,
      };
      return decide(situation, question);
    });
  const search = pairSearch({ ...command, now: caller.now });
  return deciding.searches.alone(`serial:${serial}`, () => settle(decideNow, search, deciding));
}

function decide(situation: Situation, question: Question): Decision<Step<PairReply>> {
  const { command, caller, deciding } = question;
  const { known, account } = situation;
  const error = refusedOutright(situation, question);
  if (error !== undefined) return done(refusedPair('register', error, aboutOf(command), caller));
  const wait = registrationRetryAfterSeconds(
    failedRegistrations(situation),
    caller.now,
    deciding.env.policy,
  );
  if (wait !== undefined) {
    const finding = { outcome: 'throttled', retryAfterSeconds: wait, after: known } as const;
    return done(pairDecision('register', finding, aboutOf(command), [], caller));
  }
  const free = freeToken(situation);
  if (free === undefined || account === undefined || !takesTokens(account)) {
    return onStandIn(free, situation, question);
  }
  return onToken(free, account, situation, question);
}

/** The token, where its serial could be registered to somebody. */
const freeToken = ({ known }: Situation): TokenDetail | undefined =>
  known?.token.life === 'stocked' && known.token.holds.length === 0 ? known : undefined;

/** A disabled account gets no token, as it uses none. */
const takesTokens = (account: AccountRecord): boolean => !isFull(account) && !isDisabled(account);

const isFull = ({ serials }: AccountRecord): boolean => serials.length >= ACCOUNT_TOKENS_MAX;

const aboutOf = ({ serial, account }: RegistrationCommand) => ({ serial, account });

const failedRegistrations = ({
  account,
  failures,
  accountShadow,
}: Situation): readonly UnixMillis[] =>
  (account === undefined ? accountShadow : failures).failedRegistrations;

/** What is refused before a code is looked at, and said plainly to those who may know. */
function refusedOutright(
  { known, account }: Situation,
  { command, caller }: Question,
): FobtwinError | undefined {
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
  const end = endOf(command.serial, known);
  if (end !== undefined || known?.token.life !== 'registered') return end;
  return new FobtwinError('alreadyRegistered', `Token ${command.serial} is registered already.`, {
    nextStep: 'Check the serial; a registered token can only be revoked.',
  });
}

/** `undefined` where the pair must be looked for. */
function judge(
  subject: Unseeded,
  { searched }: Situation,
  { caller: { now }, deciding: { env } }: Question,
): Verdict | undefined {
  const refused = registerRefused(subject, env);
  if (refused !== undefined || !holdsFor(searched, subject, now, env)) return refused;
  return registerDecided(subject, searched.found, now, env);
}

/** A stocked token and an account, both free: the pair decides. */
function onToken(
  known: TokenDetail,
  account: AccountRecord,
  situation: Situation,
  question: Question,
): Decision<Step<PairReply>> {
  const { command, caller, deciding } = question;
  const subject = unseeded(known);
  const verdict = judge(subject, situation, question);
  if (verdict === undefined) {
    return replyOnly({ search: wantedOf(known, caller.now, deciding.vault) });
  }
  const registered = verdict.outcome === 'accepted';
  const after: TokenDetail = {
    token: registered ? registeredTo(account.id, known.token, caller.now) : known.token,
    factor: verdict.record,
  };
  const writes = tokenWrites(known, after);
  if (registered) {
    const serials = [...account.serials, command.serial];
    writes.push(put(accountKey(account.id), { ...account, serials }));
  }
  if (verdict.outcome === 'wrongCode') writes.push(...failedOnAccount(situation, question));
  const finding: PairFinding = { outcome: verdict.outcome, after };
  return done(pairDecision('register', finding, aboutOf(command), writes, caller));
}

/** The token once two codes have bound it to an account. */
export const registeredTo = (
  account: AccountId,
  token: TokenRecord,
  now: UnixMillis,
): TokenRecord => ({ ...token, life: 'registered', account, registeredAt: now });

/**
 * Nothing can come of it: the same work, counted where a stranger cannot tell the difference.
 *
 * @param free the token, where it is the account that is not to be had
 */
function onStandIn(
  free: TokenDetail | undefined,
  situation: Situation,
  question: Question,
): Decision<Step<PairReply>> {
  const { command, caller, deciding, keys } = question;
  const { known, serialShadow } = situation;
  const counts = {
    failures: serialShadow.failures,
    failedPairs: free?.factor.failedPairs ?? serialShadow.failedRegistrationPairs,
    holds: [],
  };
  const subject = unseededStandIn(known, counts);
  const cover = judge(subject, situation, question);
  if (cover === undefined) {
    return replyOnly({ search: wantedOfStandIn(subject, caller.now, deciding.vault) });
  }
  const { failedPairs } = cover.record;
  const writes = free
    ? tokenWrites(free, withFailedPairs(free, failedPairs))
    : shadowWrites(
        keys[4],
        serialShadow,
        withCounts(serialShadow, { failedRegistrationPairs: failedPairs }, caller.now),
      );
  if (cover.outcome === 'wrongCode') writes.push(...failedOnAccount(situation, question));
  const finding: PairFinding = { outcome: refusedAs(situation, cover), cover, after: known };
  const about = { ...aboutOf(command), details: { because: reasonOf(situation) } };
  return done(pairDecision('register', finding, about, writes, caller));
}

/** The token with its failed pairs; the very object given when they are its own. */
const withFailedPairs = (token: TokenDetail, failedPairs: number): TokenDetail =>
  token.factor.failedPairs === failedPairs
    ? token
    : { ...token, factor: { ...token.factor, failedPairs } };

/** Why nothing could come of it, for the audit log. */
function reasonOf({ known, account }: Situation): string {
  if (account === undefined) return 'accountUnknown';
  if (known === undefined) return 'serialUnknown';
  if (isDisabled(account)) return 'accountDisabled';
  if (isFull(account)) return 'accountFull';
  return known.token.life === 'stocked' ? 'held' : known.token.life;
}

/**
 * The truth of a registration that could not come to anything. A held token's hold is an outcome;
 * an unknown, foreign or revoked serial, or an unknown account, is a wrong pair like any other to
 * whoever may not read tokens, and those who may have been told before.
 */
function refusedAs({ known, account }: Situation, cover: Verdict): PairFinding['outcome'] {
  if (account === undefined || known?.token.life !== 'stocked') return cover.outcome;
  return refusal('registered', known.token.holds) ?? cover.outcome;
}

/** One failed pair more on the account's side. */
function failedOnAccount(
  { account, failures, accountShadow }: Situation,
  { caller: { now }, deciding, keys }: Question,
): Write[] {
  const { policy } = deciding.env;
  if (account === undefined) {
    const list = addFailedRegistration(accountShadow.failedRegistrations, now, policy);
    const after = withCounts(accountShadow, { failedRegistrations: list }, now);
    return shadowWrites(keys[5], accountShadow, after);
  }
  const list = addFailedRegistration(failures.failedRegistrations, now, policy);
  return [put(keys[3], { ...failures, failedRegistrations: list })];
}

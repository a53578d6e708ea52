import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId, UnixMillis } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import {
  type AccountFailuresRecord,
  type AccountRecord,
  accountFailuresKey,
  accountKey,
  NO_ACCOUNT_FAILURES,
} from '../accounts/record.ts';
import { type Decision, type Key, put, type Store, type Write } from '../store/port.ts';
import { registerDecided, registerRefused } from '../verification/register.ts';
import {
  addFailedRegistration,
  registrationRetryAfterSeconds,
} from '../verification/registration-limit.ts';
import type { FactorRecord, Unseeded, Verdict } from '../verification/types.ts';
import {
  type PairFinding,
  type PairReply,
  type PairSearched,
  pairDecision,
  pairSearch,
  refusedPair,
} from './pair-answer.ts';
import type { RegistrationCommand, TokenDetail } from './port.ts';
import { factorKey, type TokenRecord, tokenKey } from './record.ts';
import { credentialKeys, credentialled, entitledBy } from './registration-credential.ts';
import {
  failedRegistrations,
  freeToken,
  reasonOf,
  refusedAs,
  refusedOutright,
  type Situation,
  staffRefusal,
  takesTokens,
} from './registration-situation.ts';
import { done, holdsFor, lacking, type Step, settle, wantedOf, wantedOfStandIn } from './settle.ts';
import {
  currentShadow,
  type ShadowRecord,
  shadowKey,
  shadowWrites,
  unseededStandIn,
  withCounts,
} from './shadows.ts';
import { type Deciding, detailOf, tokenWrites, unseeded } from './subject.ts';

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
  ...ReturnType<typeof credentialKeys>,
];

interface Question {
  readonly command: RegistrationCommand;
  readonly caller: Caller;
  readonly deciding: Deciding;
  readonly keys: Keys;
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
    ...credentialKeys(command.credential),
  ];
  const question: Question = { command, caller, deciding, keys };
  const decideNow = (searched: PairSearched | undefined): Promise<Step<PairReply>> =>
    store.transact(keys, ([token, factor, record, failures, shadowOfSerial, shadow, ...under]) => {
      const situation: Situation = {
        known: detailOf(token, factor),
        account: record,
        failures: failures ?? NO_ACCOUNT_FAILURES,
        serialShadow: currentShadow(shadowOfSerial, caller.now),
        accountShadow: currentShadow(shadow, caller.now),
        searched,
        under: credentialled(command, ...under, caller.now),
      };
      return decide(situation, question);
    });
  const search = pairSearch({ ...command, now: caller.now });
  return deciding.searches.alone(`serial:${serial}`, () => settle(decideNow, search, deciding));
}

function decide(situation: Situation, question: Question): Decision<Step<PairReply>> {
  const { command, caller, deciding } = question;
  const { known, account, under } = situation;
  const error = under instanceof FobtwinError ? under : refusedOutright(situation, question);
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
  const free = freeToken(situation, command);
  const isRefused = staffRefusal(situation, question) !== undefined;
  if (free === undefined || account === undefined || !takesTokens(account) || isRefused) {
    return onStandIn(free, situation, question);
  }
  return onToken(free, account, situation, question);
}

const aboutOf = ({ serial, account, credential }: RegistrationCommand) =>
  credential === undefined ? { serial, account } : { serial, account, details: { credential } };

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
    return lacking(wantedOf(known, caller.now, deciding.vault));
  }
  const isRegistered = verdict.outcome === 'accepted';
  const bound = isRegistered ? bind(known.token, account, situation, caller.now) : undefined;
  const after: TokenDetail = { token: bound?.token ?? known.token, factor: verdict.record };
  const writes = [...tokenWrites(known, after), ...(bound?.writes ?? [])];
  if (verdict.outcome === 'wrongCode') writes.push(...failedOnAccount(situation, question));
  const finding: PairFinding = { outcome: verdict.outcome, after };
  return done(pairDecision('register', finding, aboutOf(command), writes, caller));
}

/** The token as it is bound, and what is written of its account and credential. */
function bind(
  token: TokenRecord,
  account: AccountRecord,
  { under }: Situation,
  now: UnixMillis,
): { readonly token: TokenRecord; readonly writes: readonly Write[] } {
  const bound = registeredTo(account.id, token, now);
  const serials = [...account.serials, token.serial];
  const listed = put(accountKey(account.id), { ...account, serials });
  if (under === undefined || under instanceof FobtwinError)
    return { token: bound, writes: [listed] };
  const entitled = entitledBy(under, bound, now);
  return { token: entitled.token, writes: [listed, ...entitled.writes] };
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
    return lacking(wantedOfStandIn(subject, caller.now, deciding.vault));
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
  const { details, ...about } = { details: {}, ...aboutOf(command) };
  const told = { ...about, details: { ...details, because: reasonOf(situation, question) } };
  return done(pairDecision('register', finding, told, writes, caller));
}

/** The token with its failed pairs; the very object given when they are its own. */
const withFailedPairs = (token: TokenDetail, failedPairs: number): TokenDetail =>
  token.factor.failedPairs === failedPairs
    ? token
    : { ...token, factor: { ...token.factor, failedPairs } };

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

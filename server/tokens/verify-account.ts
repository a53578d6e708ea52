import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId, Code, Serial } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import {
  type AccountFailuresRecord,
  type AccountRecord,
  accountFailuresKey,
  accountKey,
  isDisabled,
  NO_ACCOUNT_FAILURES,
} from '../accounts/record.ts';
import {
  type Decision,
  type Key,
  keyOf,
  put,
  replyOnly,
  type Store,
  type Write,
} from '../store/port.ts';
import { refusal } from '../verification/holds.ts';
import type { AccountVerdict, Attempt } from '../verification/types.ts';
import { judgeByAccount, judgeFoundByAccount } from '../verification/verify-account.ts';
import { decisionOf } from './answer.ts';
import { attemptOn, type CodeSearched, codeSearch, testOnShadow } from './attempt.ts';
import { codeEffort, withEqualEffort } from './effort.ts';
import type { TokenDetail, VerifyAnswer } from './port.ts';
import { FACTORS, factorKey, TOKENS, tokenKey } from './record.ts';
import { done, holdsFor, type Step, settle, wantedOf } from './settle.ts';
import { type Shaded, type ShadowRecord, shadowKey, shadowWrites } from './shadows.ts';
import {
  afterVerdict,
  countsOnItself,
  type Deciding,
  detailsOf,
  refusalOf,
  tokenWrites,
  withSubject,
} from './subject.ts';

/** How often tokens may come to or leave an account between reading it and deciding. */
const ROUNDS_MAX = 8;

/** Read in place of a token where an account has none; no serial is spelled so. */
const NO_TOKEN = '-';

/** One request, and what every decision about it needs. */
interface Question {
  readonly account: AccountId;
  readonly shadow: Key<ShadowRecord>;
  readonly attempt: Attempt;
  readonly caller: Caller;
  readonly store: Pick<Store, 'transact'>;
  readonly deciding: Deciding;
}

/** The records as the decision finds them. */
interface Situation {
  readonly record: AccountRecord | undefined;
  readonly failures: AccountFailuresRecord | undefined;
  readonly shadow: ShadowRecord | undefined;
  readonly searched: CodeSearched | undefined;
  /** The account's tokens, oldest registration first. */
  readonly tokens: readonly TokenDetail[];
}

/**
 * Whether a code is good for an account. Which tokens it has is read first; the decision reads
 * them all with the account, and begins again when it finds that they are others by now.
 *
 * @throws FobtwinError `unavailable` when they never stood still
 */
export async function verifyByAccount(
  { account, code }: { readonly account: AccountId; readonly code: Code },
  caller: Caller,
  store: Pick<Store, 'transact'>,
  deciding: Deciding,
): Promise<VerifyAnswer> {
  const shaded: Shaded = { of: 'account', name: account };
  const shadow = shadowKey(shaded, deciding.shadowPrefix);
  const attempt = attemptOn(shaded, code, caller, deciding);
  const question: Question = { account, shadow, attempt, caller, store, deciding };
  const step = await decideNow(question, undefined);
  if ('done' in step) return step.done;
  return deciding.searches.alone(`account:${account}`, () =>
    settle((searched) => decideNow(question, searched), codeSearch(attempt), deciding),
  );
}

async function decideNow(
  question: Question,
  searched: CodeSearched | undefined,
): Promise<Step<VerifyAnswer>> {
  const { account, store } = question;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const serials = await store.transact([accountKey(account)], ([record]) =>
      replyOnly(record?.serials ?? []),
    );
    const step = await decideAmong(serials, question, searched);
    if (step !== undefined) return step;
  }
  throw new FobtwinError('unavailable', "This account's tokens are changing just now.", {
    nextStep: 'Try again.',
  });
}

/** The step, or `undefined` when the account's tokens are not `serials`. */
function decideAmong(
  serials: readonly Serial[],
  question: Question,
  searched: CodeSearched | undefined,
): Promise<Step<VerifyAnswer> | undefined> {
  const { account, shadow, store } = question;
  const some = serials.length > 0;
  const tokens = some ? serials.map(tokenKey) : [keyOf(TOKENS, NO_TOKEN)];
  const factors = some ? serials.map(factorKey) : [keyOf(FACTORS, NO_TOKEN)];
  const keys = [
    accountKey(account),
    accountFailuresKey(account),
    shadow,
    ...[...tokens, ...factors],
  ] as const;
  return store.transact(keys, ([record, failures, shadowRecord, ...records]) => {
    if (!sameSerials(record?.serials ?? [], serials)) return replyOnly(undefined);
    const tokens = detailsOf(records);
    return decide({ record, failures, shadow: shadowRecord, searched, tokens }, question);
  });
}

const sameSerials = (a: readonly Serial[], b: readonly Serial[]): boolean =>
  a.length === b.length && a.every((serial, place) => serial === b[place]);

/**
 * The candidate is the latest registered without a hold. Without one, failures may have held the
 * latest, which then refuses by itself; or there is nothing to test, and the account's shadow
 * counts, as it does of an account that is disabled.
 */
function decide(situation: Situation, question: Question): Decision<Step<VerifyAnswer>> {
  const { record, tokens } = situation;
  const latest = tokens.at(-1);
  const free = tokens.findLast(({ token }) => refusal(token.life, token.holds) === undefined);
  const candidate = free ?? (latest && countsOnItself(latest.token) ? latest : undefined);
  return candidate === undefined || (record !== undefined && isDisabled(record))
    ? onShadow(latest, situation, question)
    : onCandidate(candidate, situation, question);
}

function onCandidate(
  candidate: TokenDetail,
  situation: Situation,
  question: Question,
): Decision<Step<VerifyAnswer>> {
  const { account, attempt, caller, deciding } = question;
  const stored = situation.failures ?? NO_ACCOUNT_FAILURES;
  const verdict = testCandidate(candidate, stored, situation, question);
  if (verdict === undefined) {
    return replyOnly({ search: wantedOf(candidate, attempt.now, deciding.vault) });
  }
  const { token, failures, ...judged } = verdict;
  const writes: Write[] = token ? tokenWrites(candidate, afterVerdict(candidate, token)) : [];
  if (failures !== stored.failures) {
    writes.push(put(accountFailuresKey(account), { ...stored, failures }));
  }
  const { serial } = candidate.token;
  const finding = { ...judged, token: candidate.token, record: token?.record };
  return done(decisionOf(finding, { serial, account }, writes, caller));
}

/** `undefined` where the resync window must be searched. */
function testCandidate(
  candidate: TokenDetail,
  { failures }: AccountFailuresRecord,
  { searched }: Situation,
  { attempt, deciding: { env, vault } }: Question,
): AccountVerdict | undefined {
  return withSubject(candidate, vault, (subject) => {
    const verdict = withEqualEffort(subject, env, codeEffort(env.policy), (counting) =>
      judgeByAccount(failures, subject, attempt, counting),
    );
    if (verdict !== undefined || !holdsFor(searched, subject, attempt.now, env)) return verdict;
    return judgeFoundByAccount(failures, subject, attempt, searched.found, env);
  });
}

function onShadow(
  latest: TokenDetail | undefined,
  situation: Situation,
  { shadow, attempt, caller, deciding, account }: Question,
): Decision<Step<VerifyAnswer>> {
  const { record, searched, shadow: stored } = situation;
  const tested = testOnShadow(latest, stored, attempt, searched, deciding);
  if ('search' in tested) return replyOnly(tested);
  const { cover, before, after } = tested;
  const ended = record !== undefined && isDisabled(record);
  const finding = { outcome: ended ? ('disabled' as const) : refusalOf(latest), cover };
  const about = latest === undefined ? { account } : { account, serial: latest.token.serial };
  return done(decisionOf(finding, about, shadowWrites(shadow, before, after), caller));
}

import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId, Code, Serial } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import {
  type AccountFailuresRecord,
  accountFailuresKey,
  accountKey,
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
import type { Attempt } from '../verification/types.ts';
import { verifyByAccount as judge } from '../verification/verify-account.ts';
import { decisionOf } from './answer.ts';
import { attemptOn, testOnShadow } from './attempt.ts';
import { codeEffort, withEqualEffort } from './effort.ts';
import type { TokenDetail, VerifyAnswer } from './port.ts';
import { FACTORS, factorKey, TOKENS, tokenKey } from './record.ts';
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
  readonly shaded: Shaded;
  readonly shadow: Key<ShadowRecord>;
  readonly attempt: Attempt;
  readonly caller: Caller;
  readonly deciding: Deciding;
}

/** The records as the decision finds them. */
interface Situation {
  readonly failures: AccountFailuresRecord | undefined;
  readonly shadow: ShadowRecord | undefined;
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
  store: Store,
  deciding: Deciding,
): Promise<VerifyAnswer> {
  const shaded: Shaded = { of: 'account', name: account };
  const shadow = shadowKey(shaded, deciding.shadowPrefix);
  const attempt = attemptOn(shaded, code, caller, deciding);
  const question: Question = { account, shaded, shadow, attempt, caller, deciding };
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const serials = await store.transact([accountKey(account)], ([record]) =>
      replyOnly(record?.serials ?? []),
    );
    const answer = await decideAmong(serials, question, store);
    if (answer !== undefined) return answer;
  }
  throw new FobtwinError('unavailable', "This account's tokens are changing just now.", {
    nextStep: 'Try again.',
  });
}

/** The answer, or `undefined` when the account's tokens are not `serials`. */
function decideAmong(
  serials: readonly Serial[],
  question: Question,
  store: Store,
): Promise<VerifyAnswer | undefined> {
  const { account, shadow } = question;
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
    const situation = { failures, shadow: shadowRecord, tokens: detailsOf(records) };
    return decide(situation, question);
  });
}

const sameSerials = (a: readonly Serial[], b: readonly Serial[]): boolean =>
  a.length === b.length && a.every((serial, place) => serial === b[place]);

/**
 * The candidate is the latest registered without a hold. Without one, failures may have held the
 * latest, which then refuses by itself; or there is nothing to test, and the account's shadow
 * counts.
 */
function decide(situation: Situation, question: Question): Decision<VerifyAnswer> {
  const { tokens } = situation;
  const latest = tokens.at(-1);
  const free = tokens.findLast(({ token }) => refusal(token.life, token.holds) === undefined);
  const candidate = free ?? (latest && countsOnItself(latest.token) ? latest : undefined);
  return candidate === undefined
    ? onShadow(latest, situation, question)
    : onCandidate(candidate, situation, question);
}

function onCandidate(
  candidate: TokenDetail,
  situation: Situation,
  question: Question,
): Decision<VerifyAnswer> {
  const { account, attempt, caller, deciding } = question;
  const { env, vault } = deciding;
  const stored = situation.failures ?? NO_ACCOUNT_FAILURES;
  const { token, failures, ...judged } = withSubject(candidate, vault, (subject) =>
    withEqualEffort(subject, env, codeEffort(env.policy), (counting) =>
      judge(stored.failures, subject, attempt, counting),
    ),
  );
  const writes: Write[] = token ? tokenWrites(candidate, afterVerdict(candidate, token)) : [];
  if (failures !== stored.failures) {
    writes.push(put(accountFailuresKey(account), { ...stored, failures }));
  }
  const { serial } = candidate.token;
  return decisionOf({ ...judged, token: candidate.token }, { serial, account }, writes, caller);
}

function onShadow(
  latest: TokenDetail | undefined,
  situation: Situation,
  { shaded, shadow, attempt, caller, deciding, account }: Question,
): Decision<VerifyAnswer> {
  const { cover, before, after } = testOnShadow(
    shaded,
    latest,
    situation.shadow,
    attempt,
    deciding,
  );
  const finding = { outcome: refusalOf(latest), cover };
  const about = latest === undefined ? { account } : { account, serial: latest.token.serial };
  return decisionOf(finding, about, shadowWrites(shadow, before, after), caller);
}

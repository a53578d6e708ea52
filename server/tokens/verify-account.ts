import type { AccountId, Code, CodeType, Hold } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { issuedCodeMac } from '../accounts/issued-codes.ts';
import { accountFailuresKey, isDisabled, NO_ACCOUNT_FAILURES } from '../accounts/record.ts';
import { type Decision, put, type Store, type Write } from '../store/port.ts';
import { NO_FAILURES } from '../verification/failures.ts';
import { withHold } from '../verification/holds.ts';
import type { AccountVerdict, Subject, Unseeded } from '../verification/types.ts';
import {
  type Candidates,
  judgeByAccount,
  judgeFoundByAccount,
} from '../verification/verify-account.ts';
import { onShadow } from './account-shadow.ts';
import {
  freeTokens,
  isWanted,
  makeUp,
  type Question,
  type Situation,
  scansFor,
  situationKeys,
  situationOf,
} from './account-situation.ts';
import { type About, decisionOf, type Finding } from './answer.ts';
import { attemptOn, type CodeSearched, codeSearch } from './attempt.ts';
import { codeEffort, withEqualEffort } from './effort.ts';
import { useWrites, wrongWrites } from './issued.ts';
import type { TokenDetail, VerifyAnswer, VerifyPurpose } from './port.ts';
import { tokenKey } from './record.ts';
import { done, holdsFor, lacking, type Step, settle, wantedOf, wantedOfStandIn } from './settle.ts';
import { type Shaded, shadowKey, unseededStandIn, withStandIn } from './shadows.ts';
import {
  afterVerdict,
  countsOnItself,
  type Deciding,
  refusalOf,
  tokenWrites,
  withSubjects,
} from './subject.ts';

export interface ByAccount {
  readonly account: AccountId;
  readonly code: Code;
  readonly credentialType?: CodeType | undefined;
  readonly purpose?: VerifyPurpose | undefined;
}

/** Whether a code is good for an account: decided over it and all that it has at that moment. */
export async function verifyByAccount(
  { account, code, credentialType, purpose }: ByAccount,
  caller: Caller,
  store: Pick<Store, 'transact'>,
  deciding: Deciding,
): Promise<VerifyAnswer> {
  const shaded: Shaded = { of: 'account', name: account };
  const attempt = attemptOn(shaded, code, caller, deciding);
  const { shadowPrefix, issuedCodesKey } = deciding;
  // Line by line: a literal with spreads in it has a shape of its own each time, which is dear.
  const question: Question = {
    account,
    credentialType,
    now: caller.now,
    mac: () => issuedCodesKey && issuedCodeMac(account, code, issuedCodesKey),
    shadow: () => shadowKey(shaded, shadowPrefix),
    attempt,
    purpose,
    caller,
    store,
    deciding,
  };
  const step = await decideNow(question, undefined);
  if ('done' in step) return step.done;
  return deciding.searches.alone(`account:${account}`, () =>
    settle((searched) => decideNow(question, searched), codeSearch(attempt), deciding),
  );
}

function decideNow(
  question: Question,
  searched: CodeSearched | undefined,
): Promise<Step<VerifyAnswer>> {
  return question.store.transact(situationKeys(question), (records, also) => {
    const situation = situationOf(records, also, question);
    const decision = decide(situation, searched, question);
    if (isEven(decision)) makeUp(situation, also, question);
    return decision;
  });
}

/** Whether its time may not tell what was read: of a code that was accepted it may. */
const isEven = ({ even = 0 }: Decision<unknown>): boolean => even > 0;

/**
 * Candidates are, of each type, the latest registered without a hold. Without any, failures may
 * have held the latest token, which then refuses by itself; or there is nothing to test, and the
 * account's shadow counts, as it does of an account that is disabled. Where an account has
 * candidates it counts itself, also when only others are asked for: a decoy does their work.
 */
function decide(
  situation: Situation,
  searched: CodeSearched | undefined,
  question: Question,
): Decision<Step<VerifyAnswer>> {
  const { record, tokens } = situation;
  const { now, credentialType } = question;
  const latest = tokens.at(-1);
  if (record !== undefined && isDisabled(record)) return onShadow(situation, searched, question);
  const free = freeTokens(tokens, now);
  if (free.length > 0) {
    return onCandidates(wantedAmong(free, credentialType), situation, searched, question);
  }
  return latest !== undefined && countsOnItself(latest.token, now)
    ? onCandidates({ tested: [latest], besides: [] }, situation, searched, question)
    : onShadow(situation, searched, question);
}

const NONE: readonly TokenDetail[] = [];

/** The account's free tokens. */
interface FreeTokens {
  /** None: a decoy in their place. */
  readonly tested: readonly TokenDetail[];
  /** Of a type that is not asked for. */
  readonly besides: readonly TokenDetail[];
}

function wantedAmong(free: readonly TokenDetail[], type: CodeType | undefined): FreeTokens {
  if (type === undefined) return { tested: free, besides: NONE };
  const besides = free.filter((detail) => !isWanted(detail, type));
  return { tested: free.filter((detail) => isWanted(detail, type)), besides };
}

function onCandidates(
  { tested, besides }: FreeTokens,
  situation: Situation,
  searched: CodeSearched | undefined,
  question: Question,
): Decision<Step<VerifyAnswer>> {
  const { account, caller, deciding, now, purpose } = question;
  const stored = situation.failures ?? NO_ACCOUNT_FAILURES;
  const { failures } = stored;
  const [first] = tested;
  if (first !== undefined) deciding.usual.parameters = first.token.parameters;
  const verdict = first
    ? withSubjects(tested, deciding.vault, (subjects) =>
        areSome(subjects)
          ? judge(subjects, { failures, situation, searched }, question)
          : undefined,
      )
    : withStandIn(DECOY, deciding.vault, (decoy) =>
        judge([decoy], { failures, situation, searched }, question),
      );
  if (verdict === undefined) {
    const search = first
      ? wantedOf(first, now, deciding.vault)
      : wantedOfStandIn(DECOY, now, deciding.vault);
    return lacking(search);
  }
  const writes = testedWrites(verdict, tested);
  if (verdict.failures !== failures) {
    writes.push(put(accountFailuresKey(account), { ...stored, failures: verdict.failures }));
  }
  const held = heldBesides(verdict, besides);
  for (const { token } of held) writes.push(put(tokenKey(token.serial), token));
  writes.push(...issuedWrites(verdict, situation, question));
  const finding = findingOf(verdict, tested, situation, question);
  const touched = held.length === 0 ? tested : [...tested, ...held];
  const about = aboutTested(verdict, touched, account);
  return done(decisionOf(finding, about, writes, caller, purpose));
}

const areSome = (subjects: readonly Subject[]): subjects is Candidates => subjects.length > 0;

/** Of most codes one record: the factor that moved on. */
function testedWrites({ tokens }: AccountVerdict, tested: readonly TokenDetail[]): Write[] {
  const writes: Write[] = [];
  let place = 0;
  for (const detail of tested) {
    const changed = tokens[place];
    if (changed !== undefined) writes.push(...tokenWrites(detail, afterVerdict(detail, changed)));
    place += 1;
  }
  return writes;
}

/**
 * The failures are the account's, whatever type each was of: their limit holds all that is free of
 * it. Or whoever names another type for every tenth guess would have the count begin anew for ever.
 */
const heldBesides = (
  { sets = [] }: AccountVerdict,
  besides: readonly TokenDetail[],
): readonly TokenDetail[] =>
  sets.length === 0
    ? NONE
    : besides.map(({ token, factor }) => ({
        token: { ...token, holds: sets.reduce<readonly Hold[]>(withHold, token.holds) },
        factor,
      }));

/** What stands for a type that the account has no free token of. */
const DECOY: Unseeded = unseededStandIn(undefined, {
  failures: NO_FAILURES,
  failedPairs: 0,
  holds: [],
});

interface Judging {
  readonly failures: AccountVerdict['failures'];
  readonly situation: Situation;
  readonly searched: CodeSearched | undefined;
}

/** `undefined` where the resync window must be searched. */
function judge(
  candidates: Candidates,
  { failures, situation, searched }: Judging,
  { attempt, credentialType, deciding: { env } }: Question,
): AccountVerdict | undefined {
  const [latest] = candidates;
  const effort = scansFor(credentialType) * codeEffort(env.policy);
  const { code, codeHash, now } = attempt;
  const tried = { code, codeHash, now, issued: situation.issued?.match !== undefined };
  const verdict = withEqualEffort(latest, env, effort, (counting) =>
    judgeByAccount(failures, candidates, tried, counting),
  );
  if (verdict !== undefined) return verdict;
  if (!holdsFor(searched, latest, now, env)) return undefined;
  return judgeFoundByAccount(failures, candidates, tried, searched.found, env);
}

/** A wrong code that is counted, or refused untested elsewhere, takes an attempt of each. */
function issuedWrites(
  { outcome, by, failures }: AccountVerdict,
  { issued, failures: before }: Situation,
  { account, now }: Question,
): readonly Write[] {
  if (by === 'issued' && issued !== undefined) return useWrites(account, issued);
  if (outcome === 'accepted' || outcome === 'replayed' || outcome === 'throttled') return [];
  const isTested = outcome === 'wrongCode' || outcome === 'nextCodeRequired';
  const isCounted = failures !== (before ?? NO_ACCOUNT_FAILURES).failures;
  return isTested && !isCounted ? [] : wrongWrites(account, issued, now);
}

function findingOf(
  verdict: AccountVerdict,
  tested: readonly TokenDetail[],
  { issued, tokens }: Situation,
  { credentialType, now }: Question,
): Finding {
  const { outcome, by, retryAfterSeconds } = verdict;
  if (by === 'issued') return { outcome, issued: issued?.match };
  if (by !== undefined) {
    return { outcome, token: tested[by]?.token, record: verdict.tokens[by]?.record };
  }
  const judged = { outcome, retryAfterSeconds };
  if (outcome === 'throttled') return judged;
  const isHeld =
    outcome !== 'wrongCode' && outcome !== 'nextCodeRequired' && outcome !== 'replayed';
  if (issued !== undefined) return isHeld ? { outcome: 'wrongCode', cover: judged } : judged;
  const latest = tokens.findLast((detail) => isWanted(detail, credentialType));
  const isOfOthers = !tested.some((each) => isWanted(each, credentialType));
  return isOfOthers ? { outcome: refusalOf(latest, now), cover: judged } : judged;
}

/**
 * The token that was right; else the latest of those that were tested, or held by the failure, and
 * the others besides.
 */
function aboutTested(
  { by, outcome, sets }: AccountVerdict,
  tested: readonly TokenDetail[],
  account: AccountId,
): About {
  if (by === 'issued') return { account };
  const right = by === undefined ? undefined : tested[by];
  if (right !== undefined) return { serial: right.token.serial, account };
  const [first, ...others] = tested;
  if (first === undefined) return { account };
  const about = { serial: first.token.serial, account };
  const also = others.map(({ token }) => token.serial).join(' ');
  const details = {
    ...(also === '' || outcome === 'throttled' ? {} : { also }),
    ...(sets === undefined ? {} : { sets: sets.join(' ') }),
  };
  return Object.keys(details).length === 0 ? about : { ...about, details };
}

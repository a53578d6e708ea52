import type { Code, Serial } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { accountKey, isDisabled, NO_ACCOUNT } from '../accounts/record.ts';
import type { Also, Decision, Store } from '../store/port.ts';
import { aboutVerdict, decisionOf } from './answer.ts';
import {
  attemptOn,
  type CodeSearched,
  codeSearch,
  type TokenAttempt,
  testCode,
  testOnShadow,
} from './attempt.ts';
import type { TokenDetail, VerifyAnswer, VerifyPurpose } from './port.ts';
import { factorKey, tokenKey } from './record.ts';
import { done, lacking, type Step, settle, wantedOf } from './settle.ts';
import { shadowKey, shadowWrites } from './shadows.ts';
import {
  aboutOf,
  afterVerdict,
  countsOnItself,
  type Deciding,
  detailOf,
  refusalOf,
  tokenWrites,
  withSubject,
} from './subject.ts';

/** One request, and what every decision about it needs. */
interface Question {
  readonly serial: Serial;
  readonly attempt: TokenAttempt;
  readonly caller: Caller;
  readonly purpose: VerifyPurpose | undefined;
  readonly store: Pick<Store, 'transact'>;
  readonly deciding: Deciding;
}

/** Whether a code is good for a serial. */
export function verifyBySerial(
  {
    serial,
    code,
    purpose,
  }: {
    readonly serial: Serial;
    readonly code: Code;
    readonly purpose?: VerifyPurpose | undefined;
  },
  caller: Caller,
  store: Pick<Store, 'transact'>,
  deciding: Deciding,
): Promise<VerifyAnswer> {
  const attempt = attemptOn({ of: 'serial', name: serial }, code, caller, deciding);
  const question: Question = { serial, attempt, caller, purpose, store, deciding };
  return decideOn(question, undefined).then((step) =>
    'done' in step ? step.done : searchFor(question),
  );
}

const searchFor = (question: Question): Promise<VerifyAnswer> =>
  question.deciding.searches.alone(`serial:${question.serial}`, () =>
    settle(
      (searched) => decideOn(question, searched),
      codeSearch(question.attempt),
      question.deciding,
    ),
  );

/**
 * The same four reads for a serial that exists and for one that does not, unless the code is right:
 * then the reply tells of the serial anyway.
 */
function decideOn(
  question: Question,
  searched: CodeSearched | undefined,
): Promise<Step<VerifyAnswer>> {
  const { serial, caller, store } = question;
  const keys = [tokenKey(serial), factorKey(serial)] as const;
  return store.transact(keys, ([token, factor], also): Decision<Step<VerifyAnswer>> => {
    const known = detailOf(token, factor);
    const account = known?.token.account;
    const owner = account === undefined ? undefined : also(accountKey(account));
    const ended = owner !== undefined && isDisabled(owner);
    if (known !== undefined && countsOnItself(known.token, caller.now) && !ended) {
      return onToken(known, also, searched, question);
    }
    return onShadow({ known, ended }, also, searched, question);
  });
}

/** What is read of the serial's shadow, and of an account where the token has none. */
function readRest({ serial, deciding }: Question, known: TokenDetail | undefined, also: Also) {
  if (known?.token.account === undefined) also(accountKey(NO_ACCOUNT));
  const shadow = shadowKey({ of: 'serial', name: serial }, deciding.shadowPrefix);
  return { shadow, stored: also(shadow) };
}

function onToken(
  known: TokenDetail,
  also: Also,
  searched: CodeSearched | undefined,
  question: Question,
): Decision<Step<VerifyAnswer>> {
  const { attempt, caller, purpose, deciding } = question;
  deciding.usual.parameters = known.token.parameters;
  const verdict = withSubject(known, deciding.vault, (subject) =>
    testCode(subject, attempt, searched, deciding),
  );
  if (verdict?.outcome !== 'accepted') readRest(question, known, also);
  if (verdict === undefined) {
    return lacking(wantedOf(known, attempt.now, deciding.vault));
  }
  const writes = tokenWrites(known, afterVerdict(known, verdict));
  const { outcome, retryAfterSeconds, record } = verdict;
  const finding = { outcome, retryAfterSeconds, record, token: known.token };
  return done(decisionOf(finding, aboutVerdict(known, verdict), writes, caller, purpose));
}

interface Unjudged {
  readonly known: TokenDetail | undefined;
  /** Its account is disabled. */
  readonly ended: boolean;
}

function onShadow(
  { known, ended }: Unjudged,
  also: Also,
  searched: CodeSearched | undefined,
  question: Question,
): Decision<Step<VerifyAnswer>> {
  const { serial, attempt, caller, purpose, deciding } = question;
  const { shadow, stored } = readRest(question, known, also);
  const tested = testOnShadow(known, stored, attempt, searched, deciding);
  if ('search' in tested) return lacking(tested.search);
  const { cover, before, after } = tested;
  const outcome = ended ? ('disabled' as const) : refusalOf(known, caller.now);
  const finding = { outcome, cover };
  const writes = shadowWrites(shadow, before, after);
  return done(decisionOf(finding, aboutOf(serial, known), writes, caller, purpose));
}

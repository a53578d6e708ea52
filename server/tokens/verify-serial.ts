import type { Code, Serial } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { accountKey, isDisabled, NO_ACCOUNT } from '../accounts/record.ts';
import type { Decision, Key, Store } from '../store/port.ts';
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
import { type Shaded, type ShadowRecord, shadowKey, shadowWrites } from './shadows.ts';
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
  readonly shadow: Key<ShadowRecord>;
  readonly attempt: TokenAttempt;
  readonly caller: Caller;
  readonly purpose: VerifyPurpose | undefined;
  readonly deciding: Deciding;
}

/** Whether a code is good for a serial. */
export async function verifyBySerial(
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
  const shaded: Shaded = { of: 'serial', name: serial };
  const shadow = shadowKey(shaded, deciding.shadowPrefix);
  const attempt = attemptOn(shaded, code, caller, deciding);
  const question: Question = { serial, shadow, attempt, caller, purpose, deciding };
  const step = await decideOn(question, undefined, store);
  if ('done' in step) return step.done;
  return deciding.searches.alone(`serial:${serial}`, () =>
    settle((searched) => decideOn(question, searched, store), codeSearch(attempt), deciding),
  );
}

/** The same four reads for a serial that exists and for one that does not. */
function decideOn(
  question: Question,
  searched: CodeSearched | undefined,
  store: Pick<Store, 'transact'>,
): Promise<Step<VerifyAnswer>> {
  const { serial, shadow, caller } = question;
  const keys = [tokenKey(serial), factorKey(serial), shadow] as const;
  return store.transact(keys, ([token, factor, stored], also): Decision<Step<VerifyAnswer>> => {
    const known = detailOf(token, factor);
    const owner = also(accountKey(known?.token.account ?? NO_ACCOUNT));
    const ended = owner !== undefined && isDisabled(owner);
    return known !== undefined && countsOnItself(known.token, caller.now) && !ended
      ? onToken(known, searched, question)
      : onShadow({ known, stored, ended }, searched, question);
  });
}

function onToken(
  known: TokenDetail,
  searched: CodeSearched | undefined,
  { attempt, caller, purpose, deciding }: Question,
): Decision<Step<VerifyAnswer>> {
  deciding.usual.parameters = known.token.parameters;
  const verdict = withSubject(known, deciding.vault, (subject) =>
    testCode(subject, attempt, searched, deciding),
  );
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
  readonly stored: ShadowRecord | undefined;
  /** Its account is disabled. */
  readonly ended: boolean;
}

function onShadow(
  { known, stored, ended }: Unjudged,
  searched: CodeSearched | undefined,
  { serial, shadow, attempt, caller, purpose, deciding }: Question,
): Decision<Step<VerifyAnswer>> {
  const tested = testOnShadow(known, stored, attempt, searched, deciding);
  if ('search' in tested) return lacking(tested.search);
  const { cover, before, after } = tested;
  const outcome = ended ? ('disabled' as const) : refusalOf(known, caller.now);
  const finding = { outcome, cover };
  const writes = shadowWrites(shadow, before, after);
  return done(decisionOf(finding, aboutOf(serial, known), writes, caller, purpose));
}

import type { Code, Serial } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { type Decision, type Key, replyOnly, type Store } from '../store/port.ts';
import type { Attempt } from '../verification/types.ts';
import { decisionOf } from './answer.ts';
import { attemptOn, type CodeSearched, codeSearch, testCode, testOnShadow } from './attempt.ts';
import type { TokenDetail, VerifyAnswer } from './port.ts';
import { factorKey, tokenKey } from './record.ts';
import { done, type Step, settle, wantedOf } from './settle.ts';
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
  readonly attempt: Attempt;
  readonly caller: Caller;
  readonly deciding: Deciding;
}

/** Whether a code is good for a serial. */
export async function verifyBySerial(
  { serial, code }: { readonly serial: Serial; readonly code: Code },
  caller: Caller,
  store: Pick<Store, 'transact'>,
  deciding: Deciding,
): Promise<VerifyAnswer> {
  const shaded: Shaded = { of: 'serial', name: serial };
  const shadow = shadowKey(shaded, deciding.shadowPrefix);
  const attempt = attemptOn(shaded, code, caller, deciding);
  const question: Question = { serial, shadow, attempt, caller, deciding };
  const step = await decideOn(question, undefined, store);
  if ('done' in step) return step.done;
  return deciding.searches.alone(`serial:${serial}`, () =>
    settle((searched) => decideOn(question, searched, store), codeSearch(attempt), deciding),
  );
}

/** The same three reads for a serial that exists and for one that does not. */
function decideOn(
  question: Question,
  searched: CodeSearched | undefined,
  store: Pick<Store, 'transact'>,
): Promise<Step<VerifyAnswer>> {
  const { serial, shadow } = question;
  const keys = [tokenKey(serial), factorKey(serial), shadow] as const;
  return store.transact(keys, ([token, factor, stored]) => {
    const known = detailOf(token, factor);
    return known !== undefined && countsOnItself(known.token)
      ? onToken(known, searched, question)
      : onShadow(known, stored, searched, question);
  });
}

function onToken(
  known: TokenDetail,
  searched: CodeSearched | undefined,
  { serial, attempt, caller, deciding }: Question,
): Decision<Step<VerifyAnswer>> {
  const verdict = withSubject(known, deciding.vault, (subject) =>
    testCode(subject, attempt, searched, deciding),
  );
  if (verdict === undefined) {
    return replyOnly({ search: wantedOf(known, attempt.now, deciding.vault) });
  }
  const writes = tokenWrites(known, afterVerdict(known, verdict));
  const finding = { ...verdict, token: known.token };
  return done(decisionOf(finding, aboutOf(serial, known), writes, caller));
}

function onShadow(
  known: TokenDetail | undefined,
  stored: ShadowRecord | undefined,
  searched: CodeSearched | undefined,
  { serial, shadow, attempt, caller, deciding }: Question,
): Decision<Step<VerifyAnswer>> {
  const tested = testOnShadow(known, stored, attempt, searched, deciding);
  if ('search' in tested) return replyOnly(tested);
  const { cover, before, after } = tested;
  const finding = { outcome: refusalOf(known), cover };
  const writes = shadowWrites(shadow, before, after);
  return done(decisionOf(finding, aboutOf(serial, known), writes, caller));
}

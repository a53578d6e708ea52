import { FobtwinError } from '../../shared/errors.ts';
import type { Caller } from '../access/scopes.ts';
import { bundleWrites } from '../credentials/bundle.ts';
import { ownSession } from '../credentials/own.ts';
import { replyOnly } from '../store/port.ts';
import {
  attemptsSpent,
  bundlePassed,
  questionsAnswered,
  questionsBegun,
  questionsJudged,
  questionsUnheard,
} from './changes.ts';
import { type Deciding, decideProofing, type Mail } from './decide.ts';
import { requireName } from './legal-name.ts';
import type { Answers, AskedPerson, Question, QuestionProvider, SubscriptionOf } from './port.ts';
import { type Inquiry, type ProofingRecord, QUESTION_ATTEMPTS_MAX } from './record.ts';
import { stateAfter } from './states.ts';
import { entryOf, proofingWrite, type Subject } from './subject.ts';

/**
 * Instant proofing. The provider is asked between decisions, never within one: what it says counts
 * only where the proofing still stands as it did when it was asked.
 */

/** ISO 3166-1: the territories have codes of their own, and count as abroad, as for phones. */
const COUNTRY = 'US';

/** Whether questions are for people of this country at all. */
export const isQuestioned = (country: string | undefined): boolean => country === COUNTRY;

export async function beginQuestions(
  of: SubscriptionOf,
  caller: Caller,
  deciding: Deciding,
): Promise<{ readonly proofing: ProofingRecord; readonly questions: readonly Question[] }> {
  const { provider, person } = await decideProofing(of, caller, deciding, (subject) =>
    replyOnly(askable(subject, deciding)),
  );
  const asked = await provider.begin(person);
  if (asked === undefined) throw notOffered('No questions can be asked about this person.');
  const { inquiry, questions } = asked;
  const proofing = await decideProofing(of, caller, deciding, (subject) => {
    askable(subject, deciding);
    const after = questionsBegun(subject.proofing, { at: caller.now, inquiry });
    const details = { attempt: after.questionAttempts };
    return {
      writes: [proofingWrite(after)],
      auditDrafts: [entryOf(caller, 'beginProofingQuestions', after, details)],
      reply: after,
    };
  });
  return { proofing, questions };
}

const notOffered = (message: string): FobtwinError =>
  new FobtwinError('methodNotOffered', message, {
    nextStep: 'Request live video proofing instead.',
  });

/** Whom questions may be asked about now, and who asks them. @throws FobtwinError where none may */
function askable(
  { account, proofing }: Subject,
  { provider }: Pick<Deciding, 'provider'>,
): { readonly provider: QuestionProvider; readonly person: AskedPerson } {
  const { legalName = '', country = '' } = proofing;
  stateAfter(proofing, 'beginQuestions');
  requireName(account, legalName);
  if (!isQuestioned(country)) throw notOffered('Questions are for the United States only.');
  if (provider === undefined) throw notOffered('Nobody asks questions here.');
  if (attemptsSpent(proofing) < QUESTION_ATTEMPTS_MAX) {
    return { provider, person: { legalName, country } };
  }
  throw new FobtwinError('attemptsSpent', 'The questions were asked as often as they may be.', {
    nextStep: 'Request live video proofing instead.',
  });
}

export async function answerQuestions(
  { answers, ...of }: SubscriptionOf & { readonly answers: Answers },
  caller: Caller,
  deciding: Deciding,
): Promise<ProofingRecord> {
  const { provider, inquiry } = await claimInquiry(of, caller, deciding);
  let verdict: Awaited<ReturnType<QuestionProvider['judge']>>;
  try {
    verdict = await provider.judge(inquiry.id, answers);
  } catch (error) {
    await releaseInquiry(of, inquiry, caller, deciding);
    throw error;
  }
  return decideProofing(of, caller, deciding, (subject, mail) => {
    requireInquiry(subject.proofing, inquiry.id);
    if (verdict === 'passed') return passed(subject, caller, mail);
    return failed(subject, { caller, reason: verdict, mail });
  });
}

interface Claim {
  readonly provider: QuestionProvider;
  readonly inquiry: Inquiry;
}

/** Of answers that come at the same time the first alone are judged, on any node. */
const claimInquiry = (of: SubscriptionOf, caller: Caller, deciding: Deciding): Promise<Claim> =>
  decideProofing(of, caller, deciding, ({ proofing, account }) => {
    const { provider } = deciding;
    stateAfter(proofing, 'passQuestions');
    requireName(account, proofing.legalName ?? '');
    if (provider === undefined) throw notOffered('Nobody asks questions here.');
    const inquiry = requireInquiry(proofing);
    if (inquiry.answeredAt !== undefined) throw isJudged();
    if (caller.now >= inquiry.expiresAt) throw expired();
    const after = questionsAnswered(proofing, { at: caller.now, inquiry });
    return { writes: [proofingWrite(after)], auditDrafts: [], reply: { provider, inquiry } };
  });

/** As the provider was not reached, the same questions can be answered again. */
const releaseInquiry = (
  of: SubscriptionOf,
  { id }: Inquiry,
  caller: Caller,
  deciding: Deciding,
): Promise<void> =>
  decideProofing(of, caller, deciding, ({ proofing }) => {
    const { inquiry } = proofing;
    if (inquiry?.id !== id) return replyOnly(undefined);
    const after = questionsUnheard(proofing, inquiry);
    return { writes: [proofingWrite(after)], auditDrafts: [], reply: undefined };
  });

/** The inquiry under way; @param id which it must be. @throws FobtwinError `notAllowedNow` */
function requireInquiry({ inquiry }: ProofingRecord, id = inquiry?.id): Inquiry {
  if (inquiry !== undefined && inquiry.id === id) return inquiry;
  throw new FobtwinError('notAllowedNow', 'Other questions have been begun since.', {
    nextStep: 'Answer those, or request live video.',
  });
}

const isJudged = (): FobtwinError =>
  new FobtwinError('notAllowedNow', 'The answers to these questions are being judged.', {
    nextStep: 'Wait for the verdict; if none comes, begin the questions again.',
  });

const expired = (): FobtwinError =>
  new FobtwinError('codeExpired', 'The questions were not answered in time.', {
    nextStep: 'Begin them again, or request live video proofing.',
  });

function passed({ bundle, proofing }: Subject, caller: Caller, mail: Mail) {
  const at = caller.now;
  const after = questionsJudged(proofing, { at, passed: true });
  const session = ownSession(proofing.account, caller);
  const proofed = bundlePassed(bundle, { at, method: 'questions', session });
  return {
    writes: [
      proofingWrite(after),
      ...bundleWrites(bundle, proofed),
      ...mail('proofingPassed', { method: 'questions' }),
    ],
    auditDrafts: [entryOf(caller, 'passProofing', after)],
    reply: after,
  };
}

function failed(
  { proofing }: Subject,
  { caller, reason, mail }: { readonly caller: Caller; readonly reason: string; mail: Mail },
) {
  const after = questionsJudged(proofing, { at: caller.now, passed: false });
  return {
    writes: [proofingWrite(after), ...mail('proofingFailed', { method: 'questions' })],
    auditDrafts: [entryOf(caller, 'failProofing', after, { reason })],
    reply: after,
  };
}

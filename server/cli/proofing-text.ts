import type { ReplyOf } from '../../shared/wire/operations.ts';
import { formatFields, formatTable } from './table.ts';
import { moreText } from './token-text.ts';

/** What people are shown of identity proofing. */

type Proofing = ReplyOf<'getProofing'>['proofing'];

const verdictText = ({ passed, at, by }: NonNullable<Proofing['verdict']>): string =>
  `${passed ? 'passed' : 'not passed'} at ${at}${by === undefined ? '' : ` by ${by}`}`;

export const describeProofing = (proofing: Proofing): string =>
  formatFields({
    subscription: proofing.subscription,
    account: proofing.account,
    state: proofing.state,
    'legal name': proofing.legalName,
    country: proofing.country,
    method: proofing.method,
    'may be chosen': proofing.offered.length === 0 ? undefined : proofing.offered.join(', '),
    'questions end': proofing.questionsUntil,
    'attempts at questions left': String(proofing.questionAttemptsLeft),
    'live sessions left': String(proofing.videoSessionsLeft),
    appointment: proofing.appointment?.at,
    agent: proofing.appointment?.agent,
    verdict: proofing.verdict && verdictText(proofing.verdict),
    note: proofing.verdict?.note,
    changed: proofing.changedAt,
  });

export function listProofings(page: ReplyOf<'listProofings'>): string {
  const rows = page.items.map((proofing) => [
    proofing.subscription,
    proofing.account,
    proofing.state,
    proofing.method ?? '-',
    proofing.appointment?.at ?? '-',
    proofing.changedAt,
  ]);
  const headings = ['SUBSCRIPTION', 'ACCOUNT', 'STATE', 'METHOD', 'APPOINTMENT', 'CHANGED'];
  return formatTable(headings, rows, 'No proofings.') + moreText(page.nextCursor);
}

export function describeQuestions({
  proofing,
  questions,
}: ReplyOf<'beginProofingQuestions'>): string {
  const asked = questions.map(({ id, text, choices }) =>
    [`${id}: ${text}`, ...choices.map((choice) => `  ${choice.id}: ${choice.text}`)].join('\n'),
  );
  const { account, subscription, questionsUntil } = proofing;
  const next =
    `Answer until ${questionsUntil}, QUESTION=CHOICE on a line each:\n` +
    `fobd proofing answer ${account} ${subscription}`;
  return [...asked, next].join('\n\n');
}

/** The activation code is shown this once. */
export function describeHandedOver({
  proofing,
  activationCode,
}: ReplyOf<'decideProofing'>): string {
  const shown = describeProofing(proofing);
  if (activationCode === undefined) return shown;
  const told = 'The activation code, to be handed over and shown this once:';
  return `${shown}\n\n${told}\n\n  ${activationCode}`;
}

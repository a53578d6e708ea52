import type { Outcome, Strength } from '../../shared/types.ts';
import { OUTCOME_TEXTS, SIGN_IN_TEXTS, STRENGTH_TEXTS } from '../../shared/wire/texts.ts';
import type { PasswordOutcome } from '../accounts/passwords-port.ts';
import type { VerifyAnswer } from '../tokens/port.ts';
import { ATTRIBUTE_TYPES, ATTRIBUTE_VALUE_BYTES_MAX, type Attribute } from './packet.ts';
import type { AccessReply, ReplyTemplate, SignInFacts } from './port.ts';

/** What each outcome is answered with. */

const encoder = new TextEncoder();

/** A text as so many Reply-Message as it takes, no character cut apart. */
export function replyMessages(text: string): readonly Attribute[] {
  const attributes: Attribute[] = [];
  const type = ATTRIBUTE_TYPES.replyMessage;
  let rest = encoder.encode(text);
  while (rest.length > 0) {
    let end = Math.min(rest.length, ATTRIBUTE_VALUE_BYTES_MAX);
    // Bytes 10xxxxxx go on with a character that has begun before them.
    while (end < rest.length && ((rest[end] ?? 0) & 0b1100_0000) === 0b1000_0000) end -= 1;
    attributes.push({ type, value: rest.subarray(0, end) });
    rest = rest.subarray(end);
  }
  return attributes;
}

export const reject = (text: string): AccessReply => ({
  code: 'accessReject',
  attributes: replyMessages(text),
});

/** @param state what the answer is to come back with, in ASCII */
export const challenge = (text: string, state: string): AccessReply => ({
  code: 'accessChallenge',
  attributes: [
    ...replyMessages(text),
    { type: ATTRIBUTE_TYPES.state, value: encoder.encode(state) },
  ],
});

/** With what the client's templates say for these facts. */
export const accept = (
  facts: SignInFacts,
  templates: readonly ReplyTemplate[] = [],
): AccessReply => ({
  code: 'accessAccept',
  attributes: templates
    .filter(({ strengths, groups }) => fits(strengths, facts.strength) && fits(groups, facts.group))
    .map((template) => template.fill(facts)),
});

const fits = <T>(wanted: readonly T[] | undefined, is: T | undefined): boolean =>
  wanted === undefined || (is !== undefined && wanted.includes(is));

/** What a reply to a code needs of the sign-in that it is part of. */
export interface Situation {
  /** Password and code came in one: which of them was wrong is not told. */
  readonly isAppended: boolean;
  accepted(answer: VerifyAnswer): AccessReply;
  /** Asks for the next code. */
  askOn(text: string): AccessReply;
}

type Render = (answer: VerifyAnswer, situation: Situation) => AccessReply;

const WRONG: Readonly<Record<'code' | 'either', AccessReply>> = {
  code: reject(OUTCOME_TEXTS.wrongCode),
  either: reject(SIGN_IN_TEXTS.wrongPasswordOrCode),
};

const wrong: Render = (_, { isAppended }) => (isAppended ? WRONG.either : WRONG.code);

/** The text, and how long to wait. */
export const throttled = (seconds: number | undefined): AccessReply =>
  reject(
    seconds === undefined
      ? OUTCOME_TEXTS.throttled
      : `${OUTCOME_TEXTS.throttled} Wait: ${seconds} s.`,
  );

/** In words: what has been proved is not enough. */
function tooLow({
  requiredStrength,
  requiredProofing,
}: {
  requiredStrength?: Strength;
  requiredProofing?: true;
}): AccessReply {
  const wanted = requiredStrength === undefined ? [] : [STRENGTH_TEXTS[requiredStrength]];
  if (requiredProofing === true) wanted.push('a proofed credential');
  if (wanted.length === 0) return reject(OUTCOME_TEXTS.strengthTooLow);
  return reject(`This needs ${wanted.join(' and ')}; what was given is not enough.`);
}

/**
 * Reply-Messages tell no more than scope `verify` may see, so that all that it reads as `wrongCode`
 * is one text. A wait on the code would tell that the password beside it was right.
 */
const BY_OUTCOME: Readonly<Record<Outcome, Render>> = {
  accepted: (answer, { accepted }) => accepted(answer),
  throttled: (answer, situation) =>
    situation.isAppended ? wrong(answer, situation) : throttled(answer.retryAfterSeconds),
  strengthTooLow: tooLow,
  nextCodeRequired: (_, { askOn }) => askOn(OUTCOME_TEXTS.nextCodeRequired),
  wrongCode: wrong,
  replayed: wrong,
  locked: wrong,
  suspended: wrong,
  lost: wrong,
  disabled: wrong,
  revoked: wrong,
  notRegistered: wrong,
};

export const replyToCode: Render = (answer, situation) =>
  BY_OUTCOME[answer.outcome](answer, situation);

type PasswordRender = (answer: { readonly retryAfterSeconds?: number }) => AccessReply;

/** To a password that was asked for before the code. */
const BY_PASSWORD: Readonly<Record<Exclude<PasswordOutcome, 'accepted'>, PasswordRender>> = {
  wrongPassword: () => reject(SIGN_IN_TEXTS.wrongPassword),
  throttled: ({ retryAfterSeconds }) => throttled(retryAfterSeconds),
  disabled: () => reject(SIGN_IN_TEXTS.accountDisabled),
};

export const replyToPassword = (
  answer: {
    readonly outcome: Exclude<PasswordOutcome, 'accepted'>;
  } & Parameters<PasswordRender>[0],
): AccessReply => BY_PASSWORD[answer.outcome](answer);

export const WRONG_PASSWORD_OR_CODE = WRONG.either;
export const BEGIN_AGAIN = reject(SIGN_IN_TEXTS.beginAgain);

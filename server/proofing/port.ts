import type { AccountId, SubscriptionId, UnixMillis } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { ActivationText } from '../credentials/activation-code.ts';
import type { ProofingMethod } from '../credentials/record.ts';
import type { ProofingRecord, ProofingState } from './record.ts';

/** Whose proofing, and of what: there is one a subscription. */
export interface SubscriptionOf {
  readonly account: AccountId;
  readonly subscription: SubscriptionId;
}

/** One question as its provider asks it. */
export interface Question {
  readonly id: string;
  readonly text: string;
  readonly choices: readonly { readonly id: string; readonly text: string }[];
}

/** The chosen answer of each question, ids both. */
export interface Answers {
  readonly [question: string]: string;
}

/** What a provider needs to find whom it asks about. */
export interface AskedPerson {
  readonly legalName: string;
  readonly country: string;
}

export interface AskedQuestions {
  readonly inquiry: string;
  readonly questions: readonly Question[];
}

/** `expired`: the provider does not know the inquiry any more. */
export type QuestionVerdict = 'passed' | 'failed' | 'expired';

/** Who asks questions that a credit bureau can judge: an adapter over HTTP, its contract signed. */
export interface QuestionProvider {
  /**
   * @returns undefined where it knows too little of the person to ask anything
   * @throws FobtwinError `unavailable` when it cannot be reached, or is not believed
   */
  begin(person: AskedPerson): Promise<AskedQuestions | undefined>;
  /** An inquiry is judged once; asked again it says the same. @throws FobtwinError `unavailable` */
  judge(inquiry: string, answers: Answers): Promise<QuestionVerdict>;
}

/** Identity proofing, for whoever has redeemed a subscription that it was bought with. */
export interface ProofingService {
  /** @throws FobtwinError `notFound` (also where none was bought) */
  get(of: SubscriptionOf): Promise<ProofingRecord>;
  /** What may be chosen as it stands: questions are for the United States only. */
  offered(proofing: ProofingRecord): readonly ProofingMethod[];
  /**
   * Profile and country come first. The legal name must be the account's own.
   *
   * @throws FobtwinError `nameMismatch`, `invalidInput` for another country than the account's,
   * `notFound`, `notAllowedNow`, `revoked`
   */
  confirmProfile(
    command: SubscriptionOf & { readonly legalName: string; readonly country: string },
    caller: Caller,
  ): Promise<ProofingRecord>;
  /**
   * Instant proofing by questions.
   *
   * @throws FobtwinError `methodNotOffered` outside the United States, without a provider, or where
   * the provider has no questions; `attemptsSpent`, `nameMismatch`, `notFound`, `notAllowedNow`,
   * `revoked`, `unavailable`
   */
  beginQuestions(
    of: SubscriptionOf,
    caller: Caller,
  ): Promise<{ readonly proofing: ProofingRecord; readonly questions: readonly Question[] }>;
  /**
   * With `passed` its credentials go on to activation by themselves; failed, it is back at the
   * choice.
   *
   * @throws FobtwinError `codeExpired` after ten minutes, `notFound`, `notAllowedNow`, `revoked`,
   * `unavailable` (the same answers may be given again)
   */
  answerQuestions(
    command: SubscriptionOf & { readonly answers: Answers },
    caller: Caller,
  ): Promise<ProofingRecord>;
  /**
   * Live video, for everybody; also after questions that were failed.
   *
   * @throws FobtwinError `attemptsSpent`, `nameMismatch`, `notFound`, `notAllowedNow`, `revoked`
   */
  requestVideo(of: SubscriptionOf, caller: Caller): Promise<ProofingRecord>;
  /**
   * For agents.
   *
   * @throws FobtwinError `notFound`, `notAllowedNow`, `revoked`, `forbidden` for the own account,
   * `invalidInput` for a time that is past or too far off
   */
  schedule(
    command: { readonly subscription: SubscriptionId; readonly at: UnixMillis },
    caller: Caller,
  ): Promise<ProofingRecord>;
  /**
   * For agents, once the session has begun. With `passed` the reply holds the activation code that
   * the agent hands over, where a credential waits for activation: it is kept nowhere.
   *
   * @throws FobtwinError `notFound`, `notAllowedNow`, `revoked`, `nameMismatch`, `forbidden` for
   * the own account
   */
  decide(
    command: {
      readonly subscription: SubscriptionId;
      readonly passed: boolean;
      readonly note?: string | undefined;
    },
    caller: Caller,
  ): Promise<HandedOver>;
  /**
   * For agents: another activation code in the place of one that was lost, has expired or was
   * spent.
   *
   * @throws FobtwinError `notFound`, `notAllowedNow` where no activation waits for one, `revoked`,
   * `forbidden` for the own account
   */
  reissueCode(subscription: SubscriptionId, caller: Caller): Promise<HandedOver>;
  list(query: {
    readonly state?: ProofingState | undefined;
    readonly account?: AccountId | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  }): Promise<{ readonly items: readonly ProofingRecord[]; readonly next: string | null }>;
}

export interface HandedOver {
  readonly proofing: ProofingRecord;
  readonly activationCode?: ActivationText;
}

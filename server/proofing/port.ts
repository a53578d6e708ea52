import type { AccountId, SubscriptionId, UnixMillis } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { SubscriptionOf } from '../credentials/port.ts';
import type { ProofingRecord, ProofingState } from './record.ts';

/** One question as its provider asks it. */
export interface Question {
  readonly id: string;
  readonly text: string;
  readonly choices: readonly { readonly id: string; readonly text: string }[];
}

export interface Answers {
  readonly [question: string]: string;
}

/** Who asks questions that a credit bureau can judge: an adapter over HTTP, its contract signed. */
export interface QuestionProvider {
  /** @throws FobtwinError `unavailable` when it cannot be reached: no attempt is spent */
  begin(person: {
    readonly legalName: string;
    readonly country: string;
  }): Promise<{ readonly inquiry: string; readonly questions: readonly Question[] }>;
  /** @throws FobtwinError `unavailable` */
  judge(inquiry: string, answers: Answers): Promise<{ readonly passed: boolean }>;
}

/** Identity proofing, for whoever has redeemed a subscription that it was bought with. */
export interface ProofingService {
  /** @throws FobtwinError `notFound` (also where none was bought) */
  get(of: SubscriptionOf): Promise<ProofingRecord>;
  /**
   * Profile and country come first. The legal name must be the account's own.
   *
   * @throws FobtwinError `nameMismatch`, `notFound`, `notAllowedNow`
   */
  confirmProfile(
    command: SubscriptionOf & { readonly legalName: string; readonly country: string },
    caller: Caller,
  ): Promise<ProofingRecord>;
  /**
   * Instant proofing by questions.
   *
   * @throws FobtwinError `methodNotOffered` outside the United States or without a provider,
   * `attemptsSpent`, `notAllowedNow`, `unavailable`
   */
  beginQuestions(
    of: SubscriptionOf,
    caller: Caller,
  ): Promise<{ readonly proofing: ProofingRecord; readonly questions: readonly Question[] }>;
  /** With `passed` its credentials go on to activation by themselves. */
  answerQuestions(
    command: SubscriptionOf & { readonly answers: Answers },
    caller: Caller,
  ): Promise<ProofingRecord>;
  /** Live video, for everybody; also after questions that were failed. */
  requestVideo(of: SubscriptionOf, caller: Caller): Promise<ProofingRecord>;
  /**
   * For agents.
   *
   * @throws FobtwinError `notFound`, `notAllowedNow`, `forbidden` for the own account
   */
  schedule(
    command: { readonly subscription: SubscriptionId; readonly at: UnixMillis },
    caller: Caller,
  ): Promise<ProofingRecord>;
  /**
   * For agents. With `passed` the reply holds the activation code that the agent hands over: it is
   * kept nowhere.
   *
   * @throws FobtwinError `notFound`, `notAllowedNow`, `forbidden` for the own account
   */
  decide(
    command: {
      readonly subscription: SubscriptionId;
      readonly passed: boolean;
      readonly note?: string | undefined;
    },
    caller: Caller,
  ): Promise<{ readonly proofing: ProofingRecord; readonly activationCode?: string }>;
  list(query: {
    readonly state?: ProofingState | undefined;
    readonly account?: AccountId | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  }): Promise<{ readonly items: readonly ProofingRecord[]; readonly next: string | null }>;
}

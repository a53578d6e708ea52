import { randomBytes } from 'node:crypto';
import type { Principal } from '../../../server/access/scopes.ts';
import type { AccountProfile } from '../../../server/accounts/record.ts';
import { ACTIVATION_CODE_PURPOSE } from '../../../server/credentials/activation-code.ts';
import { isAllRight, questionsFor } from '../../../server/lab/proofing-questions.ts';
import type { ProductId } from '../../../server/orders/catalogue.ts';
import type { Answers, Question, QuestionProvider } from '../../../server/proofing/port.ts';
import { createProofingService } from '../../../server/proofing/service.ts';
import type { Store } from '../../../server/store/port.ts';
import { deriveKey } from '../../../server/vault/keys.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { AccountId, SubscriptionId } from '../../../shared/types.ts';
import { CredentialsRoom, openStore, ROOT_KEY } from '../credentials/room.ts';

/** Proofing over the real rooms of a credential's life, and a provider within the test. */

export const NAME = 'Jennifer Marie Blue';

/** The sandbox's questions without the network; `isDown` makes it unreachable. */
export class TestProvider implements QuestionProvider {
  isDown = false;
  /** Inquiries that it was asked to begin. */
  begun = 0;
  judged = 0;
  readonly #inquiries = new Map<string, readonly Question[]>();
  #held: { readonly reached: () => void; readonly released: Promise<void> } | undefined;

  async begin({ legalName }: { readonly legalName: string }) {
    this.#answer();
    this.begun += 1;
    const id = `inquiry${this.begun}`;
    const asked = questionsFor(legalName, id);
    if (asked !== undefined) this.#inquiries.set(id, asked.questions);
    return asked;
  }

  async judge(inquiry: string, answers: Answers) {
    this.#answer();
    this.judged += 1;
    this.#held?.reached();
    await this.#held?.released;
    const questions = this.#inquiries.get(inquiry);
    if (questions === undefined) return 'expired';
    return isAllRight(questions, answers) ? 'passed' : 'failed';
  }

  /** Verdicts wait until they are released. */
  hold(): { readonly reached: Promise<void>; release(): void } {
    let reached: () => void = () => undefined;
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const isReached = new Promise<void>((resolve) => {
      reached = resolve;
    });
    this.#held = { reached, released };
    return { reached: isReached, release };
  }

  forget(): void {
    this.#inquiries.clear();
  }

  #answer(): void {
    if (this.isDown) throw new FobtwinError('unavailable', 'It cannot be reached.');
  }
}

/** By the sandbox's rule: the choice whose text comes first in the alphabet. */
export const rightAnswers = (questions: readonly Question[]): Answers =>
  Object.fromEntries(
    questions.map(({ id, choices }) => [
      id,
      choices.toSorted((a, b) => (a.text < b.text ? -1 : 1))[0]?.id ?? '',
    ]),
  );

export const wrongAnswers = (questions: readonly Question[]): Answers =>
  Object.fromEntries(
    questions.map(({ id, choices }) => [
      id,
      choices.toSorted((a, b) => (a.text < b.text ? 1 : -1))[0]?.id ?? '',
    ]),
  );

export const AGENT: Principal = {
  actor: 'account:agnes',
  account: 'agnes' as AccountId,
  strength: 'hardwareToken',
  scopes: new Set(['proofing:agent']),
};

export interface Holder {
  readonly account: AccountId;
  readonly subscription: SubscriptionId;
}

export class ProofingRoom extends CredentialsRoom {
  readonly provider = new TestProvider();
  readonly proofing: ReturnType<typeof createProofingService>;
  readonly #hasProvider: boolean;

  constructor(store: Store, options: { readonly hasProvider?: boolean } = {}) {
    super(store);
    this.#hasProvider = options.hasProvider !== false;
    this.proofing = this.node();
  }

  /** The service as another node over the same store has it. */
  node(): ReturnType<typeof createProofingService> {
    return createProofingService({
      store: this.store,
      notices: this.notices,
      provider: this.#hasProvider ? this.provider : undefined,
      activationKey: deriveKey(ROOT_KEY, ACTIVATION_CODE_PURPOSE),
      rng: { bytes: (length) => randomBytes(length), uniform: () => 0.5 },
    });
  }

  get agent() {
    return this.as(AGENT);
  }

  /** Somebody who has redeemed what was bought with proofing. */
  async holder(
    name: string,
    product: ProductId = 'hardware-token-proofed',
    profile: AccountProfile = { legalName: NAME, country: 'US' },
  ): Promise<Holder> {
    const account = await this.person(name, profile);
    const { subscription } = await this.redeemed(account, product);
    return { account, subscription };
  }

  /** Likewise, with profile and country confirmed. */
  async chooser(...given: Parameters<ProofingRoom['holder']>): Promise<Holder> {
    const holder = await this.holder(...given);
    const country = given[2]?.country ?? 'US';
    const { legalName = NAME } = given[2] ?? {};
    await this.confirm(holder, { legalName, country });
    return holder;
  }

  confirm(
    of: Holder,
    profile: { readonly legalName: string; readonly country: string } = {
      legalName: NAME,
      country: 'US',
    },
  ) {
    return this.proofing.confirmProfile({ ...of, ...profile }, this.by(of.account));
  }

  begin(of: Holder) {
    return this.proofing.beginQuestions(of, this.by(of.account));
  }

  answer(of: Holder, answers: Answers) {
    return this.proofing.answerQuestions({ ...of, answers }, this.by(of.account));
  }

  request(of: Holder) {
    return this.proofing.requestVideo(of, this.by(of.account));
  }

  schedule({ subscription }: Holder, at: number = this.now) {
    return this.proofing.schedule({ subscription, at: at as typeof this.now }, this.agent);
  }

  decide({ subscription }: Holder, passed: boolean, note?: string) {
    return this.proofing.decide({ subscription, passed, note }, this.agent);
  }

  /** A session asked for, held at once and passed. */
  async passVideo(of: Holder) {
    await this.request(of);
    await this.schedule(of);
    return this.decide(of, true);
  }

  /** The account's credentials, by type. */
  async credentialsOf({ account }: Holder) {
    const details = await this.credentials.list(account);
    return new Map(details.map(({ credential }) => [credential.type, credential]));
  }

  /** Mails about proofing, in order of time. */
  async proofingMails({ account }: Holder) {
    const mails = await this.mails();
    return mails.filter((mail) => mail.account === account && mail.id.includes(':proofing:'));
  }

  async actions(): Promise<readonly string[]> {
    return (await this.audit()).map(({ action }) => action);
  }
}

export const openProofingRoom = async (
  options: { readonly hasProvider?: boolean } = {},
): Promise<ProofingRoom> => new ProofingRoom(await openStore(), options);

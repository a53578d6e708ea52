import type { AccountId, Code, Serial } from '../../../shared/types.ts';
import {
  type Acknowledgement,
  accountFailuresCounted,
  counterPassed,
  entryText,
  failuresCounted,
  type SpentCode,
} from './facts.ts';
import { type Asking, addAccount, registerToken, unexpected } from './requests.ts';
import { accountOf, codeOf, isUnmistakable, type UsedToken } from './tokens.ts';

export interface LoadOptions extends Asking {
  readonly uniform: () => number;
}

/** What one user of tokens has. No two share a token or an account. */
export interface Share {
  readonly name: string;
  readonly tokens: UsedToken[];
  /** Imported, not yet registered. */
  readonly stocked: Serial[];
  /** Its codes are always wrong. */
  readonly battered: UsedToken;
}

type Asked = { readonly code: Code } & (
  | { readonly serial: Serial }
  | { readonly account: AccountId }
);
type Step = (load: Load, token: UsedToken) => Promise<void>;

/** Counters skipped at most: well within the look-ahead. */
const SKIPPED_MAX = 3;
/** One failure more would begin a wait. */
const FAILURES_MAX = 2;

/** Does at random what applications do, one thing after another; what belongs together at once. */
export class Load {
  readonly #share: Share;
  readonly #options: LoadOptions;
  #accounts = 0;

  constructor(share: Share, options: LoadOptions) {
    this.#share = share;
    this.#options = options;
  }

  /** @throws whatever came of fobd's end, or Error for a reply that is not as it must be */
  async step(): Promise<void> {
    const { uniform } = this.#options;
    const token = this.#share.tokens[Math.floor(uniform() * this.#share.tokens.length)];
    let chosen = uniform() * TOTAL_WEIGHT;
    for (const [weight, step] of STEPS) {
      chosen -= weight;
      if (chosen < 0 && token !== undefined) return step(this, token);
    }
  }

  async goodBySerial(token: UsedToken): Promise<void> {
    const good = this.#goodCode(token);
    if (good === undefined) return;
    await this.#verifyGood(token, { serial: token.serial, ...good }, 'accepted');
    accept(token, good.counter);
  }

  async goodByAccount(token: UsedToken): Promise<void> {
    const good = this.#goodCode(token);
    if (good === undefined) return;
    await this.#verifyGood(token, { account: token.account, ...good }, 'accepted');
    accept(token, good.counter);
    token.accountFailures = 0;
  }

  async wrongBySerial(token: UsedToken): Promise<void> {
    if (token.failures >= FAILURES_MAX) return;
    const { serial, nextCounter, failures } = token;
    const fact = failuresCounted(serial, nextCounter, failures + 1);
    await this.#verify(token, { serial, code: this.#wrongCode(token) }, 'wrongCode', [fact]);
    token.failures += 1;
  }

  async wrongByAccount(token: UsedToken): Promise<void> {
    if (token.accountFailures >= FAILURES_MAX) return;
    const { account, serial, nextCounter, accountFailures } = token;
    const fact = accountFailuresCounted(account, serial, nextCounter, accountFailures + 1);
    await this.#verify(token, { account, code: this.#wrongCode(token) }, 'wrongCode', [fact]);
    token.accountFailures += 1;
  }

  async replay(token: UsedToken): Promise<void> {
    const { serial, lastAccepted } = token;
    if (lastAccepted === undefined) return;
    const code = codeOf(serial, lastAccepted);
    if (!isUnmistakable(token, code, lastAccepted)) return;
    await this.#verify(token, { serial, code }, 'replayed', [counterPassed(serial, lastAccepted)]);
  }

  /** The same good code twice at once: one is accepted. */
  async race(token: UsedToken): Promise<void> {
    const good = this.#goodCode(token);
    if (good === undefined) return;
    const ask = () => this.#verifyGood(token, { serial: token.serial, ...good });
    const outcomes = await allOf([ask(), ask()]);
    if (outcomes.toSorted().join(' ') !== 'accepted replayed') throw unexpected('race', outcomes);
    accept(token, good.counter);
  }

  /** A code, and at once a look at the token, which may show what is not yet durable. */
  async look(token: UsedToken): Promise<void> {
    const { serial, nextCounter } = token;
    const look = async () => {
      const { requestId, json } = await this.#options.caller.send(`/v1/tokens/${serial}`);
      const seen = (json['token'] as { nextCounter?: number } | undefined)?.nextCounter;
      if (seen === undefined) throw unexpected('look', json);
      const facts = seen > nextCounter ? [counterPassed(serial, seen - 1)] : [];
      this.#options.acknowledged({ requestId, entry: undefined, facts });
    };
    await allOf([this.goodBySerial(token), look()]);
  }

  /** An account and, as long as there are any, a stocked token for it. */
  async newcomer(): Promise<void> {
    this.#accounts += 1;
    const account = accountOf(`${this.#share.name}-${this.#accounts}`);
    await addAccount(account, this.#options);
    const serial = this.#share.stocked.shift();
    if (serial === undefined) return;
    this.#share.tokens.push(await registerToken(serial, account, this.#options));
  }

  /** Wrong codes until fobd makes it wait, and on. */
  async batter(): Promise<void> {
    const token = this.#share.battered;
    const { serial, nextCounter } = token;
    const code = this.#wrongCode(token);
    const { requestId, json } = await this.#options.caller.send('/v1/verify', { serial, code });
    const { outcome } = json;
    if (outcome !== 'wrongCode' && outcome !== 'throttled') throw unexpected('battering', json);
    if (outcome === 'wrongCode') token.failures += 1;
    const entry = entryText({ action: 'verify', outcome, serial, account: token.account });
    const facts = [failuresCounted(serial, nextCounter, token.failures)];
    this.#options.acknowledged({ requestId, entry, facts });
  }

  /** `replayed` too tells of an acceptance, the other's, which must be durable for it. */
  #verifyGood(
    token: UsedToken,
    { counter, ...body }: Asked & { readonly counter: number },
    expected?: 'accepted',
  ): Promise<string> {
    const { serial } = token;
    return this.#verify(token, body, expected, [counterPassed(serial, counter)], {
      serial,
      counter,
    });
  }

  /** @returns the outcome, which is `expected` where that is given */
  async #verify(
    { serial, account }: UsedToken,
    body: Asked,
    expected: string | undefined,
    facts: Acknowledgement['facts'],
    accepted?: SpentCode,
  ): Promise<string> {
    const { requestId, json } = await this.#options.caller.send('/v1/verify', body);
    const outcome = String(json['outcome']);
    if (expected !== undefined && outcome !== expected) throw unexpected(expected, json);
    const entry = entryText({ action: 'verify', outcome, serial, account });
    const spent = outcome === 'accepted' && accepted !== undefined ? { accepted } : {};
    this.#options.acknowledged({ requestId, entry, facts, ...spent });
    return outcome;
  }

  /** An unused code that can be taken for no other; `undefined` where there is none at once. */
  #goodCode(token: UsedToken): { readonly code: Code; readonly counter: number } | undefined {
    const skipped = Math.floor(this.#options.uniform() * (SKIPPED_MAX + 1));
    const counter = token.nextCounter + skipped;
    const code = codeOf(token.serial, counter);
    return isUnmistakable(token, code, counter) ? { code, counter } : undefined;
  }

  /** Not the one before either, which would be taken for a retry and not be counted. */
  #wrongCode(token: UsedToken): Code {
    for (;;) {
      const digits = Math.floor(this.#options.uniform() * 1_000_000);
      const code = String(digits).padStart(6, '0') as Code;
      if (code === token.lastWrong || !isUnmistakable(token, code)) continue;
      token.lastWrong = code;
      return code;
    }
  }
}

/** How often each of them is done. */
const STEPS: readonly (readonly [weight: number, step: Step])[] = [
  [24, (load, token) => load.goodBySerial(token)],
  [10, (load, token) => load.goodByAccount(token)],
  [12, (load, token) => load.wrongBySerial(token)],
  [8, (load, token) => load.wrongByAccount(token)],
  [10, (load, token) => load.replay(token)],
  [12, (load, token) => load.race(token)],
  [10, (load, token) => load.look(token)],
  [8, (load) => load.newcomer()],
  [12, (load) => load.batter()],
];
const TOTAL_WEIGHT = STEPS.reduce((sum, [weight]) => sum + weight, 0);

function accept(token: UsedToken, counter: number): void {
  token.nextCounter = counter + 1;
  token.lastAccepted = counter;
  token.failures = 0;
}

/** Waits for both, whatever becomes of either, before it rejects. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

import { type AccountFailuresRecord, NO_ACCOUNT_FAILURES } from '../../server/accounts/record.ts';
import { forgetClock, newFactor } from '../../server/verification/factor.ts';
import {
  enable,
  liftLock,
  refusal,
  withHold,
  withoutHold,
} from '../../server/verification/holds.ts';
import { register } from '../../server/verification/register.ts';
import {
  addFailedRegistration,
  registrationRetryAfterSeconds,
} from '../../server/verification/registration-limit.ts';
import { resync } from '../../server/verification/resync.ts';
import type { Attempt, Env, Subject, Verdict } from '../../server/verification/types.ts';
import { verify } from '../../server/verification/verify.ts';
import { verifyByAccount } from '../../server/verification/verify-account.ts';
import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId, Code, Hold, Serial, UnixMillis } from '../../shared/types.ts';
import { MOBILE_IDS } from './commands.ts';
import { accountLook, type Driven, type Look, tokenLook } from './driven.ts';
import type { Verb } from './naive.ts';
import type { Setting } from './world.ts';

interface Account {
  readonly id: AccountId;
  serials: Serial[];
  record: AccountFailuresRecord;
}

interface Token {
  readonly serial: Serial;
  subject: Subject;
  account?: AccountId;
}

/** The pure functions over records in a map: no store, no vault, no scopes, no shadows. */
export class PureServer implements Driven {
  readonly #env: Env;
  readonly #tokens = new Map<Serial, Token>();
  readonly #accounts = new Map<AccountId, Account>();

  constructor({ policy, otp, entries }: Setting, accounts: readonly string[]) {
    this.#env = { otp, policy };
    for (const { serial, seed, parameters, nextCounter } of entries) {
      const record = newFactor(parameters, nextCounter);
      const subject: Subject = { life: 'stocked', holds: [], parameters, record, seed };
      this.#tokens.set(serial, { serial, subject });
    }
    for (const text of accounts) {
      const id = text as AccountId;
      this.#accounts.set(id, { id, serials: [], record: NO_ACCOUNT_FAILURES });
    }
  }

  async verifyBySerial(serial: Serial, code: Code, now: UnixMillis): Promise<string> {
    const token = this.#tokens.get(serial);
    if (token === undefined) return 'notRegistered';
    const verdict = verify(token.subject, attemptWith(code, serial, now), this.#env);
    this.#keep(token, verdict);
    return verdict.outcome === 'accepted' ? `accepted ${serial}` : inWords(verdict);
  }

  async verifyByAccount(id: AccountId, code: Code, now: UnixMillis): Promise<string> {
    const account = this.#accounts.get(id);
    if (account === undefined) return 'notRegistered';
    const tokens = account.serials.flatMap((serial) => this.#tokens.get(serial) ?? []);
    const free = tokens.filter(({ subject }) => subject.holds.length === 0).reverse();
    // Of each type the latest; of these the latest first.
    const isFirst = ({ serial }: Token, place: number): boolean =>
      free.findIndex((each) => isMobileId(each.serial) === isMobileId(serial)) === place;
    const [latest, ...others] = free.filter(isFirst);
    if (latest === undefined) {
      const last = tokens.at(-1)?.subject;
      return (last && refusal(last.life, last.holds)) ?? 'notRegistered';
    }
    const attempt = attemptWith(code, id, now);
    const tested = [latest, ...others];
    const candidates = [latest.subject, ...others.map(({ subject }) => subject)] as const;
    const verdict = verifyByAccount(account.record.failures, candidates, attempt, this.#env);
    account.record = { ...account.record, failures: verdict.failures };
    for (const [place, token] of tested.entries()) {
      const changed = verdict.tokens[place];
      if (changed !== undefined) this.#keep(token, changed);
    }
    const right = typeof verdict.by === 'number' ? tested[verdict.by] : undefined;
    return right === undefined ? inWords(verdict) : `accepted ${right.serial}`;
  }

  register = (
    serial: Serial,
    id: AccountId,
    [code1, code2]: readonly [Code, Code],
    now: UnixMillis,
  ): Promise<string> =>
    inTryingWords(() => {
      if (code1 === code2) throw new FobtwinError('invalidInput', 'equal');
      const account = this.#accounts.get(id);
      const token = this.#tokens.get(serial);
      if (account === undefined || token === undefined) throw new FobtwinError('notFound', '');
      const { life } = token.subject;
      if (life === 'revoked') throw new FobtwinError('revoked', '');
      if (life === 'registered') throw new FobtwinError('alreadyRegistered', '');
      if ((MOBILE_IDS[serial] ?? id) !== id) throw new FobtwinError('notAllowedNow', '');
      const { policy } = this.#env;
      const { failedRegistrations } = account.record;
      const wait = registrationRetryAfterSeconds(failedRegistrations, now, policy);
      if (wait !== undefined) return `throttled ${wait}`;
      const verdict = register(token.subject, { code1, code2, now }, this.#env);
      this.#keep(token, verdict);
      if (verdict.outcome === 'accepted') {
        token.subject = { ...token.subject, life: 'registered' };
        token.account = id;
        account.serials.push(serial);
      }
      if (verdict.outcome === 'wrongCode') {
        const failed = addFailedRegistration(failedRegistrations, now, policy);
        account.record = { ...account.record, failedRegistrations: failed };
      }
      return inWords(verdict);
    });

  resync = (
    serial: Serial,
    [code1, code2]: readonly [Code, Code],
    now: UnixMillis,
  ): Promise<string> =>
    inTryingWords(() => {
      if (code1 === code2) throw new FobtwinError('invalidInput', 'equal');
      const token = this.#living(serial);
      const verdict = resync(token.subject, { code1, code2, now }, this.#env);
      this.#keep(token, verdict);
      return inWords(verdict);
    });

  changeLife = (serial: Serial, verb: Verb): Promise<string> =>
    inTryingWords(() => {
      const token = this.#living(serial);
      const { record } = token.subject;
      const set = (hold: Hold) => this.#hold(token, hold, false);
      const lift = (hold: Hold) => this.#hold(token, hold, true);
      switch (verb) {
        case 'unlock':
        case 'helpdeskUnlock': {
          let holds = withoutHold(token.subject.holds, 'locked');
          if (verb === 'unlock') holds = withoutHold(holds, 'adminLocked');
          this.#keep(token, { record: liftLock(record), holds });
          return 'done';
        }
        case 'enable': {
          const answer = lift('disabled');
          token.subject = { ...token.subject, record: enable(record) };
          return answer;
        }
        case 'revoke': {
          token.subject = { ...token.subject, life: 'revoked' };
          const account = token.account && this.#accounts.get(token.account);
          if (account) account.serials = account.serials.filter((each) => each !== serial);
          return 'done';
        }
        case 'resetDrift':
          if (token.subject.life === 'stocked' || record.factor.type === 'event') {
            throw new FobtwinError('notAllowedNow', '');
          }
          token.subject = { ...token.subject, record: forgetClock(record) };
          return 'done';
        case 'lock':
          return set('adminLocked');
        case 'suspend':
          return set('suspended');
        case 'resume':
          return lift('suspended');
        case 'lost':
          return set('lost');
        case 'found':
          return lift('lost');
      }
    });

  async look(): Promise<Look> {
    const tokens = [...this.#tokens.values()].map(({ serial, subject, account }) => {
      const token = { ...subject, ...(account === undefined ? {} : { account }) };
      return [serial, tokenLook(token, subject.record)] as const;
    });
    const accounts = [...this.#accounts.values()].map(
      ({ id, serials, record }) => [id, accountLook(serials, record)] as const,
    );
    return { tokens: Object.fromEntries(tokens), accounts: Object.fromEntries(accounts) };
  }

  #living(serial: Serial): Token {
    const token = this.#tokens.get(serial);
    if (token === undefined) throw new FobtwinError('notFound', '');
    if (token.subject.life === 'revoked') throw new FobtwinError('revoked', '');
    return token;
  }

  #hold(token: Token, hold: Hold, needed: boolean): string {
    const { record, holds } = token.subject;
    if (holds.includes(hold) !== needed) throw new FobtwinError('notAllowedNow', '');
    const changed = needed ? withoutHold(holds, hold) : withHold(holds, hold);
    this.#keep(token, { record, holds: changed });
    return 'done';
  }

  #keep(token: Token, { record, holds }: Pick<Verdict, 'record' | 'holds'>): void {
    token.subject = { ...token.subject, record, holds };
  }
}

const isMobileId = (serial: Serial): boolean => MOBILE_IDS[serial] !== undefined;

const attemptWith = (code: Code, whose: string, now: UnixMillis): Attempt => ({
  code,
  codeHash: () => `${whose}:${code}`,
  now,
});

const inWords = ({ outcome, retryAfterSeconds }: Pick<Verdict, 'outcome' | 'retryAfterSeconds'>) =>
  retryAfterSeconds === undefined ? outcome : `${outcome} ${retryAfterSeconds}`;

/** What was thrown, in the model's words. */
export async function inTryingWords(answer: () => string | Promise<string>): Promise<string> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof FobtwinError) return `error ${error.code}`;
    throw error;
  }
}

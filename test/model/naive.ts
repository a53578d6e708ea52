/**
 * A naive model of DESIGN sections 4, 5 and 9: plain mutable objects, brute force, no thought for
 * speed, time or secrecy, and nothing of the implementation. It reads like the text; where the two
 * differ, one of them is wrong.
 *
 * It answers in words: an outcome, with what belongs to it (`accepted SERIAL`, `throttled 5`), or
 * `error CODE`.
 */

import {
  accept,
  type Counts,
  clear,
  completed,
  countWrongCode,
  DAY,
  isAwaiting,
  isRepeated,
  isReplay,
  match,
  type NaiveToken,
  type Numbers,
  pair,
  placesOf,
  type World,
} from './naive-token.ts';

export interface NaiveAccount extends Counts {
  readonly id: string;
  /** In the order of their registration. */
  serials: string[];
  failedRegistrations: number[];
}

export interface NewToken {
  readonly serial: string;
  readonly stepSeconds: number | null;
  readonly madeFor: string | null;
  readonly nextCounter: number;
}

export type Verb =
  | 'unlock'
  | 'helpdeskUnlock'
  | 'lock'
  | 'enable'
  | 'suspend'
  | 'resume'
  | 'lost'
  | 'found'
  | 'revoke'
  | 'resetDrift';

export class NaiveServer implements World {
  now: number;
  readonly tokens = new Map<string, NaiveToken>();
  readonly accounts = new Map<string, NaiveAccount>();
  readonly policy: Numbers;
  readonly codeOf: World['codeOf'];

  constructor(
    now: number,
    policy: Numbers,
    codeOf: World['codeOf'],
    tokens: readonly NewToken[],
    accounts: readonly string[],
  ) {
    this.now = now;
    this.policy = policy;
    this.codeOf = codeOf;
    const counts = () => ({ inRow: 0, sinceSuccess: 0, waitUntil: 0, lastWrong: null });
    for (const { serial, stepSeconds, madeFor, nextCounter } of tokens) {
      this.tokens.set(serial, {
        ...counts(),
        serial,
        stepSeconds,
        madeFor,
        last: stepSeconds === null ? nextCounter - 1 : -1,
        clock: null,
        lastAcceptedAt: null,
        life: 'stocked',
        holds: new Set(),
        failedPairs: 0,
        account: null,
        awaited: null,
      });
    }
    for (const id of accounts) {
      this.accounts.set(id, { ...counts(), id, serials: [], failedRegistrations: [] });
    }
  }

  verifyBySerial(serial: string, code: string): string {
    const token = this.tokens.get(serial);
    if (!token) return 'notRegistered';
    const refused = this.#refused(token);
    if (refused) return refused;
    if (this.#waits(token)) return this.#throttled(token.waitUntil);
    // "tested": from here on the code is looked for.
    const found = match(token, code, this);
    if (found !== null) {
      accept(token, found, this, 'code');
      return `accepted ${serial}`;
    }
    const second = completed(token, code, this);
    if (second !== null) {
      accept(token, second, this, 'pair');
      return `accepted ${serial}`;
    }
    if (isReplay(token, code, this)) return 'replayed';
    if (isRepeated(token, code, this)) return this.#repeated(token, serial, code);
    countWrongCode(token, code, this);
    if (token.inRow >= this.policy.lockAfterFailures) token.holds.add('locked');
    if (token.sinceSuccess >= this.policy.disableAfterFailures) token.holds.add('disabled');
    return this.#wrong(token, serial, code);
  }

  verifyByAccount(id: string, code: string): string {
    const account = this.accounts.get(id);
    if (!account) return 'notRegistered';
    const latestFirst = account.serials.map((serial) => this.#token(serial)).reverse();
    // "the candidate of a type is the latest registered without a hold"
    const free = latestFirst.filter((token) => token.holds.size === 0);
    const hardware = free.find(({ madeFor }) => madeFor === null);
    const mobile = free.find(({ madeFor }) => madeFor !== null);
    const tested = free.filter((token) => token === hardware || token === mobile);
    const [candidate] = tested;
    if (!candidate) {
      const [latest] = latestFirst;
      return latest ? (this.#refused(latest) ?? '') : 'notRegistered';
    }
    // "a token's wait also binds requests by account"
    const waiting = [account, ...tested].filter((counts) => this.#waits(counts));
    if (waiting.length > 0) {
      return this.#throttled(Math.max(...waiting.map(({ waitUntil }) => waitUntil)));
    }
    for (const token of tested) {
      // "success by account clears the account's and that token's"
      const found = match(token, code, this);
      const second = found === null ? completed(token, code, this) : null;
      if (found === null && second === null) continue;
      accept(token, found ?? second ?? 0, this, found === null ? 'pair' : 'code');
      clear(account);
      return `accepted ${token.serial}`;
    }
    if (tested.some((token) => isReplay(token, code, this))) return 'replayed';
    if (isRepeated(account, code, this)) {
      const said = tested.map((token) => this.#repeated(token, id, code));
      return said.find((word) => word === 'nextCodeRequired') ?? 'wrongCode';
    }
    // "counts once, on the account"; "at the limit locks those that were tested"
    countWrongCode(account, code, this);
    const locks = account.inRow >= this.policy.lockAfterFailures;
    const disables = account.sinceSuccess >= this.policy.disableAfterFailures;
    for (const token of tested) {
      token.awaited = null;
      if (locks) token.holds.add('locked');
      if (disables) token.holds.add('disabled');
    }
    if (locks || disables) account.inRow = account.waitUntil = 0;
    if (disables) account.sinceSuccess = 0;
    // The resync window is searched of the latest registered alone.
    return this.#wrong(candidate, id, code);
  }

  /** A counted wrong code ends the wait for a follower; one of the resync window begins another. */
  #wrong(token: NaiveToken, by: string, code: string): string {
    const { nextCodeSeconds, resyncFailedPairs } = this.policy;
    token.awaited = null;
    if (nextCodeSeconds === 0 || token.failedPairs >= resyncFailedPairs) return 'wrongCode';
    if (token.holds.size > 0) return 'wrongCode';
    const factors = placesOf(token, code, this).slice(0, 4);
    if (factors.length === 0) return 'wrongCode';
    token.failedPairs += 1;
    token.awaited = { code, by, at: this.now, factors };
    return 'nextCodeRequired';
  }

  /** A client's retry reads what it read, and begins nothing anew. */
  #repeated(token: NaiveToken, by: string, code: string): string {
    const { awaited } = token;
    const same = awaited !== null && awaited.code === code && awaited.by === by;
    return same && isAwaiting(token, this) ? 'nextCodeRequired' : 'wrongCode';
  }

  /** By somebody who may read tokens. */
  register(serial: string, id: string, code1: string, code2: string): string {
    if (code1 === code2) return 'error invalidInput';
    const account = this.accounts.get(id);
    if (!account) return 'error notFound';
    const token = this.tokens.get(serial);
    if (!token) return 'error notFound';
    if (token.life === 'revoked') return 'error revoked';
    if (token.life === 'registered') return 'error alreadyRegistered';
    if (token.madeFor !== null && token.madeFor !== id) return 'error notAllowedNow';
    // "five failed pairs an account a day"; "days are rolling 24 hours"
    const limit = this.policy.registrationFailedPairsPerAccountDay;
    const today = account.failedRegistrations.filter((at) => Math.abs(this.now - at) < DAY);
    if (today.length >= limit) {
      const [oldest = 0] = today.slice(-limit);
      return this.#throttled(oldest + DAY);
    }
    const refused = this.#refusedBy(token.holds);
    if (refused) return refused;
    // "twenty a serial and then the helpdesk; a stocked token is never locked by strangers"
    if (token.failedPairs >= this.policy.registrationFailedPairsPerSerial) return 'locked';
    const second = pair(token, code1, code2, this);
    if (second === null) {
      token.failedPairs += 1;
      account.failedRegistrations = [...today, this.now].sort((a, b) => a - b);
      return 'wrongCode';
    }
    accept(token, second, this, 'pair');
    token.life = 'registered';
    token.account = id;
    account.serials.push(serial);
    return 'accepted';
  }

  resync(serial: string, code1: string, code2: string): string {
    if (code1 === code2) return 'error invalidInput';
    const token = this.tokens.get(serial);
    if (!token) return 'error notFound';
    if (token.life === 'revoked') return 'error revoked';
    // "allowed without a hold or with `locked` only, ignores waits"
    const others = new Set([...token.holds].filter((hold) => hold !== 'locked'));
    const refused = this.#refusedBy(others);
    if (refused) return refused;
    if (token.life === 'stocked') return 'notRegistered';
    // "from then until `unlock` resync answers `locked` untested"
    if (token.failedPairs >= this.policy.resyncFailedPairs) return 'locked';
    const second = pair(token, code1, code2, this);
    if (second === null) {
      token.failedPairs += 1;
      token.sinceSuccess += 1;
      if (token.failedPairs >= this.policy.resyncFailedPairs) token.holds.add('locked');
      if (token.sinceSuccess >= this.policy.disableAfterFailures) token.holds.add('disabled');
      return 'wrongCode';
    }
    // "on success clears lock, counts, wait and budget"
    accept(token, second, this, 'pair');
    token.holds.delete('locked');
    return 'accepted';
  }

  changeLife(serial: string, verb: Verb): string {
    const token = this.tokens.get(serial);
    if (!token) return 'error notFound';
    if (token.life === 'revoked') return 'error revoked';
    const set = (hold: string): string => {
      if (token.holds.has(hold)) return 'error notAllowedNow';
      token.holds.add(hold);
      return 'done';
    };
    const lift = (hold: string): string =>
      token.holds.delete(hold) ? 'done' : 'error notAllowedNow';
    switch (verb) {
      case 'unlock':
      case 'helpdeskUnlock':
        // "lifts `locked` (and `adminLocked` with scope `tokens:admin`)"
        token.holds.delete('locked');
        if (verb === 'unlock') token.holds.delete('adminLocked');
        // "and clears failures in a row, wait and budget"
        token.inRow = token.waitUntil = token.failedPairs = 0;
        return 'done';
      case 'lock':
        return set('adminLocked');
      case 'enable': {
        const answer = lift('disabled');
        if (answer === 'done') token.sinceSuccess = 0;
        return answer;
      }
      case 'suspend':
        return set('suspended');
      case 'resume':
        return lift('suspended');
      case 'lost':
        return set('lost');
      case 'found':
        return lift('lost');
      case 'resetDrift':
        if (token.life === 'stocked' || token.stepSeconds === null) return 'error notAllowedNow';
        token.clock = null;
        token.awaited = null;
        return 'done';
      case 'revoke': {
        token.life = 'revoked';
        const account = token.account === null ? undefined : this.accounts.get(token.account);
        if (account) account.serials = account.serials.filter((each) => each !== serial);
        return 'done';
      }
    }
  }

  #token(serial: string): NaiveToken {
    const token = this.tokens.get(serial);
    if (!token) throw new Error(`the model lost ${serial}`);
    return token;
  }

  /** "Precedence in an answer: revoked, lost, disabled, adminLocked, suspended, locked". */
  #refused(token: NaiveToken): string | null {
    if (token.life === 'revoked') return 'revoked';
    return this.#refusedBy(token.holds) ?? (token.life === 'stocked' ? 'notRegistered' : null);
  }

  #refusedBy(holds: ReadonlySet<string>): string | null {
    if (holds.has('lost')) return 'lost';
    if (holds.has('disabled')) return 'disabled';
    if (holds.has('adminLocked')) return 'locked';
    if (holds.has('suspended')) return 'suspended';
    if (holds.has('locked')) return 'locked';
    return null;
  }

  /** A wait longer than any that is given was dated by a clock that went back since. */
  #waits({ waitUntil }: { waitUntil: number }): boolean {
    const left = waitUntil - this.now;
    return left > 0 && left <= this.policy.waitSecondsMax * 1000;
  }

  #throttled(until: number): string {
    return `throttled ${Math.ceil((until - this.now) / 1000)}`;
  }
}

import { expect } from 'chai';
import type fc from 'fast-check';
import type { AccountId, Code, Serial, UnixMillis } from '../../shared/types.ts';
import { type Driven, expectAlike, lookOfModel } from './driven.ts';
import type { NaiveServer, Verb } from './naive.ts';
import { DAY, type NaiveToken, prediction } from './naive-token.ts';

/** The commands of the model runs. Each draws its codes from what the model knows by then. */
export type Command = fc.AsyncCommand<NaiveServer, Driven>;

export const SERIALS = ['EVENT-A', 'EVENT-B', 'TIME-A', 'TIME-B', 'SLOW'] as const;
export const ACCOUNTS = ['alice', 'bob'] as const;
/** The tokens that are Mobile IDs, and whom each was made for. */
export const MOBILE_IDS: Readonly<Record<string, (typeof ACCOUNTS)[number] | undefined>> = {
  'TIME-B': 'alice',
};

/** Whom a code is given for. */
export type Where = { readonly serial: Serial } | { readonly account: AccountId };

/** Which code somebody gives: one of a token's own, or one made up. */
export interface CodeChoice {
  /** From the next counter or the predicted step. */
  readonly from: number;
  /** Not null: this made-up code instead. */
  readonly wrong: number | null;
}

export interface PairChoice {
  readonly from: number;
  readonly apart: number;
  /** Which of the two is made up instead. */
  readonly spoilt: 'none' | 'first' | 'second' | 'both';
}

function chosenCode(token: NaiveToken, { from, wrong }: CodeChoice, model: NaiveServer): Code {
  if (wrong !== null) return String(900_000 + wrong) as Code;
  return model.codeOf(token.serial, Math.max(0, prediction(token, model) + from)) as Code;
}

function chosenPair(
  token: NaiveToken,
  { from, apart, spoilt }: PairChoice,
  model: NaiveServer,
): readonly [Code, Code] {
  const made = { from: 0, wrong: 1 };
  const first = spoilt === 'first' || spoilt === 'both' ? made : { from, wrong: null };
  const bad = spoilt === 'second' || spoilt === 'both';
  const second = bad ? { from: 0, wrong: 2 } : { from: from + apart, wrong: null };
  return [chosenCode(token, first, model), chosenCode(token, second, model)];
}

function tokenOf(model: Pick<NaiveServer, 'tokens'>, serial: string): NaiveToken {
  const token = model.tokens.get(serial);
  if (token === undefined) throw new Error(`the model has no ${serial}`);
  return token;
}

const at = (model: NaiveServer): UnixMillis => model.now as UnixMillis;

/** A step that both take, after which answer and records are compared. */
const command = (
  name: string,
  take: (model: NaiveServer, driven: Driven) => Promise<readonly [string, string]>,
  check: (model: Readonly<NaiveServer>) => boolean = () => true,
): Command => ({
  check,
  toString: () => name,
  async run(model, driven) {
    const [expected, answer] = await take(model, driven);
    expect(answer, name).to.equal(expected);
    expectAlike(await driven.look(), lookOfModel(model), `after ${name}`);
  },
});

export const verifyBySerial = (serial: Serial, choice: CodeChoice): Command =>
  command(`verify ${serial} ${JSON.stringify(choice)}`, async (model, driven) => {
    const code = chosenCode(tokenOf(model, serial), choice, model);
    return [
      model.verifyBySerial(serial, code),
      await driven.verifyBySerial(serial, code, at(model)),
    ];
  });

export const verifyByAccount = (id: AccountId, serial: Serial, choice: CodeChoice): Command =>
  command(`verify ${id} with ${serial} ${JSON.stringify(choice)}`, async (model, driven) => {
    const code = chosenCode(tokenOf(model, serial), choice, model);
    return [model.verifyByAccount(id, code), await driven.verifyByAccount(id, code, at(model))];
  });

/** A client that sends the last wrong code again. */
export const repeat = (where: Where): Command =>
  command(`repeat ${JSON.stringify(where)}`, async (model, driven) => {
    if ('serial' in where) {
      const code = (tokenOf(model, where.serial).lastWrong?.code ?? '900000') as Code;
      const expected = model.verifyBySerial(where.serial, code);
      return [expected, await driven.verifyBySerial(where.serial, code, at(model))];
    }
    const code = (model.accounts.get(where.account)?.lastWrong?.code ?? '900000') as Code;
    const expected = model.verifyByAccount(where.account, code);
    return [expected, await driven.verifyByAccount(where.account, code, at(model))];
  });

/** One code and then another of the same token, as next-code mode asks for them. */
export const followUp = (
  serial: Serial,
  account: AccountId | null,
  how: { from: number; apart: number; again: boolean; millis: number },
): Command =>
  command(`follow up ${serial} ${account} ${JSON.stringify(how)}`, async (model, driven) => {
    const token = tokenOf(model, serial);
    const first = chosenCode(token, { from: how.from, wrong: null }, model);
    const second = chosenCode(token, { from: how.from + how.apart, wrong: null }, model);
    const expected: string[] = [];
    const answers: string[] = [];
    for (const code of how.again ? [first, first, second] : [first, second]) {
      if (account === null) {
        expected.push(model.verifyBySerial(serial, code));
        answers.push(await driven.verifyBySerial(serial, code, at(model)));
      } else {
        expected.push(model.verifyByAccount(account, code));
        answers.push(await driven.verifyByAccount(account, code, at(model)));
      }
      model.now += how.millis;
    }
    return [expected.join(), answers.join()];
  });

/** Different wrong codes one after another, each as soon as the wait is over. */
async function guessing(
  where: Where,
  times: number,
  model: NaiveServer,
  driven: Driven,
): Promise<readonly [string, string]> {
  let expected = '';
  let answer = '';
  for (let n = 0; n < times && expected === answer; n += 1) {
    const code = String(950_000 + n) as Code;
    if ('serial' in where) {
      model.now = Math.max(model.now, tokenOf(model, where.serial).waitUntil);
      expected += `, ${model.verifyBySerial(where.serial, code)}`;
      answer += `, ${await driven.verifyBySerial(where.serial, code, at(model))}`;
    } else {
      model.now = Math.max(model.now, model.accounts.get(where.account)?.waitUntil ?? 0);
      expected += `, ${model.verifyByAccount(where.account, code)}`;
      answer += `, ${await driven.verifyByAccount(where.account, code, at(model))}`;
    }
  }
  return [expected, answer];
}

export const guess = (where: Where, times: number): Command =>
  command(
    `guess ${times} times ${JSON.stringify(where)}`,
    (model, driven) => guessing(where, times, model, driven),
    (model) => isWorthIt(where, model),
  );

/** Guessing at what was never registered is left to single tries. */
const isWorthIt = (where: Where, model: Pick<NaiveServer, 'tokens' | 'accounts'>): boolean =>
  'serial' in where
    ? tokenOf(model, where.serial).life === 'registered'
    : model.accounts.get(where.account)?.serials.length !== 0;

/**
 * A stocked token with a hold is left out: what fails there counts on shadows, which nobody sees
 * and the model does not have.
 */
export const register = (serial: Serial, id: AccountId, choice: PairChoice): Command =>
  command(
    `register ${serial} to ${id} ${JSON.stringify(choice)}`,
    async (model, driven) => {
      const codes = chosenPair(tokenOf(model, serial), choice, model);
      const expected = model.register(serial, id, ...codes);
      return [expected, await driven.register(serial, id, codes, at(model))];
    },
    (model) => isFree(model, serial),
  );

const isFree = (model: Pick<NaiveServer, 'tokens'>, serial: Serial): boolean => {
  const { life, holds } = tokenOf(model, serial);
  return life !== 'stocked' || holds.size === 0;
};

/** Somebody tries a stocked serial with wrong pairs, from one account after another, for days. */
export const pester = (serial: Serial, times: number): Command =>
  command(
    `pester ${serial} ${times} times`,
    async (model, driven) => {
      const codes = ['900008' as Code, '900009' as Code] as const;
      let expected = '';
      let answer = '';
      for (let n = 0; n < times && expected === answer; n += 1) {
        for (const id of ACCOUNTS) {
          const before = at(model);
          expected += `, ${model.register(serial, id, ...codes)}`;
          answer += `, ${await driven.register(serial, id as string as AccountId, codes, before)}`;
        }
        if (expected.includes('throttled')) model.now += DAY / 4;
      }
      return [expected, answer];
    },
    (model) => isFree(model, serial),
  );

export const resync = (serial: Serial, choice: PairChoice, times: number): Command =>
  command(`resync ${serial} ${times} times ${JSON.stringify(choice)}`, async (model, driven) => {
    let expected = '';
    let answer = '';
    for (let n = 0; n < times; n += 1) {
      const codes = chosenPair(tokenOf(model, serial), choice, model);
      expected += `, ${model.resync(serial, ...codes)}`;
      answer += `, ${await driven.resync(serial, codes, at(model))}`;
    }
    return [expected, answer];
  });

export const changeLife = (serial: Serial, verb: Verb): Command =>
  command(`${verb} ${serial}`, async (model, driven) => [
    model.changeLife(serial, verb),
    await driven.changeLife(serial, verb, at(model)),
  ]);

/** The helpdesk's good day: whatever holds the token is lifted. */
export const relieve = (serial: Serial): Command =>
  command(`relieve ${serial}`, async (model, driven) => {
    const verbs: readonly Verb[] = ['unlock', 'enable', 'resume', 'found'];
    const expected = verbs.map((verb) => model.changeLife(serial, verb));
    const answers: string[] = [];
    for (const verb of verbs) answers.push(await driven.changeLife(serial, verb, at(model)));
    return [expected.join(), answers.join()];
  });

/** Guessing, with an unlock after every lock, until a limit that no unlock moves is met. */
export const siege = (where: Where, rounds: number): Command =>
  command(
    `siege of ${JSON.stringify(where)}, ${rounds} rounds`,
    async (model, driven) => {
      const serials = () =>
        'serial' in where ? [where.serial] : (model.accounts.get(where.account)?.serials ?? []);
      let expected = '';
      let answer = '';
      for (let round = 0; round < rounds && expected === answer; round += 1) {
        const guessed = await guessing(where, model.policy.lockAfterFailures, model, driven);
        expected += guessed[0];
        answer += guessed[1];
        for (const serial of serials()) {
          expected += model.changeLife(serial, 'helpdeskUnlock');
          answer += await driven.changeLife(serial as Serial, 'helpdeskUnlock', at(model));
        }
      }
      return [expected, answer];
    },
    (model) => isWorthIt(where, model),
  );

export const moveClock = (millis: number): Command =>
  command(`the clock moves ${millis} ms`, (model) => {
    model.now += millis;
    return Promise.resolve(['', '']);
  });

export const strangers = (id: AccountId, serial: Serial): Command =>
  command(`strangers ${id} ${serial}`, async (model, driven) => {
    const code = '123456' as Code;
    const pair = [code, '654321' as Code] as const;
    const known = SERIALS[0] as Serial;
    const now = at(model);
    return [
      [
        model.verifyBySerial(serial, code),
        model.verifyByAccount(id, code),
        model.register(serial, 'alice', ...pair),
        model.register(known, id, ...pair),
        model.register(known, 'alice', code, code),
        model.resync(serial, ...pair),
        model.resync(known, code, code),
        model.changeLife(serial, 'unlock'),
      ].join(),
      [
        await driven.verifyBySerial(serial, code, now),
        await driven.verifyByAccount(id, code, now),
        await driven.register(serial, 'alice' as AccountId, pair, now),
        await driven.register(known, id, pair, now),
        await driven.register(known, 'alice' as AccountId, [code, code], now),
        await driven.resync(serial, pair, now),
        await driven.resync(known, [code, code], now),
        await driven.changeLife(serial, 'unlock', now),
      ].join(),
    ];
  });

/** How most runs begin: all tokens but one registered, each account with two. */
export const registrations = (): readonly Command[] => {
  const good: PairChoice = { from: 0, apart: 1, spoilt: 'none' };
  const owners = { 'EVENT-A': 'alice', 'TIME-A': 'alice', 'EVENT-B': 'bob', 'TIME-B': 'bob' };
  const each = Object.entries(owners).map(([serial, id]) =>
    register(serial as Serial, id as AccountId, good),
  );
  return [...each, moveClock(90_000)];
};

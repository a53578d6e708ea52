import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import type { AccountFailuresRecord } from '../../server/accounts/record.ts';
import type { FactorRecord } from '../../server/verification/types.ts';
import type { AccountId, Code, Life, Serial, UnixMillis } from '../../shared/types.ts';
import type { NaiveServer, Verb } from './naive.ts';

/** What the model is held against: something that answers in the model's own words. */
export interface Driven {
  verifyBySerial(serial: Serial, code: Code, now: UnixMillis): Promise<string>;
  verifyByAccount(id: AccountId, code: Code, now: UnixMillis): Promise<string>;
  register(
    serial: Serial,
    id: AccountId,
    codes: readonly [Code, Code],
    now: UnixMillis,
  ): Promise<string>;
  resync(serial: Serial, codes: readonly [Code, Code], now: UnixMillis): Promise<string>;
  changeLife(serial: Serial, verb: Verb, now: UnixMillis): Promise<string>;
  /** Everything that can be seen of tokens and accounts. */
  look(): Promise<Look>;
}

export interface Look {
  readonly tokens: Readonly<Record<string, TokenLook>>;
  readonly accounts: Readonly<Record<string, AccountLook>>;
}

interface CountsLook {
  readonly inRow: number;
  readonly sinceSuccess: number;
  readonly waitUntil: number;
  readonly lastWrongAt: number | null;
}

export interface TokenLook extends CountsLook {
  readonly life: Life;
  readonly holds: readonly string[];
  readonly account: string | null;
  /** The last accepted counter or step. */
  readonly last: number;
  /** Seconds; null: nothing learnt. The two compute alike, not equal: see `expectAlike`. */
  readonly offset: number | null;
  readonly anchorAt: number | null;
  readonly lastAcceptedAt: number | null;
  readonly failedPairs: number;
  /** Whose follower is waited for: since when, and the places it may have. */
  readonly awaited: { readonly at: number; readonly factors: readonly number[] } | null;
}

export interface AccountLook extends CountsLook {
  readonly serials: readonly string[];
  readonly failedRegistrations: readonly number[];
}

const countsLook = ({ failures }: { failures: FactorRecord['failures'] }): CountsLook => ({
  inRow: failures.failuresInRow,
  sinceSuccess: failures.failuresSinceSuccess,
  waitUntil: failures.waitUntil,
  lastWrongAt: failures.lastWrong?.at ?? null,
});

/** A token's two records as the model would have them. */
export function tokenLook(
  token: { readonly life: Life; readonly holds: readonly string[]; readonly account?: string },
  record: FactorRecord,
): TokenLook {
  const { factor } = record;
  const event = factor.type === 'event';
  return {
    life: token.life,
    holds: [...token.holds].sort(),
    account: token.account ?? null,
    last: event ? factor.nextCounter - 1 : factor.lastStep,
    offset: (event ? undefined : factor.drift?.offsetSeconds) ?? null,
    anchorAt: (event ? undefined : factor.drift?.anchorAt) ?? null,
    lastAcceptedAt: record.lastAcceptedAt ?? null,
    failedPairs: record.failedPairs,
    awaited: record.nextCode
      ? { at: record.nextCode.at, factors: record.nextCode.movingFactors }
      : null,
    ...countsLook(record),
  };
}

export const accountLook = (
  serials: readonly string[],
  record: AccountFailuresRecord,
): AccountLook => ({
  serials,
  failedRegistrations: record.failedRegistrations,
  ...countsLook(record),
});

/** The same of the model. */
export function lookOfModel(model: NaiveServer): Look {
  const counts = ({ lastWrong }: { lastWrong: { at: number } | null }) => ({
    lastWrongAt: lastWrong?.at ?? null,
  });
  const tokens = [...model.tokens.values()].map((token): [string, TokenLook] => {
    const { serial, stepSeconds, madeFor, lastWrong, holds, clock, ...rest } = token;
    const { awaited: whose, ...seen } = rest;
    const offset = clock?.mean[0] ?? null;
    const anchorAt = clock?.anchor.at ?? null;
    const awaited = whose && { at: whose.at, factors: whose.factors };
    const look = { ...seen, holds: [...holds].sort(), offset, anchorAt, awaited };
    return [serial, { ...look, ...counts({ lastWrong }) }];
  });
  const accounts = [...model.accounts.values()].map((account): [string, AccountLook] => {
    const { id, lastWrong, ...seen } = account;
    return [id, { ...seen, ...counts({ lastWrong }) }];
  });
  return { tokens: Object.fromEntries(tokens), accounts: Object.fromEntries(accounts) };
}

/** Two ways of rounding apart, and over unix seconds that is a millionth. */
const OFFSET_SECONDS = 1e-4;

/** Whether both are in the same state; learnt offsets may differ by their rounding. */
export function expectAlike(actual: Look, expected: Look, message: string): void {
  const tokens = Object.fromEntries(
    Object.entries(actual.tokens).map(([serial, token]) => {
      const offset = expected.tokens[serial]?.offset ?? null;
      const isAlike =
        token.offset === null || offset === null
          ? token.offset === offset
          : Math.abs(token.offset - offset) < OFFSET_SECONDS;
      return [serial, isAlike ? { ...token, offset } : token];
    }),
  );
  const look = { ...actual, tokens };
  // Asked after every command: chai takes longer over it, and is left to say what differs.
  if (!isDeepStrictEqual(look, expected)) expect(look, message).to.deep.equal(expected);
}

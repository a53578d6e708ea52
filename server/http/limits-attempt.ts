import type { Outcome, Serial } from '../../shared/types.ts';
import type { OperationId, ParsedBodyOf, ParsedParamsOf } from '../../shared/wire/operations.ts';

/** One attempt at codes, as the limits by token and by account count it. */
export interface Attempt {
  readonly serial?: Serial | undefined;
  /** An account's id; where only the records know it, what stands for one account at most. */
  readonly account?: string | undefined;
  /** What was given: one code, or two of them joined. */
  readonly code: string;
}

interface Call<Id extends OperationId> {
  readonly params: ParsedParamsOf<Id>;
  readonly body: ParsedBodyOf<Id>;
}

/** Every operation that tries codes, and what it tries: whoever adds one adds it here. */
const ATTEMPTS: { readonly [Id in OperationId]?: (call: Call<Id>) => Attempt | undefined } = {
  verify: ({ body: { serial, account, code } }) => ({ serial, account, code }),
  registerToken: ({ params: { serial }, body: { account, code1, code2 } }) => ({
    serial,
    account,
    code: `${code1} ${code2}`,
  }),
  resyncToken: ({ params: { serial }, body: { code1, code2 } }) => ({
    serial,
    code: `${code1} ${code2}`,
  }),
  /** The codes are the new token's; its account is known to the records alone. */
  replaceToken: ({ body: { serial, code1, code2 } }) => ({ serial, code: `${code1} ${code2}` }),
  /** A skipped code is none; who means whom is not known yet, and letters' case does not matter. */
  beginSession: ({ body: { user, code } }) =>
    code === undefined ? undefined : { account: `user ${user.toLowerCase()}`, code },
  elevateSession: ({ body: { sessionToken, code } }) => ({
    account: `session ${sessionToken}`,
    code,
  }),
  registerCredentialToken: ({ params: { id }, body: { serial, code1, code2 } }) => ({
    serial,
    account: id,
    code: `${code1} ${code2}`,
  }),
  confirmMobileId: ({ params: { id, serial }, body: { code1, code2 } }) => ({
    serial,
    account: id,
    code: `${code1} ${code2}`,
  }),
  /** A call back tries no code. */
  checkCaller: ({ params: { id }, body: { code } }) =>
    code === undefined ? undefined : { account: id, code },
  verifyPhone: ({ params: { id }, body: { code } }) => ({ account: id, code }),
  /** Without codes it only tells. */
  explainToken: ({ params: { serial }, body: { code1, code2 } }) =>
    code1 === undefined ? undefined : { serial, code: `${code1} ${code2}` },
};

/** Parsed by the operation's own row, its types no longer told apart. */
export type AttemptReader = (call: {
  readonly params: unknown;
  readonly body: unknown;
}) => Attempt | undefined;

/** How to read an attempt out of a call; undefined for operations that try no codes. */
export const attemptReader = (id: OperationId): AttemptReader | undefined =>
  ATTEMPTS[id] as AttemptReader | undefined;

const RIGHT: ReadonlySet<unknown> = new Set<Outcome>(['accepted', 'strengthTooLow']);

/** Whether the code was right, be it enough or not: nobody guesses who has it. */
export const isRight = (outcome: unknown): boolean => RIGHT.has(outcome);

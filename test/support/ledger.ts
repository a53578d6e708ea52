import type { Client } from '../../shared/client/client.ts';
import { createOtp } from '../../shared/otp.ts';
import { type Code, parseSeed, type Seed } from '../../shared/types.ts';
import type { ReplyOf } from '../../shared/wire/operations.ts';
import { nodeCrypto } from './node-crypto.ts';

/**
 * What a server has acknowledged, kept by those who asked. One change of a token is under way at a
 * time, so that after a crash each token is as it was before that change, or as after it.
 */

/** What a change leaves behind, as far as /v1 shows it. */
export interface TokenState {
  readonly account: string | undefined;
  readonly nextCounter: number;
  /** Wrong codes since the last accepted one. */
  readonly failures: number;
}

export interface LedgerToken {
  readonly serial: string;
  readonly seed: Seed;
  /** As acknowledged. */
  state: TokenState;
  /** As it will be when the change that is under way is acknowledged. */
  pending: TokenState | undefined;
  /** Counters that were accepted, in order. */
  readonly accepted: number[];
}

export interface Ledger {
  readonly tokens: readonly LedgerToken[];
  /** Acknowledged. */
  readonly accounts: Set<string>;
  /** Asked for, and not answered. */
  readonly pendingAccounts: Set<string>;
  /** Changes that were acknowledged: each has an audit entry. */
  changes: number;
  /** Accounts that were ever asked for: each has another name. */
  accountsAsked: number;
}

const DIGITS = 8;
export const OWNER = 'owner';
const otp = createOtp(nodeCrypto);

/** Eight digits: six would make chance hits that a run of hours sees. */
export const codeOf = ({ seed }: LedgerToken, counter: number): Code =>
  otp.code(seed, counter, { algorithm: 'SHA1', digits: DIGITS });

/** Imports `count` event tokens and the account that they will be registered to. */
export async function openLedger(client: Client, count: number): Promise<Ledger> {
  const tokens = Array.from({ length: count }, (_, index) => newToken(index));
  const rows = tokens.map(({ serial, seed }) => {
    return `${serial},${Buffer.from(seed).toString('hex')},SHA1,${DIGITS},0\n`;
  });
  const stream = `serial,seed,algorithm,digits,counter\n${rows.join('')}`;
  const { imported } = await client.call('importSeedFile', { contentType: 'text/csv', stream });
  if (imported !== count) throw new Error(`${imported} of ${count} tokens were imported`);
  await client.call('addAccount', { body: { id: OWNER } });
  return {
    tokens,
    accounts: new Set([OWNER]),
    pendingAccounts: new Set(),
    changes: 1,
    accountsAsked: 0,
  };
}

function newToken(index: number): LedgerToken {
  const seed = parseSeed(Uint8Array.from({ length: 20 }, (_, place) => (index * 31 + place) % 256));
  if (seed === undefined) throw new Error('20 bytes are a seed');
  return {
    serial: `LOAD${index}`,
    seed,
    state: { account: undefined, nextCounter: 0, failures: 0 },
    pending: undefined,
    accepted: [],
  };
}

type TokenView = ReplyOf<'getToken'>['token'];

const sameState = (state: TokenState, view: TokenView): boolean =>
  state.account === view.account &&
  state.nextCounter === view.nextCounter &&
  state.failures === view.failuresSinceSuccess;

/**
 * Compares the ledger with a server that has recovered, and settles what was under way. Every
 * sentence of the answer is something acknowledged that is not there, or there and never asked for.
 */
export async function settle(ledger: Ledger, client: Client): Promise<string[]> {
  const wrong: string[] = [];
  for (const token of ledger.tokens) {
    const { token: view } = await client.call('getToken', { params: { serial: token.serial } });
    const { state, pending } = token;
    token.pending = undefined;
    if (sameState(state, view)) continue;
    if (pending !== undefined && sameState(pending, view)) {
      // It was done, and only its answer was lost.
      token.state = pending;
      if (pending.nextCounter > state.nextCounter) token.accepted.push(pending.nextCounter - 1);
      continue;
    }
    wrong.push(`${token.serial} is ${JSON.stringify(view)}: ${JSON.stringify({ state, pending })}`);
  }
  const present = await allAccounts(client);
  for (const id of ledger.accounts) {
    if (!present.has(id)) wrong.push(`account ${id} was acknowledged and is not there`);
  }
  for (const id of present) {
    const isAsked = ledger.accounts.has(id) || ledger.pendingAccounts.has(id);
    if (!isAsked) wrong.push(`account ${id} was never asked for`);
    ledger.accounts.add(id);
  }
  ledger.pendingAccounts.clear();
  return wrong;
}

async function allAccounts(client: Client): Promise<Set<string>> {
  const present = new Set<string>();
  let cursor: string | undefined;
  do {
    const query = cursor === undefined ? { limit: 500 } : { limit: 500, cursor };
    const page = await client.call('listAccounts', { query });
    for (const { id } of page.items) present.add(id);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return present;
}

/** Sends again what was accepted last on each token. Each sentence is one accepted twice. */
export async function replayAll(ledger: Ledger, client: Client): Promise<string[]> {
  const wrong: string[] = [];
  for (const token of ledger.tokens) {
    for (const counter of token.accepted.slice(-3)) {
      const body = { serial: token.serial, code: codeOf(token, counter) };
      const { outcome } = await client.call('verify', { body });
      // Beyond the ten counters that are called `replayed` it is a wrong code like any other.
      if (outcome === 'replayed') continue;
      if (outcome !== 'wrongCode') {
        wrong.push(`the code of ${token.serial} at ${counter} was ${outcome} after a crash`);
      }
      token.state = { ...token.state, failures: token.state.failures + 1 };
    }
  }
  return wrong;
}

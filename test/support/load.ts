import type { Client } from '../../shared/client/client.ts';
import type { Outcome } from '../../shared/types.ts';
import { codeOf, type Ledger, type LedgerToken, OWNER, type TokenState } from './ledger.ts';

/**
 * Load on a running fobd: workers that register tokens, verify fresh codes, replay used ones, guess
 * wrong ones and add accounts, each waiting for its answer, until the server is gone or they are
 * told to stop. The ledger is written before and after each request.
 */
export interface LoadOptions {
  readonly client: Client;
  readonly ledger: Ledger;
  /** Uniform in [0, 1): chooses what is asked. */
  readonly uniform: () => number;
  /** Default 8; each has its own tokens. */
  readonly workers?: number;
}

export interface Load {
  /** Resolves when that many more changes were acknowledged, or the load has ended. */
  acknowledged(count: number): Promise<void>;
  /** Resolves when every worker has its last answer. */
  stop(): Promise<void>;
  /** Resolves when every worker has ended; rejects with the first answer that was not right. */
  readonly done: Promise<void>;
}

/**
 * A policy file's content for servers under load: guesses are counted, and neither throttle nor
 * lock; the same wrong code counts each time.
 */
export const LOAD_POLICY = {
  waitSeconds: 0,
  waitSecondsMax: 0,
  waitAfterFailures: 100,
  lockAfterFailures: 100,
  repeatSeconds: 0,
};

/** From so many wrong codes on a token the next one is right, so that none is disabled. */
const FAILURES_MAX = 40;
const LOOK_AHEAD = 10;
/** Furthest that a press is skipped. */
const SKIPPED_MAX = 3;

export function startLoad({ client, ledger, uniform, workers = 8 }: LoadOptions): Load {
  let stopped = false;
  let ended = false;
  let waiting: { count: number; resolve: () => void }[] = [];
  const wake = (): void => {
    for (const { count, resolve } of waiting) if (ended || ledger.changes >= count) resolve();
    waiting = waiting.filter(({ count }) => !ended && ledger.changes < count);
  };

  const work = async (worker: number): Promise<void> => {
    const tokens = ledger.tokens.filter((_, index) => index % workers === worker);
    while (!stopped) {
      const token = tokens[Math.floor(uniform() * tokens.length)];
      const isGone = await act(token, { client, ledger, uniform }).then(() => false, isUnavailable);
      if (isGone) return;
      wake();
    }
  };

  const done = Promise.all(Array.from({ length: workers }, (_, worker) => work(worker))).then(
    () => undefined,
  );
  const end = (): void => {
    ended = true;
    wake();
  };
  done.then(end, end);
  return {
    acknowledged(more) {
      const count = ledger.changes + more;
      return new Promise((resolve) => {
        waiting.push({ count, resolve });
        wake();
      });
    },
    stop() {
      stopped = true;
      return done;
    },
    done,
  };
}

/** The server is gone: what was asked may or may not have been done. */
function isUnavailable(error: unknown): true {
  if (error instanceof Error && 'code' in error && error.code === 'unavailable') return true;
  throw error;
}

type Acting = Omit<LoadOptions, 'workers'>;

async function act(token: LedgerToken | undefined, acting: Acting): Promise<void> {
  const { uniform } = acting;
  const dice = uniform();
  if (token === undefined || dice < 0.1) return addAccount(acting);
  if (token.state.account === undefined) return register(token, acting);
  if (dice < 0.6 || token.state.failures >= FAILURES_MAX) return verifyFresh(token, acting);
  if (dice < 0.75 && token.accepted.length > 0) return replay(token, acting);
  return guess(token, acting);
}

async function addAccount({ client, ledger }: Acting): Promise<void> {
  ledger.accountsAsked += 1;
  const id = `load-${ledger.accountsAsked}`;
  ledger.pendingAccounts.add(id);
  await client.call('addAccount', { body: { id } });
  ledger.pendingAccounts.delete(id);
  ledger.accounts.add(id);
  ledger.changes += 1;
}

/** Asks for a change of a token, and writes it down once it was acknowledged. */
async function change(
  token: LedgerToken,
  { ledger }: Acting,
  { to, ask, expected }: { to: TokenState; ask: () => Promise<Outcome>; expected: Outcome },
): Promise<void> {
  token.pending = to;
  const outcome = await ask();
  if (outcome !== expected) {
    throw new Error(`${token.serial}: ${outcome} instead of ${expected} on ${JSON.stringify(to)}`);
  }
  token.state = to;
  token.pending = undefined;
  ledger.changes += 1;
}

async function register(token: LedgerToken, acting: Acting): Promise<void> {
  const first = token.state.nextCounter + Math.floor(acting.uniform() * SKIPPED_MAX);
  const body = { account: OWNER, code1: codeOf(token, first), code2: codeOf(token, first + 1) };
  const params = { serial: token.serial };
  await change(token, acting, {
    to: { account: OWNER, nextCounter: first + 2, failures: 0 },
    expected: 'accepted',
    ask: async () => (await acting.client.call('registerToken', { params, body })).outcome,
  });
  token.accepted.push(first, first + 1);
}

const verify = async ({ client }: Acting, { serial }: LedgerToken, code: string) =>
  (await client.call('verify', { body: { serial, code } })).outcome;

async function verifyFresh(token: LedgerToken, acting: Acting): Promise<void> {
  const counter = token.state.nextCounter + Math.floor(acting.uniform() * SKIPPED_MAX);
  await change(token, acting, {
    to: { ...token.state, nextCounter: counter + 1, failures: 0 },
    expected: 'accepted',
    ask: () => verify(acting, token, codeOf(token, counter)),
  });
  token.accepted.push(counter);
}

/** Of the last accepted code: it changes nothing but the audit log. */
async function replay(token: LedgerToken, acting: Acting): Promise<void> {
  const last = token.state.nextCounter - 1;
  await change(token, acting, {
    to: token.state,
    expected: 'replayed',
    ask: () => verify(acting, token, codeOf(token, last)),
  });
}

async function guess(token: LedgerToken, acting: Acting): Promise<void> {
  await change(token, acting, {
    to: { ...token.state, failures: token.state.failures + 1 },
    expected: 'wrongCode',
    ask: () => verify(acting, token, wrongCode(token, acting)),
  });
}

/** A code that the token does not show anywhere near its counter. */
function wrongCode(token: LedgerToken, { uniform }: Acting): string {
  const { nextCounter } = token.state;
  const near = new Set<string>();
  for (let step = -LOOK_AHEAD; step <= LOOK_AHEAD; step += 1) {
    if (nextCounter + step >= 0) near.add(codeOf(token, nextCounter + step));
  }
  let code: string;
  do code = String(Math.floor(uniform() * 1e8)).padStart(8, '0');
  while (near.has(code));
  return code;
}

import type { Agent } from 'undici';
import { lookupWithin, type Reach, reachOf } from './address.ts';

export interface WebhookRequest {
  readonly url: string;
  readonly allowsPrivate: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What an endpoint said; `failure` is a status or a code of the system, nothing it sent. */
export type Answer =
  | { readonly result: 'taken' | 'gone' }
  | { readonly result: 'failed'; readonly failure: string };

export interface WebhookSender {
  post(sent: WebhookRequest): Promise<Answer>;
  /** Cuts off what is under way. */
  close(): Promise<void>;
}

export interface SenderOptions {
  /** Until the connection stands. Default 5 s. */
  readonly connectMillis?: number;
  /** The whole of it, reply included. Default 15 s. */
  readonly attemptMillis?: number;
}

/** Connections to one endpoint at the same time. */
const CONNECTIONS_MAX = 4;
/** What an endpoint says is not looked at; more than so much of it is not even read. */
const REPLY_BYTES_MAX = 64 * 1024;
const GONE = 410;

/** Redirects are not followed: the answer of the very endpoint that was named counts. */
export function createWebhookSender(options: SenderOptions = {}): WebhookSender {
  const { connectMillis = 5_000, attemptMillis = 15_000 } = options;
  const agents = new Map<Reach, Agent>();
  let isClosed = false;
  const agentFor = (reach: Reach, undici: typeof import('undici').default): Agent => {
    const known = agents.get(reach);
    if (known !== undefined) return known;
    const agent = new undici.Agent({
      connections: CONNECTIONS_MAX,
      pipelining: 1,
      connect: { timeout: connectMillis, lookup: lookupWithin(reach) },
      headersTimeout: attemptMillis,
      bodyTimeout: attemptMillis,
    });
    agents.set(reach, agent);
    return agent;
  };
  return {
    async post({ url, allowsPrivate, headers, body }) {
      try {
        // Loaded when it is needed first: most commands, and many a server, send nothing.
        const { default: undici } = await import('undici');
        if (isClosed) return { result: 'failed', failure: 'ECANCELED' };
        const reply = await undici.request(url, {
          method: 'POST',
          dispatcher: agentFor(reachOf(new URL(url), allowsPrivate), undici),
          headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'fobd' },
          body,
          signal: AbortSignal.timeout(attemptMillis),
        });
        const { statusCode } = reply;
        await reply.body.dump({ limit: REPLY_BYTES_MAX }).catch(() => undefined);
        if (statusCode >= 200 && statusCode < 300) return { result: 'taken' };
        return statusCode === GONE
          ? { result: 'gone' }
          : { result: 'failed', failure: `status ${statusCode}` };
      } catch (error) {
        return { result: 'failed', failure: failureOf(error) };
      }
    },
    async close() {
      isClosed = true;
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

/** Of the whole attempt, by its signal or by the agent: whichever comes first says the same. */
const TIMEOUTS = new Set<unknown>(['TimeoutError', 'HeadersTimeoutError', 'BodyTimeoutError']);

function failureOf(error: unknown): string {
  const { name, code } = error as { name?: unknown; code?: unknown };
  if (TIMEOUTS.has(name)) return 'ETIMEDOUT';
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : 'EUNKNOWN';
}

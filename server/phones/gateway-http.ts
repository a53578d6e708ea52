import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';
import { signatures } from '../notices/webhooks/signature.ts';
import type { PhoneGateway, PhoneMessage } from './port.ts';
import { type Reach, reaches } from './reach.ts';

/**
 * A gateway that is reached over HTTP: `POST` of the JSON `{id, to, kind, text}`, signed as
 * Standard Webhooks has it, so that a gateway of one's own is a page of code (see README.md). A
 * 2xx: it has taken the message.
 */
export interface HttpGatewayOptions extends Reach {
  readonly type: 'http';
  readonly name: string;
  /** https, or http on this machine. */
  readonly url: string;
  /** What messages are signed with. */
  readonly key: Uint8Array;
  /** For one try; one that took so long is not repeated here, since it may have been sent. */
  readonly timeoutMillis: number;
  /** Tries under the same id, where the gateway could not be reached or was busy. */
  readonly tries: number;
}

/** Between two tries. */
const PAUSE_MILLIS = 200;
/** More than this of a reply is not read: nothing in it is looked at. */
const REPLY_BYTES_MAX = 16_384;
/** Those 4xx that another try may get over: request timeout, too early, too many requests. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** The gateway answered, and has not taken the message. */
class GatewayRefusal extends Error {
  override readonly name = 'GatewayRefusal';
  readonly status: number;

  constructor(status: number) {
    super(`the gateway answered ${status}`);
    this.status = status;
  }
}

export function createHttpGateway(options: HttpGatewayOptions, clock: Clock): PhoneGateway {
  const { name, tries } = options;
  return {
    name,
    takes: (message) => reaches(options, message),
    async send(message, signal) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await post(message, options, clock, signal);
          return;
        } catch (error) {
          if (attempt >= tries || signal.aborted || !mayPass(error)) throw error;
          await delay(PAUSE_MILLIS, undefined, { signal });
        }
      }
    },
  };
}

async function post(
  { id, number, kind, text }: PhoneMessage,
  { url, key, timeoutMillis }: HttpGatewayOptions,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  // Loaded when it is needed first (most commands, and many a server, send nothing), and before its
  // time begins.
  const { default: undici } = await import('undici');
  const body = JSON.stringify({ id, to: number, kind, text });
  const timestamp = Math.floor(clock.now() / 1000);
  const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMillis)]);
  const reply = await undici.request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatures([key], { id, timestamp, body }),
    },
    body,
    signal: limited,
    // Messages are few: no connection is kept that would hold a process up.
    reset: true,
  });
  const isTaken = reply.statusCode >= 200 && reply.statusCode < 300;
  // What follows the status changes nothing about it.
  await reply.body.dump({ limit: REPLY_BYTES_MAX, signal: limited }).catch(() => undefined);
  if (!isTaken) throw new GatewayRefusal(reply.statusCode);
}

/** Whether another try may fare better, and nothing can have been sent by this one. */
function mayPass(error: unknown): boolean {
  if (error instanceof GatewayRefusal) return error.status >= 500 || PASSING.has(error.status);
  const isTimeout = error instanceof Error && /^(Timeout|Abort)Error$/.test(error.name);
  return !isTimeout;
}

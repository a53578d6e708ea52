import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import type { ProofingOptions } from './options.ts';
import type { Question, QuestionProvider } from './port.ts';
import {
  isCurrent,
  isSignature,
  REQUEST_ID_HEADER,
  replySignature,
  requestSignature,
  SIGNATURE_HEADER,
  TIMESTAMP_HEADER,
  timestampOf,
} from './signature.ts';

/** A provider of questions that is reached over HTTP, its contract signed: see PROVIDER.md. */

/** More than this of a reply is not read. */
export const REPLY_BYTES_MAX = 65_536;
const REQUEST_ID_BYTES = 16;

const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
/** Shown to people: no control character, no half of a surrogate pair. */
const line = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u);
const isDistinct = (list: readonly { readonly id: string }[]): boolean =>
  new Set(list.map((each) => each.id)).size === list.length;
const choices = z
  .array(z.object({ id, text: line }))
  .min(2)
  .max(12)
  .refine(isDistinct);
const questions = z
  .array(z.object({ id, text: line, choices }))
  .min(1)
  .max(20)
  .refine(isDistinct);
const BEGUN = z.union([z.object({ inquiry: id, questions }), z.object({ inquiry: z.null() })]);
const JUDGED = z.object({ inquiry: id, verdict: z.enum(['passed', 'failed', 'expired']) });

export interface HttpProviderParts {
  /** The computer's clock, in a lab too: the provider has no other. */
  readonly systemClock: Clock;
  readonly rng: Rng;
  /** Told why the provider is not believed or not reached; never what was asked or answered. */
  readonly onFailure: (reason: string) => void;
}

export function createHttpProvider(
  options: ProofingOptions,
  { systemClock, rng, onFailure }: HttpProviderParts,
): QuestionProvider {
  const post = async <T>(path: string, value: object, schema: z.ZodType<T>): Promise<T> => {
    const requestId = Buffer.from(rng.bytes(REQUEST_ID_BYTES)).toString('hex');
    try {
      return await exchange({ path, value, schema, requestId }, options, systemClock);
    } catch (error) {
      const reason = reasonOf(error);
      onFailure(reason);
      throw unreachable(reason);
    }
  };
  return {
    async begin({ legalName, country }) {
      const begun = await post('/inquiries', { legalName, country }, BEGUN);
      if (begun.inquiry === null) return undefined;
      return { inquiry: begun.inquiry, questions: begun.questions as readonly Question[] };
    },
    async judge(inquiry, answers) {
      const path = `/inquiries/${encodeURIComponent(inquiry)}/answers`;
      const judged = await post(path, { answers }, JUDGED);
      if (judged.inquiry === inquiry) return judged.verdict;
      onFailure(WRONG_INQUIRY);
      throw unreachable(WRONG_INQUIRY);
    },
  };
}

const WRONG_INQUIRY = 'it judged another inquiry';

/** Why an exchange failed, in words without anything of what was exchanged. */
class Distrust extends Error {
  override readonly name = 'Distrust';
}

interface Exchange<T> {
  readonly path: string;
  readonly value: object;
  readonly schema: z.ZodType<T>;
  readonly requestId: string;
}

async function exchange<T>(
  { path, value, schema, requestId }: Exchange<T>,
  { url, key, timeoutMillis }: ProofingOptions,
  clock: Clock,
): Promise<T> {
  // Loaded when it is needed first: most commands, and many a server, ask nobody.
  const { default: undici } = await import('undici');
  const target = new URL(`${url}${path}`);
  const body = JSON.stringify(value);
  const sentAt = timestampOf(clock.now());
  const head = { method: 'POST', path: target.pathname, timestamp: sentAt, requestId };
  const reply = await undici.request(target, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      [TIMESTAMP_HEADER]: sentAt,
      [REQUEST_ID_HEADER]: requestId,
      [SIGNATURE_HEADER]: requestSignature({ ...head, body }, key),
    },
    body,
    signal: AbortSignal.timeout(timeoutMillis),
    // Inquiries are few: no connection is kept that would hold a process up.
    reset: true,
  });
  const { statusCode: status, headers } = reply;
  const bytes = await bounded(reply.body);
  const timestamp = headers[TIMESTAMP_HEADER];
  const expected = { status, timestamp: String(timestamp), requestId, body: bytes };
  if (!isSignature(headers[SIGNATURE_HEADER], replySignature(expected, key))) {
    throw new Distrust(`its reply (status ${status}) is not signed with the key`);
  }
  if (!isCurrent(timestamp, clock.now())) throw new Distrust("its clock is not the computer's");
  if (status !== 200) throw new Distrust(`it answered ${status}`);
  const parsed = schema.safeParse(jsonOf(bytes));
  if (!parsed.success) throw new Distrust('its reply has not the form of the contract');
  return parsed.data;
}

async function bounded(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // To leave the loop early closes the connection.
  for await (const chunk of body) {
    length += chunk.length;
    if (length > REPLY_BYTES_MAX) throw new Distrust('its reply is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** A library's own message may quote what was sent: its name and code alone are told. */
function reasonOf(error: unknown): string {
  if (error instanceof Distrust) return error.message;
  if (!(error instanceof Error)) return 'it cannot be reached';
  if (error.name === 'TimeoutError') return 'it has not answered in time';
  const code: unknown = Reflect.get(error, 'code');
  return `it cannot be reached (${typeof code === 'string' ? code : error.name})`;
}

const unreachable = (reason: string): FobtwinError =>
  new FobtwinError('unavailable', 'The provider of the questions cannot be reached.', {
    nextStep: 'Try again later, or request live video proofing.',
    detail: `proofing provider: ${reason}`,
  });

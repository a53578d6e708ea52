import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import type { Rng } from '../../shared/rng.ts';
import type { Answers, Question, QuestionVerdict } from '../proofing/port.ts';
import {
  isCurrent,
  isSignature,
  REQUEST_ID_HEADER,
  replySignature,
  requestSignature,
  SIGNATURE_HEADER,
  TIMESTAMP_HEADER,
  timestampOf,
} from '../proofing/signature.ts';
import { isAllRight, questionsFor } from './proofing-questions.ts';

/**
 * The sandbox provider: the other side of the contract in server/proofing/PROVIDER.md, as a process
 * of its own, with made-up questions and failures that can be switched on.
 */

/** How it may fail, for whoever tests against it. */
export const PROVIDER_FAILURES = [
  'none',
  'silent',
  'hangUp',
  'busy',
  'redirect',
  'unsigned',
  'wrongSignature',
  'otherRequest',
  'oldTimestamp',
  'oversized',
  'garbage',
  'wrongForm',
] as const;
export type ProviderFailure = (typeof PROVIDER_FAILURES)[number];

export interface SandboxParts {
  readonly key: Uint8Array;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Default `none`; `PUT /failure` changes it. */
  readonly failure?: ProviderFailure;
}

interface Inquiry {
  readonly questions: readonly Question[];
  readonly expiresAt: number;
  verdict?: QuestionVerdict;
}

interface Answer {
  readonly status: number;
  readonly value: object;
}

const BODY_BYTES_MAX = 16_384;
const INQUIRIES_MAX = 10_000;
const REQUESTS_MAX = 10_000;
const INQUIRY_MILLIS = 15 * 60_000;
const INQUIRY_BYTES = 16;

/** Listens nowhere yet. */
export function createSandboxProvider(parts: SandboxParts): Server {
  const sandbox = new Sandbox(parts);
  return createServer((request, response) => {
    sandbox.answer(request, response).catch(() => response.destroy());
  });
}

class Sandbox {
  readonly #parts: SandboxParts;
  readonly #inquiries = new Map<string, Inquiry>();
  /** Ids of requests that were answered: none is taken twice. */
  readonly #seen = new Set<string>();
  #failure: ProviderFailure;

  constructor(parts: SandboxParts) {
    this.#parts = parts;
    this.#failure = parts.failure ?? 'none';
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === undefined) {
      response.writeHead(413).end();
      return;
    }
    if (request.url === '/failure') {
      this.#switch(request, response, body);
      return;
    }
    const isOurs = this.#isSigned(request, body);
    const answer = isOurs ? this.#carryOut(request.url ?? '', body) : REFUSED;
    send(response, answer, this.#failure, {
      key: this.#parts.key,
      requestId: String(request.headers[REQUEST_ID_HEADER]),
      now: this.#parts.clock.now(),
    });
  }

  /** For tests: the body is the failure's name. It listens on this machine alone. */
  #switch(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const failure = PROVIDER_FAILURES.find((each) => each === body.toString().trim());
    const isGood = request.method === 'PUT' && failure !== undefined;
    if (isGood) this.#failure = failure;
    response.writeHead(isGood ? 204 : 400).end();
  }

  #isSigned({ method = '', url = '', headers }: IncomingMessage, body: Buffer): boolean {
    const { key, clock } = this.#parts;
    const requestId = String(headers[REQUEST_ID_HEADER]);
    const timestamp = String(headers[TIMESTAMP_HEADER]);
    const expected = requestSignature({ method, path: url, timestamp, requestId, body }, key);
    const isGenuine =
      isSignature(headers[SIGNATURE_HEADER], expected) && isCurrent(timestamp, clock.now());
    if (!isGenuine || this.#seen.has(requestId)) return false;
    remember(this.#seen, requestId);
    return true;
  }

  #carryOut(path: string, body: Buffer): Answer {
    const value = jsonOf(body);
    if (path.endsWith('/inquiries')) return this.#begin(value);
    const [, inquiry] = /\/inquiries\/([A-Za-z0-9_-]{1,64})\/answers$/.exec(path) ?? [];
    return inquiry === undefined ? NOT_FOUND : this.#judge(inquiry, value);
  }

  #begin({ legalName }: Readonly<Record<string, unknown>>): Answer {
    if (typeof legalName !== 'string') return NOT_UNDERSTOOD;
    const id = Buffer.from(this.#parts.rng.bytes(INQUIRY_BYTES)).toString('hex');
    const asked = questionsFor(legalName, id);
    if (asked === undefined) return { status: 200, value: { inquiry: null } };
    const expiresAt = this.#parts.clock.now() + INQUIRY_MILLIS;
    const oldest = this.#inquiries.keys().next().value;
    if (this.#inquiries.size >= INQUIRIES_MAX && oldest !== undefined) {
      this.#inquiries.delete(oldest);
    }
    this.#inquiries.set(id, { questions: asked.questions, expiresAt });
    return { status: 200, value: asked };
  }

  /** Once: whatever is answered later, the first verdict stands. */
  #judge(id: string, { answers }: Readonly<Record<string, unknown>>): Answer {
    const inquiry = this.#inquiries.get(id);
    if (!isAnswers(answers)) return NOT_UNDERSTOOD;
    if (inquiry === undefined || this.#parts.clock.now() >= inquiry.expiresAt) {
      return { status: 200, value: { inquiry: id, verdict: 'expired' } };
    }
    inquiry.verdict ??= isAllRight(inquiry.questions, answers) ? 'passed' : 'failed';
    return { status: 200, value: { inquiry: id, verdict: inquiry.verdict } };
  }
}

const REFUSED: Answer = { status: 401, value: { error: 'the request is not signed, or is old' } };
const NOT_FOUND: Answer = { status: 404, value: { error: 'there is nothing here' } };
const NOT_UNDERSTOOD: Answer = { status: 422, value: { error: 'the body is not as agreed' } };

function remember(seen: Set<string>, requestId: string): void {
  const oldest = seen.values().next().value;
  if (seen.size >= REQUESTS_MAX && oldest !== undefined) seen.delete(oldest);
  seen.add(requestId);
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function jsonOf(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

const isAnswers = (value: unknown): value is Answers =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((answer) => typeof answer === 'string');

interface Signing {
  readonly key: Uint8Array;
  readonly requestId: string;
  readonly now: number;
}

/** Long before fobd was asked. */
const OLD_MILLIS = 3_600_000;
const OVERSIZED_BYTES = 1_048_576;

function send(
  response: ServerResponse,
  { status, value }: Answer,
  failure: ProviderFailure,
  { key, requestId, now }: Signing,
): void {
  if (failure === 'silent') return;
  if (failure === 'hangUp') {
    response.destroy();
    return;
  }
  const body = BODIES[failure]?.() ?? JSON.stringify(value);
  const given = STATUSES[failure] ?? status;
  const timestamp = timestampOf(failure === 'oldTimestamp' ? now - OLD_MILLIS : now);
  const signedId = failure === 'otherRequest' ? '0'.repeat(32) : requestId;
  const signingKey = failure === 'wrongSignature' ? new Uint8Array(key.length) : key;
  const reply = { status: given, timestamp, requestId: signedId, body };
  response.writeHead(given, {
    'content-type': 'application/json',
    ...(failure === 'redirect' ? { location: '/inquiries' } : {}),
    [TIMESTAMP_HEADER]: timestamp,
    ...(failure === 'unsigned' ? {} : { [SIGNATURE_HEADER]: replySignature(reply, signingKey) }),
  });
  response.end(body);
}

type Bodies = { readonly [F in ProviderFailure]?: () => string };

const BODIES: Bodies = {
  oversized: () => JSON.stringify({ filler: 'x'.repeat(OVERSIZED_BYTES) }),
  garbage: () => '<html>Welcome</html>',
  wrongForm: () => JSON.stringify({ inquiry: 'i', questions: [], verdict: 'yes' }),
};

const STATUSES: { readonly [F in ProviderFailure]?: number } = { busy: 503, redirect: 302 };

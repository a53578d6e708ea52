import { Agent, request } from 'undici';
import { formatCsv } from '../../../shared/seed-files/csv-format.ts';
import type { AccountId, Serial } from '../../../shared/types.ts';
import {
  type Acknowledgement,
  accountAdded,
  counterPassed,
  entryText,
  imported,
  registered,
} from './facts.ts';
import { codeOf, eventEntry, newlyRegistered, type UsedToken } from './tokens.ts';

export interface Reply {
  readonly requestId: string;
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}

/** A caller of one fobd: many requests at once, each with a name of its own. */
export class Caller {
  readonly #address: string;
  readonly #apiKey: string;
  readonly #agent = new Agent({ connections: 64, pipelining: 1 });
  #requests = 0;

  constructor(address: string, apiKey: string) {
    this.#address = address;
    this.#apiKey = apiKey;
  }

  /** A whole reply, or it rejects. */
  async send(path: string, body?: object | string): Promise<Reply> {
    this.#requests += 1;
    const requestId = `crash-${this.#requests}`;
    const type = typeof body === 'string' ? 'text/csv' : 'application/json';
    const {
      statusCode,
      headers,
      body: reply,
    } = await request(this.#address + path, {
      method: body === undefined ? 'GET' : 'POST',
      dispatcher: this.#agent,
      headers: {
        authorization: `Bearer ${this.#apiKey}`,
        'x-request-id': requestId,
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      body: typeof body === 'object' ? JSON.stringify(body) : (body ?? null),
    });
    const json = (await reply.json()) as Reply['json'];
    if (headers['x-request-id'] !== requestId) throw new Error('a reply to another request');
    return { requestId, status: statusCode, json };
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

/** Who asks, and who is told what was acknowledged. */
export interface Asking {
  readonly caller: Caller;
  /** Called with every reply as it comes. */
  readonly acknowledged: (acknowledgement: Acknowledgement) => void;
}

export const unexpected = (what: string, reply: unknown): Error =>
  new Error(`${what}: unexpected ${JSON.stringify(reply)}`);

export async function addAccount(
  account: AccountId,
  { caller, acknowledged }: Asking,
): Promise<void> {
  const { requestId, status, json } = await caller.send('/v1/accounts', { id: account });
  if (status !== 201) throw unexpected('an account', json);
  const entry = entryText({ action: 'addAccount', account });
  acknowledged({ requestId, entry, facts: [accountAdded(account)] });
}

/** With the codes of its counters 0 and 1. */
export async function registerToken(
  serial: Serial,
  account: AccountId,
  { caller, acknowledged }: Asking,
): Promise<UsedToken> {
  const codes = { code1: codeOf(serial, 0), code2: codeOf(serial, 1) };
  const path = `/v1/tokens/${serial}/registration`;
  const { requestId, json } = await caller.send(path, { account, ...codes });
  if (json['outcome'] !== 'accepted') throw unexpected('a registration', json);
  const entry = entryText({ action: 'register', outcome: 'accepted', serial, account });
  const facts = [registered(serial, account), counterPassed(serial, 1)];
  acknowledged({ requestId, entry, facts });
  return newlyRegistered(serial, account, 2);
}

/** A seed file of stocked tokens as one commit. */
export async function importTokens(
  serials: readonly Serial[],
  { caller, acknowledged }: Asking,
): Promise<void> {
  const csv = formatCsv(serials.map(eventEntry));
  const { requestId, json } = await caller.send('/v1/seed-files', csv);
  if (json['imported'] !== serials.length) throw unexpected('an import', json);
  // All of a file or nothing: a few of its tokens stand for all.
  const some = serials.filter((_, place) => place % 100 === 0 || place === serials.length - 1);
  const entry = entryText({ action: 'import' });
  acknowledged({ requestId, entry, facts: some.map(imported) });
}

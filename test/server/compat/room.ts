import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type Koa from 'koa';
import { parseAddressRange } from '../../../server/access/address.ts';
import type { Scope } from '../../../server/access/scopes.ts';
import { openAccounts } from '../../../server/accounts/open.ts';
import type { PasswordService } from '../../../server/accounts/passwords-port.ts';
import { createApplicationService } from '../../../server/applications/service.ts';
import { type CompatGiven, openCompat } from '../../../server/compat/open.ts';
import type { CompatOptions } from '../../../server/compat/options.ts';
import { createChallenges } from '../../../server/sessions/challenges.ts';
import type { AccountId, Serial, Strength } from '../../../shared/types.ts';
import { Room as PhonesRoom, type RoomOptions as PhonesRoomOptions } from '../phones/room.ts';
import { EVENT, OWNER, openRoom, type Room } from '../tokens/room.ts';

export const PASSWORD = 'correct horse 100% battery+staple';

export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** The drop-in API over its real services, and a person with a registered event token. */
export interface CompatRoom {
  readonly room: Room;
  readonly serial: Serial;
  readonly account: AccountId;
  readonly passwords: PasswordService;
  /** Over the same tokens: what was sent comes to its list. */
  readonly phones: PhonesRoom;
  readonly logged: readonly object[];
  /** The next code that the token shows. */
  next(): string;
  application(...scopes: Scope[]): Promise<{ id: string; apiKey: string }>;
  revoke(application: string): Promise<unknown>;
  /** Less than this strength is refused to it. */
  demand(application: string, strength: Strength): Promise<unknown>;
  /** Sends these very bytes, with the length added. */
  raw(head: string, body?: string): Promise<Reply>;
  /** A form, encoded twice as most clients do. */
  form(path: string, parameters: Readonly<Record<string, string>>, extra?: string): Promise<Reply>;
  get(path: string, extra?: string): Promise<Reply>;
  close(): Promise<void>;
}

const HERE = [parseAddressRange('127.0.0.1')].filter((range) => range !== undefined);

const QUICK = { parameters: { memoryKibibytes: 64, passes: 1, lanes: 1 } };

export async function openCompatRoom(
  options: Partial<CompatOptions> = {},
  given: Partial<CompatGiven> = {},
  phoneOptions: PhonesRoomOptions = {},
): Promise<CompatRoom> {
  const room = await openRoom();
  const rng = { bytes: (length: number) => randomBytes(length), uniform: Math.random };
  const rootKey = new Uint8Array(32).fill(1);
  const { store } = room;
  const { accounts, passwords } = openAccounts({ store, rootKey, rng, hashing: QUICK });
  const applications = createApplicationService({ store: room.store, rng });
  const account = await room.account('jennifer');
  const serial = await room.registered('FT1', 'jennifer', EVENT);
  await passwords.set(account, PASSWORD, room.as(OWNER));
  const phones = new PhonesRoom(room, phoneOptions);
  const logged: object[] = [];
  const { app } = openCompat({
    options: {
      addresses: HERE,
      ...{ requireKey: false, mode: 'appended', tokenInit: false },
      ...options,
    },
    tokens: room.tokens,
    accounts,
    passwords,
    phones: phones.phones,
    challenges: createChallenges({ rng, elapsedMillis: () => room.now }),
    applications,
    policy: room.policy,
    clock: { now: () => room.now },
    log: { error: (details) => logged.push(details) },
    rng,
    elapsedMillis: () => room.now,
    rootKey,
    trustedProxies: [],
    ...given,
  });
  const server = await listening(app);
  let counter = 1;
  const raw = (head: string, body = '') => exchange(server, head, body);
  const base = { room, serial, account, passwords, phones, logged, raw };
  return {
    ...base,
    next: () => {
      counter += 1;
      return room.code(serial, counter);
    },
    revoke: (application) => applications.revoke(application as never, {}, room.as(OWNER)),
    demand: (application, requiredStrength) =>
      applications.demand(application as never, { requiredStrength }, room.as(OWNER)),
    application: (...scopes) => applications.add({ name: 'service', scopes }, room.as(OWNER)),
    form(path, parameters, extra = '') {
      const twice = Object.entries(parameters).map(([name, value]): [string, string] => [
        name,
        encodeURIComponent(value),
      ]);
      return raw(
        `POST ${path} HTTP/1.1\r\nUser-Agent: privacyIDEA-Java/1.2.0\r\n${extra}` +
          'Content-Type: application/x-www-form-urlencoded\r\n',
        String(new URLSearchParams(twice)),
      );
    },
    get: (path, extra = '') => raw(`GET ${path} HTTP/1.1\r\nUser-Agent: test\r\n${extra}`),
    async close() {
      server.closeAllConnections();
      server.close();
      await room.store.close();
    },
  };
}

async function listening(app: Koa): Promise<Server> {
  const answer = app.callback();
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function exchange(server: Server, head: string, body: string): Promise<Reply> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const length = head.startsWith('GET') ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  socket.write(`${head}Host: localhost\r\nConnection: close\r\n${length}\r\n${body}`);
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const [top = '', ...rest] = text.split('\r\n\r\n');
  const content = rest.join('\r\n\r\n');
  const status = Number(top.split(' ')[1]);
  const isJson = /content-type: application\/json/i.test(top);
  return { status, body: content, json: isJson ? JSON.parse(content) : {} };
}

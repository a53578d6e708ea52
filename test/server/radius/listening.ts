import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { parseAddressRange } from '../../../server/access/address.ts';
import { type ListenOptions, parseListenOptions } from '../../../server/radius/listen-options.ts';
import type { AccessReply, Answer, RadiusClient } from '../../../server/radius/port.ts';
import type { PacketResult } from '../../../server/radius/results.ts';
import { createRadiusServer, type RadiusServer } from '../../../server/radius/server.ts';

/** The wire half of server/radius on free ports of the loopback, with an answer of the test's. */

export const SECRET = new TextEncoder().encode('a secret of this client');

export function clientAt(range: string, wishes: Partial<RadiusClient> = {}): RadiusClient {
  const address = parseAddressRange(range);
  if (address === undefined) throw new Error(`${range} is no range`);
  return {
    name: `at-${range.replace(/[^\w.]/g, '-')}`,
    addresses: [address],
    secret: SECRET,
    requireMessageAuthenticator: true,
    policy: { mode: 'code' },
    ...wishes,
  };
}

export const reply = (code: AccessReply['code'], ...attributes: AccessReply['attributes']) => ({
  code,
  attributes,
});

export interface ListeningWishes {
  readonly clients?: readonly RadiusClient[];
  readonly answer?: Answer;
  readonly options?: Parameters<typeof parseListenOptions>[0];
  readonly elapsedMillis?: () => number;
}

export interface Listening {
  readonly server: RadiusServer;
  readonly options: ListenOptions;
  /** Of the first listener. */
  readonly port: number;
  readonly counts: Map<PacketResult, number>;
  /** How often a result was counted. */
  count(result: PacketResult): number;
  /** Resolves once so many packets have been counted altogether. */
  counted(packets: number): Promise<void>;
  /** Errors and warnings. */
  readonly logged: { readonly level: string; readonly message: string; readonly details: object }[];
  close(): Promise<void>;
}

export async function startListening(wishes: ListeningWishes = {}): Promise<Listening> {
  const options = parseListenOptions({ listen: [{ port: 0 }], ...wishes.options });
  const counts = new Map<PacketResult, number>();
  const logged: Listening['logged'] = [];
  const waiting: { packets: number; resolve: () => void }[] = [];
  const total = () => Array.from(counts.values()).reduce((sum, count) => sum + count, 0);
  const keep = (level: string) => (details: object, message: string) => {
    logged.push({ level, message, details });
  };
  const server = createRadiusServer({
    options,
    clients: wishes.clients ?? [clientAt('127.0.0.0/8')],
    answer: wishes.answer ?? (async () => reply('accessAccept')),
    elapsedMillis: wishes.elapsedMillis ?? (() => performance.now()),
    now: () => Date.now(),
    log: { warn: keep('warn'), error: keep('error') },
    observe(result) {
      counts.set(result, (counts.get(result) ?? 0) + 1);
      for (const one of waiting.filter(({ packets }) => packets <= total())) {
        waiting.splice(waiting.indexOf(one), 1);
        one.resolve();
      }
    },
  });
  for (const listener of server.listeners) await listener.listen();
  return {
    server,
    options,
    port: server.listeners[0]?.port() ?? 0,
    counts,
    count: (result) => counts.get(result) ?? 0,
    counted: (packets) =>
      total() >= packets
        ? Promise.resolve()
        : new Promise((resolve) => waiting.push({ packets, resolve })),
    logged,
    close: async () => {
      await Promise.all(server.listeners.map((listener) => listener.close()));
    },
  };
}

/** A socket of a client's. */
export interface ClientSocket {
  readonly port: number;
  send(bytes: Uint8Array, port: number, address?: string): Promise<void>;
  /** The next datagram that comes, or came and has not been taken. */
  next(): Promise<Uint8Array>;
  /** How many came and have not been taken. */
  readonly unread: number;
  close(): void;
}

export async function openClient(address = '127.0.0.1'): Promise<ClientSocket> {
  const socket: Socket = createSocket({
    type: address.includes(':') ? 'udp6' : 'udp4',
    recvBufferSize: 1024 * 1024,
  });
  socket.bind(0, address);
  await once(socket, 'listening');
  const came: Uint8Array[] = [];
  const wanting: ((bytes: Uint8Array) => void)[] = [];
  socket.on('message', (bytes: Uint8Array, _from: RemoteInfo) => {
    const taker = wanting.shift();
    if (taker === undefined) came.push(bytes);
    else taker(bytes);
  });
  return {
    port: socket.address().port,
    send: (bytes, port, to = address) =>
      new Promise((resolve, reject) => {
        socket.send(bytes, port, to, (error) => (error ? reject(error) : resolve()));
      }),
    next() {
      const first = came.shift();
      if (first !== undefined) return Promise.resolve(first);
      return new Promise((resolve) => wanting.push(resolve));
    },
    get unread() {
      return came.length;
    },
    close: () => socket.close(),
  };
}

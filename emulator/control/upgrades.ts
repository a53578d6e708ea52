import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Gate } from './gate.ts';
import type { Sockets } from './sockets.ts';

/** Connections that ask to go on in another protocol: WebSocket is one, others are not spoken. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What came after the request's headers. */
  readonly head: Buffer;
}

const SOCKET_PATH = '/v1/events';

export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

export function upgrade({ request, socket, head }: Upgrade, gate: Gate, sockets: Sockets): void {
  socket.on('error', () => {});
  const path = gate.isOurs(request) ? gate.opened(request) : undefined;
  if (path === SOCKET_PATH) sockets.accept(request, socket, head);
  else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}

/** Headers that offer the other protocol (RFC 9110 section 7.8, RFC 7540 section 3.2.1). */
const OFFERS: ReadonlySet<string> = new Set(['upgrade', 'http2-settings']);

/**
 * The connection as it was before the request, which no longer offers another protocol: a server
 * may ignore such an offer (RFC 9110 section 7.8). Java's client makes one (`h2c`) on its own.
 */
export function asBeforeUpgrade({ request, socket, head }: Upgrade): Duplex {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (!OFFERS.has(name.toLowerCase())) lines.push(`${name}: ${rawHeaders[at + 1]}`);
  }
  const headers = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  socket.unshift(Buffer.concat([headers, head]));
  return socket;
}

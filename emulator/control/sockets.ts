import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../shared/clock.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { readObject } from './http.ts';
import { type Context, OPERATIONS, type Operation, type Result } from './operations.ts';
import { problemOf } from './problems.ts';
import { createAllowance, type Rate } from './rates.ts';
import type { Toll } from './toll.ts';
import { type Answer, type Notice, PROTOCOL_VERSION } from './wire.ts';

/** The control interface over a WebSocket: commands in, answers and notices out. */
export interface Sockets {
  /** The request has passed the gate. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

export interface SocketParts {
  readonly context: Context;
  readonly toll: Toll;
  readonly clock: Clock;
  readonly onFailure: (error: unknown) => void;
}

export const SOCKET_LIMITS = {
  connections: 32,
  messageBytes: 16 * 1024,
  /** Commands of one connection that wait for their answers. */
  waiting: 32,
  /** What a client that does not read leaves unsent before it is cut off. */
  unsentBytes: 1024 * 1024,
  /** Messages that were too many, before the connection is closed. */
  excess: { perSecond: 1, burst: 50 } satisfies Rate,
} as const;

/** Close codes of our own (RFC 6455 section 7.4.2) and of the standard. */
export const CLOSE = {
  flooded: 4429,
  tooSlow: 4408,
  tooMany: 1013,
  failed: 1011,
  goingAway: 1001,
} as const;

export function createSockets(parts: SocketParts): Sockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: SOCKET_LIMITS.messageBytes,
    perMessageDeflate: false,
  });
  server.on('connection', (socket: WebSocket) => {
    // A broken frame closes its connection; that is all there is to be said of it.
    socket.on('error', () => {});
    if (server.clients.size > SOCKET_LIMITS.connections) {
      socket.close(CLOSE.tooMany, 'Too many connections');
      return;
    }
    converse(socket, parts);
  });
  return {
    accept(request, socket, head) {
      server.handleUpgrade(request, socket, head, (accepted) => {
        server.emit('connection', accepted, request);
      });
    },
    close() {
      for (const socket of server.clients) socket.close(CLOSE.goingAway, 'fob ends');
      server.close();
    },
  };
}

/** One connection from its first word to its last. */
function converse(socket: WebSocket, { context, toll, clock, onFailure }: SocketParts): void {
  const excess = createAllowance(SOCKET_LIMITS.excess, clock);
  let waiting = 0;
  const say = (message: Notice | Answer): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > SOCKET_LIMITS.unsentBytes) {
      socket.close(CLOSE.tooSlow, 'Read what is sent');
      return;
    }
    socket.send(JSON.stringify(message));
  };
  const fail = (id: number | null, error: unknown): void => {
    const problem = problemOf(error);
    if (problem.status === 500) onFailure(error);
    say({ id, error: problem });
    if (problem.status === 429 && excess.take() > 0) {
      socket.close(CLOSE.flooded, 'Too many commands');
    }
  };
  const obey = async (data: RawData, isBinary: boolean): Promise<void> => {
    let id: number | null = null;
    try {
      const message = readMessage(data, isBinary);
      id = readId(message);
      const order = readOrder(message);
      if (waiting >= SOCKET_LIMITS.waiting) throw impatient();
      toll.pay(order.operation, order.parameters['serial']);
      waiting += 1;
      try {
        say({ id, result: plain(await order.operation.run(order.parameters, context)) });
      } finally {
        waiting -= 1;
      }
    } catch (error) {
      fail(id, error);
    }
  };
  const greet = async (): Promise<void> => {
    const tokens = await context.watch.look();
    const { qa } = context.control;
    say({ event: 'hello', protocolVersion: PROTOCOL_VERSION, qa, tokens });
    const stop = context.watch.listen(say);
    socket.on('close', stop);
    if (socket.readyState !== socket.OPEN) stop();
  };
  // Nothing is done for a client that was told to go.
  socket.on('message', (data, isBinary) => {
    if (socket.readyState === socket.OPEN) void obey(data, isBinary);
  });
  // Without its greeting it would wait for ever: who comes again may find the drawer mended.
  greet().catch((error: unknown) => {
    fail(null, error);
    socket.close(CLOSE.failed, 'The tokens cannot be read');
  });
}

type Message = Readonly<Record<string, unknown>>;

function readMessage(data: RawData, isBinary: boolean): Message {
  if (isBinary) throw new FobtwinError('malformedBody', 'A message is text');
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
  return { ...readObject(bytes.toString('utf8')) };
}

function readId({ id }: Message): number {
  if (Number.isSafeInteger(id)) return Number(id);
  throw new FobtwinError('invalidInput', 'A command has an id, an integer', {
    errors: [{ field: '/id', code: 'required' }],
  });
}

interface Order {
  readonly operation: Operation;
  readonly parameters: Message;
}

/** `{"id": 1, "command": "press", "serial": "C30-00000001"}`: the rest are parameters. */
function readOrder({ id: _id, command, ...parameters }: Message): Order {
  const operations: Readonly<Record<string, Operation>> = OPERATIONS;
  const name = typeof command === 'string' ? command : '';
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation !== undefined) return { operation, parameters };
  throw new FobtwinError('invalidInput', 'There is no command of this name', {
    errors: [{ field: '/command', code: 'notAllowed' }],
    nextStep: `Commands are ${Object.keys(operations).join(', ')}.`,
  });
}

/** A picture as text: SVG as it is, PNG in Base64. */
function plain(result: Result): unknown {
  if ('json' in result) return result.json;
  const { mediaType, bytes } = result.picture;
  const text = mediaType === 'image/svg+xml' ? 'utf8' : 'base64';
  return { mediaType, [text]: Buffer.from(bytes).toString(text) };
}

function impatient(): FobtwinError {
  return new FobtwinError('tooManyRequests', 'Too many commands wait for their answers', {
    nextStep: 'Wait for answers before sending more.',
  });
}

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** Real sockets that collect what is forwarded. */
export interface Collector {
  readonly port: number;
  /** Whole messages so far. */
  readonly messages: readonly string[];
  /** Resolves when there are so many. */
  have(count: number): Promise<void>;
  close(): Promise<void>;
}

class Messages {
  readonly all: string[] = [];
  #tell: () => void = () => undefined;

  add(message: string): void {
    this.all.push(message);
    this.#tell();
  }

  async have(count: number): Promise<void> {
    while (this.all.length < count) {
      await new Promise<void>((resolve) => {
        this.#tell = resolve;
      });
    }
  }
}

/**
 * Takes octet-counted frames (RFC 6587) and ends its side after the sender has.
 *
 * @param breaks whether a connection, by its number from 1, is broken off once it has sent a byte
 */
export async function collectTcp({
  port = 0,
  breaks = () => false,
}: {
  readonly port?: number;
  readonly breaks?: (connection: number) => boolean;
} = {}): Promise<Collector & { connections(): number }> {
  const messages = new Messages();
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    const isBroken = breaks(connections);
    sockets.add(socket);
    let buffer = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (piece) => {
      if (isBroken) return void socket.resetAndDestroy();
      buffer = Buffer.concat([buffer, piece]);
      for (;;) {
        const space = buffer.indexOf(' ');
        const length = Number(buffer.subarray(0, Math.max(0, space)).toString());
        if (space < 0 || buffer.length < space + 1 + length) return;
        messages.add(buffer.subarray(space + 1, space + 1 + length).toString());
        buffer = buffer.subarray(space + 1 + length);
      }
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    messages: messages.all,
    have: (count) => messages.have(count),
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

export async function collectUdp(): Promise<Collector> {
  const messages = new Messages();
  const socket = createSocket('udp4');
  socket.on('message', (message) => messages.add(message.toString()));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    messages: messages.all,
    have: (count) => messages.have(count),
    async close() {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

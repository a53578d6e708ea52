import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/**
 * Asked for and let go again: nobody else is given it at once. For programs that cannot pick one
 * themselves, or do not say which they took.
 */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const closed = once(socket, 'close');
  socket.close();
  await closed;
  return port;
}

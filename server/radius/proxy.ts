import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Rng } from '../../shared/rng.ts';
import { ATTRIBUTE_TYPES, AUTHENTICATOR_BYTES, attributesOf } from './packet.ts';
import type { AccessReply, AccessRequest, ProxyTarget } from './port.ts';
import { encodeProxied, type Hop, readProxiedReply } from './proxied-packet.ts';

/**
 * A RADIUS client: asks another server about people who have no token here yet, while it is being
 * replaced. Every request has a socket, a port, an identifier and an authenticator of its own, so
 * that nobody answers in its place who has not seen it.
 */

/**
 * `silent`: no reply that is its own came in time. `busy`: too many wait already. `looped`: the
 * request has been here before. `unfit`: without a password, or too large.
 */
export type ProxyFailure = 'silent' | 'busy' | 'looped' | 'unfit';

export interface ProxyClient {
  ask(
    request: Pick<AccessRequest, 'packet' | 'password'>,
    target: ProxyTarget,
  ): Promise<AccessReply | ProxyFailure>;
}

export interface ProxyOptions {
  readonly rng: Rng;
  /** Requests that wait for a reply at a time, of all servers. Default 256. */
  readonly underWayMax?: number;
}

const UNDER_WAY_MAX = 256;
const MARK_BYTES = 12;

export function createProxyClient({ rng, underWayMax = UNDER_WAY_MAX }: ProxyOptions): ProxyClient {
  // Drawn anew by every process: two that proxy to each other tell theirs apart.
  const mark = Buffer.concat([Buffer.from('fobd'), rng.bytes(MARK_BYTES)]);
  let underWay = 0;
  return {
    async ask(request, target) {
      const states = attributesOf(request.packet, ATTRIBUTE_TYPES.proxyState);
      if (states.some(({ value }) => mark.equals(value))) return 'looped';
      if (underWay >= underWayMax) return 'busy';
      const hop: Hop = {
        identifier: rng.bytes(1)[0] ?? 0,
        authenticator: rng.bytes(AUTHENTICATOR_BYTES),
        proxyState: mark,
      };
      const bytes = encodeProxied(request, hop, target.secret);
      if (bytes === undefined) return 'unfit';
      underWay += 1;
      try {
        return (await exchange(bytes, hop, target)) ?? 'silent';
      } finally {
        underWay -= 1;
      }
    },
  };
}

/** Sends the same bytes until a reply comes that is one; undefined when none has come in time. */
function exchange(
  bytes: Uint8Array,
  hop: Hop,
  target: ProxyTarget,
): Promise<AccessReply | undefined> {
  const socket = createSocket(isIPv6(target.host) ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    let tries = 0;
    let waiting: NodeJS.Timeout | undefined;
    const finish = (reply: AccessReply | undefined): void => {
      clearTimeout(waiting);
      socket.off('connect', next);
      closeQuietly(socket);
      resolve(reply);
    };
    const next = (): void => {
      if (tries > target.retries) {
        finish(undefined);
        return;
      }
      tries += 1;
      // What cannot be sent is lost like any other datagram: the next try may fare better.
      socket.send(bytes, () => undefined);
      waiting = setTimeout(next, target.timeoutMillis);
    };
    socket.on('message', (datagram) => {
      const reply = readProxiedReply(datagram, hop, target);
      if (reply !== undefined) finish(reply);
    });
    // A port where nobody listens is reported so: like a lost datagram, for it may come to listen.
    socket.on('error', () => {
      if (waiting === undefined) finish(undefined);
    });
    socket.on('connect', next);
    socket.connect(target.port, target.host);
  });
}

function closeQuietly(socket: Socket): void {
  socket.removeAllListeners('message');
  socket.close();
}

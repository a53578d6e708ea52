import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type AddressRange, isAllowed, parseAddress, sourceOf } from '../access/address.ts';

/** Where a request comes from. */
export interface Source {
  /** Undefined on a socket without addresses. */
  readonly address: string | undefined;
  /** What limits count by: the address, or its /64. */
  readonly countedAs: string;
}

const NOWHERE: Source = { address: undefined, countedAs: 'unknown' };
/** Only the end of the header is looked at: an address with some space around it. */
const HEADER_CHARACTERS_MAX = 64;

/**
 * Tells where requests come from: the address at the other end of the connection. Where that is a
 * trusted proxy's, the last entry of X-Forwarded-For, which the proxy itself has added; everything
 * before it is what the caller says of himself. A trusted proxy that adds none speaks for itself.
 */
export function createSources(
  trustedProxies: readonly AddressRange[],
): (request: IncomingMessage) => Source {
  const peers = new WeakMap<Socket, Source & { readonly isProxy: boolean }>();
  const peerOf = (socket: Socket) => {
    const known = peers.get(socket);
    if (known !== undefined) return known;
    const source = sourceAt(socket.remoteAddress);
    const isProxy = trustedProxies.length > 0 && isAllowed(source.address, trustedProxies);
    const peer = { ...source, isProxy };
    peers.set(socket, peer);
    return peer;
  };
  return ({ socket, headers }) => {
    const peer = peerOf(socket);
    if (!peer.isProxy) return peer;
    const forwarded = lastOf(headers['x-forwarded-for']);
    return forwarded === undefined ? peer : sourceAt(forwarded);
  };
}

function sourceAt(address: string | undefined): Source {
  return address === undefined ? NOWHERE : { address, countedAs: sourceOf(address) };
}

/** Several headers of the name are one list, in order (RFC 9110 section 5.3). */
function lastOf(header: string | string[] | undefined): string | undefined {
  const text = (Array.isArray(header) ? header.join(',') : (header ?? '')).trimEnd();
  const last = text.slice(-HEADER_CHARACTERS_MAX).split(',').at(-1)?.trim() ?? '';
  return parseAddress(last) === undefined ? undefined : last;
}

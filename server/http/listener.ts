import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { FobtwinError } from '../../shared/errors.ts';
import { type Certificate, TLS_VERSION_MIN } from './certificate.ts';

/** One address that is listened on: HTTP/1.1, with or without TLS. */
export interface Listener {
  /** @throws FobtwinError `unavailable` when the address cannot be had */
  listen(on: ListenOn, whenRefused: WhenRefused): Promise<void>;
  /** The TCP port; 0 on a socket's path. */
  readonly port: () => number;
  /** From now on new connections get this certificate; those there are go on. */
  renew(certificate: Certificate): void;
  /** Takes no more connections; resolves when the last has ended. */
  close(): Promise<void>;
  /** Ends connections on which nothing is under way. */
  closeIdle(): void;
  /** Ends every connection where it stands, also in the middle of a handshake. */
  closeAll(): void;
}

export type ListenOn = { readonly path: string } | { readonly host: string; readonly port: number };

export interface WhenRefused {
  /** What could not be had. */
  readonly where: string;
  readonly nextStep: string;
}

export interface ListenerOptions {
  readonly connectionsMax: number;
  /** Default: plain HTTP. */
  readonly certificate?: Certificate | undefined;
  /** A connection was closed at once because there were as many as there may be. */
  readonly onRefused?: () => void;
}

/** A TLS handshake that takes longer is cut off: milliseconds. */
const HANDSHAKE_MILLIS = 10_000;

export function createListener(
  answer: RequestListener,
  { connectionsMax, certificate, onRefused }: ListenerOptions,
): Listener {
  const tls = certificate === undefined ? undefined : createTls(answer, certificate);
  const server = tls ?? createServer(answer);
  server.maxConnections = connectionsMax;
  const sockets = socketsOf(server);
  server.on('drop', () => {
    // Whoever waits for nothing makes room for the next who comes.
    server.closeIdleConnections();
    onRefused?.();
  });
  return {
    listen: (on, { where, nextStep }) =>
      listening(server, on).catch((cause: unknown) => {
        const detail = cause instanceof Error ? cause.message : String(cause);
        throw new FobtwinError('unavailable', `fobd cannot listen on ${where}`, {
          nextStep,
          detail,
          cause,
        });
      }),
    port() {
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : 0;
    },
    renew: ({ cert, key }) => tls?.setSecureContext({ cert, key, minVersion: TLS_VERSION_MIN }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
    closeIdle() {
      server.closeIdleConnections();
      // Node takes a connection that has never asked for anything for one that is about to.
      for (const [socket, speaking] of sockets) {
        if ((speaking?.bytesRead ?? 0) === 0) (speaking ?? socket).destroySoon();
      }
    },
    closeAll() {
      for (const socket of sockets.keys()) socket.destroy();
    },
  };
}

/**
 * Those that are open (HTTP knows only of those that are past their handshake), each with what its
 * requests are read from: under TLS another socket, and none until the handshake is done.
 */
function socketsOf(server: Server | TlsServer): ReadonlyMap<Socket, Socket | undefined> {
  const sockets = new Map<Socket, Socket | undefined>();
  const shaking = new Map<string, Socket>();
  const isTls = server instanceof TlsServer;
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    sockets.set(socket, isTls ? undefined : socket);
    if (isTls) shaking.set(peer, socket);
    socket.once('close', () => {
      sockets.delete(socket);
      if (shaking.get(peer) === socket) shaking.delete(peer);
    });
  });
  server.on('secureConnection', (secured: Socket) => {
    const peer = peerOf(secured);
    const socket = shaking.get(peer);
    shaking.delete(peer);
    if (socket !== undefined) sockets.set(socket, secured);
  });
  return sockets;
}

const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

function createTls(answer: RequestListener, { cert, key }: Certificate): TlsServer {
  const options = {
    cert,
    key,
    minVersion: TLS_VERSION_MIN,
    handshakeTimeout: HANDSHAKE_MILLIS,
    ALPNProtocols: ['http/1.1'],
  };
  return createTlsServer(options, answer);
}

const listening = (server: Server | TlsServer, on: ListenOn) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(on, () => {
      server.off('error', reject);
      resolve();
    });
  });

/** How long a stopping fobd still answers, so that callers hear of it: milliseconds. */
const LULL_MILLIS = 200;
const IDLE_CHECK_MILLIS = 50;

/**
 * Lets what is under way finish. First a lull in which every reply says `Connection: close` and
 * readiness fails, so that callers leave by themselves; then nothing new is taken.
 *
 * @param deadlineMillis what has not been answered by then is cut off; 0: at once
 */
export async function drain(listeners: readonly Listener[], deadlineMillis: number): Promise<void> {
  if (deadlineMillis > 0) await new Promise((resolve) => setTimeout(resolve, LULL_MILLIS));
  const allClosed = Promise.all(listeners.map((listener) => listener.close()));
  const idle = setInterval(() => {
    for (const listener of listeners) listener.closeIdle();
  }, IDLE_CHECK_MILLIS);
  const deadline = setTimeout(() => {
    for (const listener of listeners) listener.closeAll();
  }, deadlineMillis);
  try {
    await allClosed;
  } finally {
    clearInterval(idle);
    clearTimeout(deadline);
  }
}

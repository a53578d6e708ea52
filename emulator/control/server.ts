import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../shared/clock.ts';
import { FobtwinError } from '../../shared/errors.ts';
import type { DeviceEnv } from '../device/types.ts';
import { createControl } from './control.ts';
import { type Files, NO_FILES } from './files.ts';
import { createGate, type Gate } from './gate.ts';
import type { Holder } from './holder.ts';
import { answer } from './http.ts';
import { createSockets, type Sockets } from './sockets.ts';
import { createToll, type Rates } from './toll.ts';
import { createWatch } from './watch.ts';

export interface ControlServerOptions {
  readonly holder: Holder;
  readonly clock: Clock;
  readonly env: DeviceEnv;
  /** 22 to 128 letters, digits, hyphens and underscores; who knows it may do everything. */
  readonly accessToken: string;
  /** Calls `action` every so many milliseconds until the returned function is called. */
  readonly every: (millis: number, action: () => void) => () => void;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: one that is free. */
  readonly port?: number;
  /** Faults, temperature and time may be changed. Default false. */
  readonly qa?: boolean;
  /** The page. Default: none. */
  readonly files?: Files;
  readonly rates?: Rates;
  /** Told of what failed inside. Default: nobody is told. */
  readonly onFailure?: (error: unknown) => void;
}

export interface ControlServer {
  /** With the access token, and a slash at its end: paths of API.md follow it. */
  readonly address: string;
  readonly port: number;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** How often displays are looked at, in milliseconds: a code's change is seen that late. */
export const LOOK_MILLIS = 200;
const SOCKET_PATH = '/v1/events';

const LIMITS = {
  connections: 128,
  headersMillis: 10_000,
  requestMillis: 20_000,
  headerBytes: 8 * 1024,
} as const;

/** Serves the control interface, and the page. @throws FobtwinError `unavailable` */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { clock, every, host = '127.0.0.1', accessToken } = options;
  const { files = NO_FILES, onFailure = () => {} } = options;
  const control = createControl(options);
  const watch = createWatch(control);
  const context = { control, watch };
  const toll = createToll(clock, options.rates);
  const server = createServer({
    maxHeaderSize: LIMITS.headerBytes,
    headersTimeout: LIMITS.headersMillis,
    requestTimeout: LIMITS.requestMillis,
  });
  server.maxConnections = LIMITS.connections;
  const port = await listen(server, host, options.port ?? 0);
  const gate = createGate({ accessToken, host, port });
  const sockets = createSockets({ context, toll, clock, onFailure });
  server.on('request', (request, response) => {
    answer(request, response, { gate, context, toll, files, onFailure }).catch(onFailure);
  });
  server.on('upgrade', (request, socket, head) => {
    upgrade({ request, socket, head }, gate, sockets);
  });
  const stopLooking = every(LOOK_MILLIS, () => {
    watch.tick().catch(onFailure);
  });
  const named = host.includes(':') ? `[${host}]` : host;
  return {
    address: `http://${named}:${port}/${accessToken}/`,
    port,
    async close() {
      stopLooking();
      sockets.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

function upgrade({ request, socket, head }: Upgrade, gate: Gate, sockets: Sockets): void {
  socket.on('error', () => {});
  const path = gate.isOurs(request) ? gate.opened(request) : undefined;
  if (path === SOCKET_PATH) sockets.accept(request, socket, head);
  else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    const busy = code === 'EADDRINUSE';
    throw new FobtwinError('unavailable', `${host}:${port} cannot be listened on (${code})`, {
      cause,
      nextStep: busy
        ? 'Another program, perhaps a face already running, has this port: choose one by --port.'
        : 'Choose another --host or --port.',
    });
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

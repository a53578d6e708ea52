import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import { FobtwinError } from '../../shared/errors.ts';
import type { DeviceEnv } from '../device/types.ts';
import { createControl } from './control.ts';
import { type Files, NO_FILES } from './files.ts';
import { createGate } from './gate.ts';
import type { Holder } from './holder.ts';
import { answer } from './http.ts';
import { createSockets } from './sockets.ts';
import { createToll, type Rates } from './toll.ts';
import { asBeforeUpgrade, asksForWebSocket, upgrade } from './upgrades.ts';
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

const LIMITS = {
  connections: 128,
  headersMillis: 10_000,
  requestMillis: 20_000,
  /** How often these two are looked at; a client that vanished is noticed by the system. */
  checkMillis: 5_000,
  silenceMillis: 30_000,
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
    connectionsCheckingInterval: LIMITS.checkMillis,
    keepAlive: true,
    keepAliveInitialDelay: LIMITS.silenceMillis,
  });
  server.maxConnections = LIMITS.connections;
  const port = await listen(server, host, options.port ?? 0);
  const gate = createGate({ accessToken, host, port });
  const sockets = createSockets({ context, toll, clock, onFailure });
  server.on('request', (request, response) => {
    answer(request, response, { gate, context, toll, files, onFailure }).catch(onFailure);
  });
  server.on('upgrade', (request, socket, head) => {
    if (asksForWebSocket(request)) upgrade({ request, socket, head }, gate, sockets);
    else server.emit('connection', asBeforeUpgrade({ request, socket, head }));
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

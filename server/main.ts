import { chmod } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type Koa from 'koa';
import type { Clock } from '../shared/clock.ts';
import { FobtwinError } from '../shared/errors.ts';
import type { Rng } from '../shared/rng.ts';
import { type Fobd, failureOf, openFobd } from './compose.ts';
import type { FobdConfig } from './config.ts';
import { isOpenToOthers } from './data-directory/data-directory.ts';
import { claimSocket, releaseSocket } from './data-directory/socket.ts';

/** As much of a pino logger as serving needs. */
export interface Log {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
  fatal(details: object, message: string): void;
}

/** What the edge hands to a serving fobd. */
export interface ServingEdge {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  /** Told once both addresses are listened on. */
  announce(listening: { readonly address: string; readonly lab: boolean }): void;
  /** Calls `listener` for each request to stop. */
  onStopSignal(listener: () => void): void;
  /** Ends the process where it stands. */
  exitNow(code: 1): void;
}

/** How long a stopping fobd still answers, so that callers hear of it: milliseconds. */
const LULL_MILLIS = 200;
/** What has not been answered after so long is cut off: milliseconds. */
export const STOP_MILLIS_MAX = 10_000;
const IDLE_CHECK_MILLIS = 50;
/** Connections at a time on one address; more wait in the system's queue or are refused. */
const CONNECTIONS_MAX = 10_000;

/**
 * Serves until told to stop or until the store fails. Resolves with the exit code: 0 after a stop
 * that lost nothing.
 *
 * @throws FobtwinError that says why it could not start
 */
export async function serve(config: FobdConfig, edge: ServingEdge): Promise<0 | 1> {
  const { log } = edge;
  const stopAsked = untilAskedToStop(edge);
  const fobd = await openFobd(config, edge);
  try {
    await refuseUnservable(fobd, config);
    if (await isOpenToOthers(config.data)) {
      log.warn({ data: config.data }, 'others can enter the data directory: chmod 700 it');
    }
    const servers = await listen(fobd, config, edge);
    const failure = await Promise.race([stopAsked, fobd.failed]);
    if (failure === undefined) log.info({}, 'stopping: finishing what is under way');
    else log.fatal({ err: failure }, 'the store failed; nothing more is accepted');
    fobd.stop();
    await drain(servers, failure === undefined ? STOP_MILLIS_MAX : 0);
    await releaseSocket(config.data);
    if (failure !== undefined) return 1;
  } finally {
    await fobd.close();
  }
  log.info({}, 'stopped');
  return 0;
}

/** Resolves when asked to stop, from the first moment on; a second request ends at once. */
function untilAskedToStop({ onStopSignal, exitNow }: ServingEdge): Promise<undefined> {
  return new Promise((resolve) => {
    let asked = false;
    onStopSignal(() => {
      if (asked) exitNow(1);
      asked = true;
      resolve(undefined);
    });
  });
}

async function refuseUnservable(fobd: Fobd, { behindProxy }: FobdConfig): Promise<void> {
  const failure = await failureOf(fobd);
  if (failure !== undefined) throw failure;
  if (fobd.lab && behindProxy) {
    throw new FobtwinError('usage', 'A lab is served to its own machine only', {
      nextStep: 'Leave --behind-proxy out, or make a data directory that is not a lab.',
    });
  }
}

/** Listens on both addresses; when one cannot be had, on none. */
async function listen(fobd: Fobd, config: FobdConfig, edge: ServingEdge): Promise<Server[]> {
  const { host, port, data, runtimeDirectory } = config;
  const open = createHttpServer(fobd.app, config, edge);
  const owner = createHttpServer(fobd.ownerApp, config, edge);
  const socket = await claimSocket(data, runtimeDirectory);
  try {
    await listening(owner, { path: socket }).catch((cause: unknown) => {
      throw cannotListen(`its socket ${socket}`, cause, 'Remove what stands there.');
    });
    if (process.platform !== 'win32') await chmod(socket, 0o600);
    await listening(open, { host, port }).catch((cause: unknown) => {
      const nextStep = 'Choose another with --port or --host; --port 0 picks a free one.';
      throw cannotListen(`${host}, port ${port}`, cause, nextStep);
    });
  } catch (error) {
    await Promise.all([closed(open), closed(owner)]);
    await releaseSocket(data);
    throw error;
  }
  const address = addressOf(open, host);
  edge.log.info({ address, socket, data, lab: fobd.lab }, 'listening');
  edge.announce({ address, lab: fobd.lab });
  return [open, owner];
}

function cannotListen(where: string, cause: unknown, nextStep: string): FobtwinError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new FobtwinError('unavailable', `fobd cannot listen on ${where}`, {
    nextStep,
    detail,
    cause,
  });
}

function createHttpServer(
  app: Koa,
  { logRequests }: FobdConfig,
  { log, clock }: ServingEdge,
): Server {
  const answer = app.callback();
  const server = createServer((request, response) => {
    if (logRequests) logRequest(request, response, { log, clock });
    // Koa answers errors itself: this never rejects.
    void answer(request, response);
  });
  server.maxConnections = CONNECTIONS_MAX;
  return server;
}

/** A line a request: no header, body or query, which may hold keys and codes. */
function logRequest(
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
  { log, clock }: Pick<ServingEdge, 'log' | 'clock'>,
): void {
  const path = url.split('?', 1)[0];
  const began = clock.now();
  response.on('close', () => {
    const { statusCode, writableFinished } = response;
    const requestId = response.getHeader('x-request-id');
    const millis = clock.now() - began;
    const status = writableFinished ? statusCode : 'aborted';
    log.info({ method, path, status, millis, requestId }, 'request');
  });
}

const listening = (server: Server, on: { path: string } | { host: string; port: number }) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(on, () => {
      server.off('error', reject);
      resolve();
    });
  });

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
  });

function addressOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * Lets what is under way finish. First a lull in which every reply says `Connection: close` and
 * readiness fails, so that callers leave by themselves; then nothing new is taken.
 */
async function drain(servers: readonly Server[], deadlineMillis: number): Promise<void> {
  if (deadlineMillis > 0) await new Promise((resolve) => setTimeout(resolve, LULL_MILLIS));
  const allClosed = Promise.all(servers.map(closed));
  const idle = setInterval(() => {
    for (const server of servers) server.closeIdleConnections();
  }, IDLE_CHECK_MILLIS);
  const deadline = setTimeout(() => {
    for (const server of servers) server.closeAllConnections();
  }, deadlineMillis);
  try {
    await allClosed;
  } finally {
    clearInterval(idle);
    clearTimeout(deadline);
  }
}

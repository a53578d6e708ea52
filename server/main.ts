import { chmod } from 'node:fs/promises';
import type Koa from 'koa';
import { type Clock, elapsedBy } from '../shared/clock.ts';
import { FobtwinError } from '../shared/errors.ts';
import type { Rng } from '../shared/rng.ts';
import { type Fobd, openFobd } from './compose.ts';
import type { FobdConfig } from './config.ts';
import { isOpenToOthers } from './data-directory/data-directory.ts';
import { claimSocket, releaseSocket } from './data-directory/socket.ts';
import { type Certificate, readCertificate } from './http/certificate.ts';
import { watchCertificate } from './http/certificate-watch.ts';
import type { RequestSight } from './http/dependencies.ts';
import { createListener, drain, type Listener } from './http/listener.ts';
import { isLoopback } from './http/loopback.ts';
import { connectionLimit, OWNER_CONNECTIONS_MAX, openFiles } from './http/open-files.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import { watchDisk } from './readiness.ts';
import { failureOf } from './services.ts';

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
  readonly version: string;
  /** Told once both addresses are listened on. */
  announce(listening: { readonly address: string; readonly lab: boolean }): void;
  /** Calls `listener` for each request to stop. */
  onStopSignal(listener: () => void): void;
  /** Calls `listener` for each request to read the certificate again. */
  onReloadSignal(listener: () => void): void;
  /** Ends the process where it stands. */
  exitNow(code: 1): void;
}

/** What has not been answered so long after the request to stop is cut off: milliseconds. */
export const STOP_MILLIS_MAX = 10_000;

/**
 * Serves until told to stop or until the store fails. Resolves with the exit code: 0 after a stop
 * that lost nothing.
 *
 * @throws FobtwinError that says why it could not start
 */
export async function serve(config: FobdConfig, edge: ServingEdge): Promise<0 | 1> {
  const { log, clock } = edge;
  const stopAsked = untilAskedToStop(edge);
  const certificate = config.tls && (await readCertificate(config.tls, clock.now()));
  const connectionsMax = connectionLimit(await openFiles());
  const elapsedMillis = elapsedBy(clock);
  const now = () => clock.now();
  const metrics = createMetrics({ elapsedMillis, now, version: edge.version });
  const disk = await watchDisk(config.data, config.diskReserveBytes);
  const observe = observeRequests(metrics, config, edge);
  try {
    const fobd = await openFobd(config, { ...edge, metrics, observe, disk });
    try {
      await refuseUnservable(fobd, config);
      if (await isOpenToOthers(config.data)) {
        log.warn({ data: config.data }, 'others can enter the data directory: chmod 700 it');
      }
      const serving: Serving = { fobd, config, edge, metrics, certificate, connectionsMax };
      if (!(await serveUntil(stopAsked, serving))) return 1;
    } finally {
      await fobd.close();
    }
  } finally {
    disk.end();
  }
  log.info({}, 'stopped');
  return 0;
}

interface Serving {
  readonly fobd: Fobd;
  readonly config: FobdConfig;
  readonly edge: ServingEdge;
  readonly metrics: Metrics;
  readonly certificate: Certificate | undefined;
  readonly connectionsMax: number;
}

/** Whether it ended because it was asked to. */
async function serveUntil(stopAsked: Promise<undefined>, serving: Serving): Promise<boolean> {
  const { fobd, config, edge, metrics } = serving;
  const { log } = edge;
  const listeners = await listen(serving);
  const certificateWatch = await watchFiles(serving, listeners[0]);
  metrics.watch({
    storeState: () => fobd.store.state(),
    notReady: fobd.notReady,
    queues: fobd.queues,
    now: () => fobd.clock.now(),
    ...(certificateWatch && { certificateExpiresAt: () => certificateWatch.current().expiresAt }),
  });
  await listenBeside(fobd, listeners);
  announce(serving, listeners[0]);
  await fobd.keys.resume();
  const duties = fobd.startAuditDuties(log);
  const housekeeping = fobd.startHousekeeping();
  const failure = await Promise.race([stopAsked, fobd.failed]);
  certificateWatch?.end();
  if (failure === undefined) log.info({}, 'stopping: finishing what is under way');
  else log.fatal({ err: failure }, 'the store failed; nothing more is accepted');
  fobd.stop();
  await Promise.all([
    drain(listeners, failure === undefined ? STOP_MILLIS_MAX : 0),
    ...fobd.listeners.map((listener) => listener.close()),
  ]);
  await housekeeping.stop();
  await duties.stop();
  await releaseSocket(config.data);
  return failure === undefined;
}

/** The edges that are not HTTP; when one cannot listen, none does. */
async function listenBeside(fobd: Fobd, listeners: readonly Listener[]): Promise<void> {
  try {
    for (const edge of fobd.listeners) await edge.listen();
  } catch (error) {
    await Promise.all([...listeners, ...fobd.listeners].map((listener) => listener.close()));
    throw error;
  }
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

/** Counts every request, and logs it where that is wanted. */
function observeRequests(
  metrics: Metrics,
  { logRequests }: FobdConfig,
  { log }: ServingEdge,
): (sight: RequestSight) => void {
  if (!logRequests) return (sight) => metrics.request(sight);
  return (sight) => {
    metrics.request(sight);
    logRequest(sight, log);
  };
}

/**
 * A line a request: who asked for what and what it came to. No path, which may hold a serial or an
 * account, and nothing that was sent.
 */
function logRequest({ actor, millis, aborted, status, ...sight }: RequestSight, log: Log): void {
  const application = actor?.replace(/^application:/, '');
  const rounded = Math.round(millis * 10) / 10;
  const came = aborted ? 'aborted' : status;
  log.info({ ...sight, application, status: came, millis: rounded }, 'request');
}

async function refuseUnservable(fobd: Fobd, { behindProxy, host }: FobdConfig): Promise<void> {
  const failure = await failureOf(fobd);
  if (failure !== undefined) throw failure;
  const isOpen = behindProxy || (host !== 'localhost' && !isLoopback(host));
  if (fobd.lab && isOpen) {
    throw new FobtwinError('usage', 'A lab is served to its own machine only', {
      nextStep: 'Leave --behind-proxy and --host out, or make a data directory that is not a lab.',
    });
  }
}

/** Listens on both addresses, the open one first in the answer; when one cannot be had, on none. */
async function listen(serving: Serving): Promise<readonly [Listener, Listener]> {
  const { fobd, config, metrics, certificate, connectionsMax } = serving;
  const { host, port, data, runtimeDirectory } = config;
  const open = createListener(answerOf(fobd.app), {
    connectionsMax,
    certificate,
    onRefused: () => metrics.connectionRefused(),
  });
  const owner = createListener(answerOf(fobd.ownerApp), { connectionsMax: OWNER_CONNECTIONS_MAX });
  const socket = await claimSocket(data, runtimeDirectory);
  try {
    const where = `its socket ${socket}`;
    await owner.listen({ path: socket }, { where, nextStep: 'Remove what stands there.' });
    if (process.platform !== 'win32') await chmod(socket, 0o600);
    await open.listen(
      { host, port },
      {
        where: `${host}, port ${port}`,
        nextStep: 'Choose another with --port or --host; --port 0 picks a free one.',
      },
    );
  } catch (error) {
    await Promise.all([open.close(), owner.close()]);
    await releaseSocket(data);
    throw error;
  }
  return [open, owner];
}

/** Koa answers errors itself: this never rejects. */
function answerOf(app: Koa): Parameters<typeof createListener>[0] {
  const answer = app.callback();
  return (request, response) => void answer(request, response);
}

async function watchFiles({ config, certificate, edge }: Serving, listener: Listener) {
  if (config.tls === undefined || certificate === undefined) return undefined;
  const { clock, log } = edge;
  const watch = await watchCertificate(config.tls, certificate, {
    now: () => clock.now(),
    log,
    onRenewed: (renewed) => listener.renew(renewed),
  });
  edge.onReloadSignal(() => void watch.reload());
  return watch;
}

function announce({ fobd, config, edge, certificate, connectionsMax }: Serving, open: Listener) {
  const { host, data } = config;
  const scheme = certificate === undefined ? 'http' : 'https';
  const address = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${open.port()}`;
  edge.log.info({ address, data, lab: fobd.lab, connectionsMax }, 'listening');
  edge.announce({ address, lab: fobd.lab });
}

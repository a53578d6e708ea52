import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { createSecureContext, createServer, type Server, type TLSSocket } from 'node:tls';
import { FobtwinError } from '../../shared/errors.ts';
import { type Certificate, readCertificate, TLS_VERSION_MIN } from '../http/certificate.ts';
import type { CalmLog } from './calm-log.ts';
import type { ClientLookup } from './client-lookup.ts';
import { createFraming } from './framing.ts';
import type { Intake, Origin } from './intake.ts';
import type { RadsecOptions } from './listen-options.ts';
import type { RadiusClient } from './port.ts';
import type { PacketResult } from './results.ts';

/** RADIUS over TLS (RFC 6614), framed as over TCP (RFC 6613). */
export interface RadsecServer {
  listen(): Promise<void>;
  /** 0 until it listens. */
  port(): number;
  connections(): number;
  /** From now on another certificate is shown to those who connect. */
  renew(certificate: Certificate): void;
  /** Takes no new connection and hears nothing more on those that are open. */
  silence(): void;
  close(): Promise<void>;
}

export interface RadsecServerOptions {
  readonly options: RadsecOptions;
  readonly certificate: Certificate;
  /** PEM: whose certificates clients may show. */
  readonly ca: string;
  readonly lookup: ClientLookup;
  readonly intake: Intake;
  readonly log: CalmLog;
  /** Whose handshake takes longer is closed. Default 10,000. */
  readonly handshakeMillis?: number;
}

const HANDSHAKE_MILLIS = 10_000;
/** RFC 6614 section 2.3: TLS takes the place of what is shared. */
const RADSEC_SECRET = new TextEncoder().encode('radsec');
/** While so many of a connection are under way, no more is read from it. */
const IN_FLIGHT_MAX = 128;
/** What a client has asked for and does not take. */
const UNSENT_BYTES_MAX = 1024 * 1024;

/** RFC 6613 section 2.6.4: after these the connection is closed. */
const BREACHES: ReadonlySet<PacketResult> = new Set([
  'tooShort',
  'tooLong',
  'lengthLies',
  'attributeLies',
  'authenticatorBad',
  'authenticatorTwice',
  'authenticatorMalformed',
]);

export function createRadsecServer(parts: RadsecServerOptions): RadsecServer {
  const { options, certificate, ca, log, handshakeMillis = HANDSHAKE_MILLIS } = parts;
  const { host, port, connectionsMax, idleSeconds } = options;
  const context = ({ cert, key }: Certificate) => ({ cert, key, ca, minVersion: TLS_VERSION_MIN });
  const server = createServer({
    ...context(certificate),
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: handshakeMillis,
  });
  server.maxConnections = connectionsMax;
  const sockets = new Set<Socket>();
  const speaking = new Set<TLSSocket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', (error, socket) => {
    // Node leaves one open whose handshake took too long: it would keep its place for ever.
    socket.destroy();
    log('warn', 'a RadSec connection was refused', { reason: error.message });
  });
  server.on('drop', () => {
    log('warn', 'a RadSec connection was refused', { reason: `${connectionsMax} are open` });
  });
  server.on('secureConnection', (socket) => {
    socket.on('error', (error) => log('debug', 'a RadSec connection broke', { err: error }));
    socket.setTimeout(idleSeconds * 1000, () => socket.destroy());
    connections += 1;
    speaking.add(socket);
    socket.once('close', () => speaking.delete(socket));
    converse(socket, `tls ${connections}`, parts);
  });
  return {
    listen: () => listening(server, host, port),
    port: () => portOf(server),
    connections: () => sockets.size,
    renew: (renewed) => server.setSecureContext(context(renewed)),
    silence() {
      server.close();
      for (const socket of speaking) socket.removeAllListeners('data').pause();
    },
    async close() {
      if (server.listening) server.close();
      await Promise.all(Array.from(speaking, ended));
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** What has been written is sent first; one that does not take it is not waited for. */
const ENDING_MILLIS_MAX = 1000;

function ended(socket: TLSSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.setTimeout(ENDING_MILLIS_MAX, () => socket.destroy());
    socket.destroySoon();
  });
}

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

/** From the handshake on. */
function converse(socket: TLSSocket, from: string, parts: RadsecServerOptions): void {
  const { intake, lookup, log } = parts;
  const source = socket.remoteAddress ?? '';
  const client = lookup.byCertificate(socket.getPeerCertificate(), source);
  if (client === undefined) {
    intake.drop('unknownClient');
    log('warn', 'a RadSec connection was refused', { reason: 'no client has that certificate' });
    socket.destroy();
    return;
  }
  const origin = originOf(socket, { from, source, client });
  let inFlight = 0;
  const framing = createFraming((packet) => {
    const handled = intake.receive(packet, origin);
    if (typeof handled === 'string') {
      if (BREACHES.has(handled)) socket.destroy();
      return !socket.destroyed;
    }
    inFlight += 1;
    if (inFlight >= IN_FLIGHT_MAX) socket.pause();
    void handled.then(() => {
      inFlight -= 1;
      if (inFlight < IN_FLIGHT_MAX) socket.resume();
    });
    return true;
  });
  socket.on('data', (chunk) => {
    const verdict = framing.push(chunk);
    if (verdict === 'good') return;
    intake.drop(verdict, client);
    socket.destroy();
  });
}

type Sender = Pick<Origin, 'from' | 'source'> & { readonly client: RadiusClient };

function originOf(socket: TLSSocket, sender: Sender): Origin {
  return {
    ...sender,
    secret: RADSEC_SECRET,
    isOverTls: true,
    send(reply) {
      if (socket.destroyed || !socket.writable) return;
      socket.write(reply);
      if (socket.writableLength > UNSENT_BYTES_MAX) socket.destroy();
    },
  };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: Error) => {
      reject(
        new FobtwinError('unavailable', `fobd cannot listen on ${host}, port ${port}`, {
          nextStep: 'Choose another under "radsec" in the file that --radius names.',
          detail: cause.message,
          cause,
        }),
      );
    };
    server.once('error', onError);
    server.listen({ host, port }, () => {
      server.off('error', onError);
      server.on('error', () => undefined);
      resolve();
    });
  });
}

const NEXT_STEP = 'Correct "radsec" in the file that --radius names.';
const CA_BYTES_MAX = 1024 * 1024;

/**
 * @param now Unix milliseconds
 * @throws FobtwinError that names the file and its fault
 */
export async function readRadsecFiles(options: RadsecOptions, now: number) {
  try {
    return {
      certificate: await readCertificate(options, now),
      ca: await readAuthorities(options.caFile),
    };
  } catch (error) {
    if (!(error instanceof FobtwinError)) throw error;
    throw new FobtwinError(error.code, error.message, { nextStep: NEXT_STEP, cause: error });
  }
}

async function readAuthorities(file: string): Promise<string> {
  const pem = await readFile(file, 'latin1').catch((cause: unknown) => {
    throw new FobtwinError('fileUnreadable', `${file} cannot be read`, { cause });
  });
  const unusable = (cause?: unknown) =>
    new FobtwinError('certificateUnusable', `${file} holds no certificate in PEM form`, { cause });
  if (pem.length > CA_BYTES_MAX || !pem.includes('-----BEGIN CERTIFICATE-----')) throw unusable();
  try {
    createSecureContext({ ca: pem });
  } catch (cause) {
    throw unusable(cause);
  }
  return pem;
}

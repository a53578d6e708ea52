import { type CertificateWatch, watchCertificate } from '../http/certificate-watch.ts';
import { type CalmLog, createCalmLog, type RadiusLog } from './calm-log.ts';
import { type ClientLookup, createClientLookup } from './client-lookup.ts';
import { createIntake, type Intake } from './intake.ts';
import type { ListenOptions, RadsecOptions } from './listen-options.ts';
import type { Answer, RadiusClient } from './port.ts';
import { createRadsecServer, type RadsecServer, readRadsecFiles } from './radsec.ts';
import type { PacketObserver } from './results.ts';
import { createTurns } from './turns.ts';
import { createUdpSocket, type Datagram } from './udp.ts';

export interface RadiusServerOptions {
  readonly options: ListenOptions;
  /** The first that fits is it. */
  readonly clients: readonly RadiusClient[];
  readonly answer: Answer;
  /** Milliseconds that only go forward. */
  readonly elapsedMillis: () => number;
  /** Unix milliseconds by the computer's clock: whether a certificate is good. */
  readonly now: () => number;
  readonly log: RadiusLog;
  /** Told of every packet. Default: nobody. */
  readonly observe?: PacketObserver;
}

/** What `EdgeListener` of server/edges.ts asks for. */
export interface RadiusListener {
  /** For people: `radius, 127.0.0.1 port 1812`. */
  readonly name: string;
  /** @throws FobtwinError `unavailable` when the address cannot be had */
  listen(): Promise<void>;
  /** Takes no more; resolves when what is under way has been answered. */
  close(): Promise<void>;
  /** 0 until it listens. */
  port(): number;
}

export interface RadiusServer {
  /** In the order of the options, RadSec last. They share clients, limits and replies. */
  readonly listeners: readonly RadiusListener[];
  /** Requests being decided. */
  underWay(): number;
}

/** Of one client, before its first is handled; the socket keeps more. */
const WAITING_PER_CLIENT = 256;
/**
 * Half of what one look at the socket brings: who sends more than can be handled fills his queue
 * here, and not the socket's buffer, which is everybody's.
 */
const PER_TURN = 16;
const PER_TURN_OF_FLOODER = 4;
const SWEEP_MILLIS = 10_000;
/** What has not been decided so long after the request to stop is not waited for. */
const FINISH_MILLIS_MAX = 10_000;

/** What all listeners share. */
interface Shared {
  readonly lookup: ClientLookup;
  readonly intake: Intake;
  readonly log: CalmLog;
  readonly given: RadiusServerOptions;
}

/** RADIUS over UDP and TLS: from the wire to `answer`, and back. Nothing listens yet. */
export function createRadiusServer(given: RadiusServerOptions): RadiusServer {
  const { options, clients, answer, elapsedMillis, observe = () => undefined } = given;
  const log = createCalmLog(given.log, elapsedMillis);
  const intake = createIntake({ limits: options.limits, answer, elapsedMillis, log, observe });
  const shared: Shared = { lookup: createClientLookup(clients), intake, log, given };
  const transports = [
    ...udpTransports(shared),
    ...(options.radsec === undefined ? [] : [radsecTransport(options.radsec, shared)]),
  ];
  return { listeners: listenersOf(transports, shared), underWay: () => intake.underWay() };
}

interface Transport {
  readonly name: string;
  listen(): Promise<void>;
  port(): number;
  silence(): void;
  close(): Promise<void>;
}

function udpTransports({ lookup, intake, log, given }: Shared): Transport[] {
  const turns = createTurns<RadiusClient, Datagram>({
    perWho: WAITING_PER_CLIENT,
    perTurn: PER_TURN,
    perTurnOfFlooder: PER_TURN_OF_FLOODER,
    handle: (client, { bytes, from, socket, number }) => {
      void intake.receive(bytes, {
        client,
        secret: client.secret,
        source: from.address,
        from: `${number} ${from.address} ${from.port}`,
        isOverTls: false,
        send: (reply) => socket.send(reply, from),
      });
    },
  });
  return given.options.listen.map(({ host, port }, number) => {
    const socket = createUdpSocket({ number, host, port, lookup, intake, turns, log });
    return { ...socket, name: `radius, ${host} port ${port}` };
  });
}

function radsecTransport(
  options: RadsecOptions,
  { lookup, intake, log, given }: Shared,
): Transport {
  let server: RadsecServer | undefined;
  let watch: CertificateWatch | undefined;
  return {
    name: `radsec, ${options.host} port ${options.port}`,
    async listen() {
      const { certificate, ca } = await readRadsecFiles(options, given.now());
      const opened = createRadsecServer({ options, certificate, ca, lookup, intake, log });
      server = opened;
      await opened.listen();
      watch = await watchCertificate(options, certificate, {
        now: given.now,
        log: wholeLog(given.log),
        onRenewed: (renewed) => opened.renew(renewed),
      });
    },
    port: () => server?.port() ?? 0,
    silence: () => server?.silence(),
    async close() {
      watch?.end();
      await server?.close();
    },
  };
}

const wholeLog = (log: RadiusLog) => ({
  info: (details: object, message: string) => log.info?.(details, message),
  warn: (details: object, message: string) => log.warn?.(details, message),
  error: (details: object, message: string) => log.error(details, message),
});

function listenersOf(transports: readonly Transport[], { intake, given }: Shared) {
  const open = new Set<Transport>();
  let sweeping: NodeJS.Timeout | undefined;
  return transports.map((transport): RadiusListener => {
    const { name } = transport;
    return {
      name,
      port: () => transport.port(),
      async listen() {
        await transport.listen();
        open.add(transport);
        sweeping ??= setInterval(() => intake.sweep(), SWEEP_MILLIS).unref();
        given.log.info?.({ listener: name, port: transport.port() }, 'listening');
      },
      async close() {
        transport.silence();
        await within(FINISH_MILLIS_MAX, intake.finish());
        await transport.close();
        open.delete(transport);
        if (open.size > 0) return;
        clearInterval(sweeping);
        sweeping = undefined;
      },
    };
  });
}

async function within(millis: number, finished: Promise<void>): Promise<void> {
  let deadline: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    deadline = setTimeout(resolve, millis);
  });
  await Promise.race([finished, over]);
  clearTimeout(deadline);
}

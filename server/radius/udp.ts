import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { FobtwinError } from '../../shared/errors.ts';
import type { CalmLog } from './calm-log.ts';
import type { ClientLookup } from './client-lookup.ts';
import type { Intake } from './intake.ts';
import type { RadiusClient } from './port.ts';
import type { Turns } from './turns.ts';

/** A datagram whose sender is known, waiting for its turn. */
export interface Datagram {
  readonly bytes: Uint8Array;
  readonly from: RemoteInfo;
  readonly socket: UdpSocket;
  /** Of the socket: one client port may speak to several. */
  readonly number: number;
}

export interface UdpSocket {
  listen(): Promise<void>;
  /** 0 until it listens. */
  port(): number;
  send(reply: Uint8Array, to: RemoteInfo): void;
  /** Hears nothing from now on; what is under way can still be answered. */
  silence(): void;
  close(): Promise<void>;
}

export interface UdpOptions {
  readonly number: number;
  readonly host: string;
  readonly port: number;
  readonly lookup: ClientLookup;
  readonly intake: Intake;
  readonly turns: Turns<RadiusClient, Datagram>;
  readonly log: CalmLog;
}

/**
 * The kernel keeps so much for a process that is busy: several thousand requests. It grants less
 * where its own limit is lower (net.core.rmem_max), and says nothing.
 */
const BUFFER_BYTES = 4 * 1024 * 1024;

export function createUdpSocket(options: UdpOptions): UdpSocket {
  const { number, host, port, log } = options;
  const family = isIPv6(host) ? 6 : 4;
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    // Otherwise `::` would take the IPv4 addresses too, which may be listened on beside it.
    ipv6Only: family === 6,
    recvBufferSize: BUFFER_BYTES,
    sendBufferSize: BUFFER_BYTES,
    // All addresses are numbers: there is nothing to look up, and nothing to wait for.
    lookup: (address, _options, found) => found(null, address, family),
  });
  const onMessage = (bytes: Uint8Array, from: RemoteInfo) => {
    takeIn({ bytes, from, socket: self, number }, options);
  };
  let isOpen = false;
  let isClosed = false;
  let sending = 0;
  let onAllSent = (): void => undefined;
  const onSent = (error: Error | null): void => {
    sending -= 1;
    if (sending === 0) onAllSent();
    if (error) log('warn', 'a RADIUS reply could not be sent', { err: error });
  };
  const self: UdpSocket = {
    async listen() {
      await bound(socket, host, port);
      isOpen = true;
      socket.on('message', onMessage);
      socket.on('error', (error) => log('error', 'a RADIUS socket failed', { err: error, host }));
    },
    port: () => (isOpen ? socket.address().port : 0),
    send(reply, to) {
      if (!isOpen) return;
      sending += 1;
      socket.send(reply, to.port, to.address, onSent);
    },
    silence: () => void socket.off('message', onMessage),
    async close() {
      isOpen = false;
      if (isClosed) return;
      isClosed = true;
      if (sending > 0) await new Promise<void>((resolve) => (onAllSent = resolve));
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
  return self;
}

/** Nothing that is dear: a flood of strangers should cost no more than it must. */
function takeIn(datagram: Datagram, { lookup, turns, intake }: UdpOptions): void {
  const { address, port } = datagram.from;
  const client = lookup.byAddress(address);
  if (client === undefined) intake.drop('unknownClient');
  else if (port === 0) intake.drop('unanswerable', client);
  else if (!turns.push(client, datagram)) intake.drop('clientQueueFull', client);
}

function bound(socket: Socket, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (cause) => {
      reject(
        new FobtwinError('unavailable', `fobd cannot listen on ${host}, UDP port ${port}`, {
          nextStep: 'Choose another under "listen" in the file that --radius names.',
          detail: cause.message,
          cause,
        }),
      );
    });
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
}

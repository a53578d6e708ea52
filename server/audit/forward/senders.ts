import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { connect, isIPv6 } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Destination } from './destination.ts';
import { countedFrame, syslogMessage } from './syslog.ts';

export interface Sender {
  /** Resolves when the destination has taken all; when it rejects, any part may have come. */
  send(lines: readonly string[]): Promise<void>;
}

export interface SenderOptions {
  /** Named in each message. */
  readonly hostName: string;
}

/** A collector that takes nothing, or does not end, for so long is given up: milliseconds. */
const PATIENCE_MILLIS = 10_000;
/** So long the system has to say that nobody listens where a datagram went: milliseconds. */
const REFUSAL_MILLIS = 50;

export function createSender(destination: Destination, options: SenderOptions): Sender {
  switch (destination.way) {
    case 'file':
      return { send: (lines) => appendLines(destination.file, lines) };
    case 'tcp':
      return { send: (lines) => sendByTcp(destination, lines.map(messageOf(options))) };
    case 'udp':
      return { send: (lines) => sendByUdp(destination, lines.map(messageOf(options))) };
  }
}

const messageOf = (options: SenderOptions) => (line: string) => syslogMessage(line, options);

interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * A connection for each batch. Syslog over TCP acknowledges nothing (RFC 6587 section 4), and what
 * was written may never have been read; but a collector that ends its side after ours has read all
 * of it. One that breaks off has perhaps not, and gets the batch again.
 */
function sendByTcp({ host, port }: Address, messages: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.setTimeout(PATIENCE_MILLIS, () => {
      socket.destroy(new Error('the collector neither took the entries nor ended'));
    });
    socket.on('error', reject);
    socket.on('end', () => {
      if (socket.writableFinished) resolve();
      else reject(new Error('the collector ended before it had all entries'));
    });
    socket.on('close', () => reject(new Error('the connection broke off')));
    // What a collector says is not looked at, but it must be read for its end to be seen.
    socket.resume();
    socket.end(messages.map(countedFrame).join(''));
  });
}

/** A datagram each (RFC 5426); what the network loses is lost, and only a refusal is heard of. */
async function sendByUdp({ host, port }: Address, messages: readonly string[]): Promise<void> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const failed = once(socket, 'error').then(([error]) => Promise.reject(error as Error));
  failed.catch(() => undefined);
  try {
    socket.connect(port, host);
    await Promise.race([once(socket, 'connect'), failed]);
    for (const message of messages) {
      const sent = new Promise<void>((resolve, reject) => {
        socket.send(message, (error) => (error === null ? resolve() : reject(error)));
      });
      await Promise.race([sent, failed]);
    }
    await Promise.race([delay(REFUSAL_MILLIS), failed]);
  } finally {
    socket.close();
  }
}

/** JSON lines, on disk when it resolves. A line that a crash has torn is ended first. */
async function appendLines(file: string, lines: readonly string[]): Promise<void> {
  const handle = await open(file, 'a+', 0o600);
  try {
    const start = (await endsTorn(handle)) ? '\n' : '';
    await handle.appendFile(`${start}${lines.join('\n')}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function endsTorn(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() !== '\n';
}

import { once } from 'node:events';
import net, { isIP, type Socket } from 'node:net';
import tls, { type ConnectionOptions } from 'node:tls';
import { BerReader, Client, ExtendedResponse, ProtocolOperation } from 'ldapts';
import type { DirectoryOptions, DirectoryServer } from './options.ts';
import { readSmallFile } from './small-file.ts';

/** A connection to one server, encrypted as the options want it before anything else is said. */
export interface Connection {
  readonly server: DirectoryServer;
  readonly isOpen: () => boolean;
  /** @throws ResultCodeError for what the directory answers, Error where it answers nothing */
  ask<T>(request: (client: Client) => Promise<T>): Promise<T>;
  close(): void;
}

/** An entry with all that is asked for has a few thousand. */
const ANSWER_BYTES_MAX = 1024 * 1024;
/** Some hundred certificates. */
const CA_BYTES_MAX = 1024 * 1024;
const KEEP_ALIVE_MILLIS = 30_000;

/**
 * @throws Error when the server cannot be reached in time, refuses TLS, or is vouched for by nobody
 * of `caFile`
 */
export async function connect(
  server: DirectoryServer,
  { caFile, timeoutMillis }: Pick<DirectoryOptions, 'caFile' | 'timeoutMillis'>,
): Promise<Connection> {
  // Read each time: whoever renews the file need not restart anything.
  const ca = caFile === undefined ? undefined : await readSmallFile(caFile, CA_BYTES_MAX);
  const socket = await openSocket(server, ca, timeoutMillis);
  const client = clientOver(socket, timeoutMillis);
  let received = 0;
  // The library gathers an answer without a limit of its own.
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > ANSWER_BYTES_MAX) socket.destroy(new Error('too long an answer'));
  });
  const isOpen = () => socket.readyState === 'open';
  return {
    server,
    isOpen,
    async ask(request) {
      if (!isOpen()) throw new Error('the connection has ended');
      received = 0;
      return request(client);
    },
    // What is under way fails at once; after that a farewell would be of no use.
    close: () => void socket.destroy(),
  };
}

/** The library's own TLS and reconnecting are not used: what is said over what is decided here. */
function clientOver(socket: Socket, timeoutMillis: number): Client {
  let isTaken = false;
  return new Client({
    url: 'ldap://directory.invalid',
    timeout: timeoutMillis,
    connectTimeout: timeoutMillis,
    createConnection: (() => {
      // A second call would be a reconnection behind our back, and without the bind.
      if (isTaken) throw new Error('the connection has ended');
      isTaken = true;
      return socket;
    }) as typeof net.connect,
  });
}

/** Every step within the same time. */
async function openSocket(
  { host, port, security }: DirectoryServer,
  ca: Buffer | undefined,
  timeoutMillis: number,
): Promise<Socket> {
  const secure: ConnectionOptions = {
    host,
    minVersion: 'TLSv1.2',
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
  };
  let socket: Socket =
    security === 'ldaps'
      ? tls.connect({ ...secure, port })
      : net.connect({ host, port, ...(security === 'plain' ? inPieces(() => socket) : {}) });
  // Whoever waits hears of it; what nobody waits for must not end the process.
  socket.on('error', () => undefined);
  socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MILLIS);
  const timer = setTimeout(
    () => socket.destroy(new Error(`no answer in ${timeoutMillis} ms`)),
    timeoutMillis,
  );
  try {
    await once(socket, security === 'ldaps' ? 'secureConnect' : 'connect');
    if (security === 'startTls') {
      await askForTls(socket);
      socket = tls.connect({ ...secure, socket }).on('error', () => undefined);
      await once(socket, 'secureConnect');
    }
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A fourth of what TLS hands over at once. */
const PIECE_BYTES = 4096;

/**
 * The library goes one call deeper with each message of a piece: with 64 KiB of small ones the
 * stack would overflow, and fobd would end.
 */
const inPieces = (socket: () => Socket): Pick<net.TcpNetConnectOpts, 'onread'> => ({
  onread: {
    buffer: Buffer.alloc(PIECE_BYTES),
    callback(length, piece) {
      socket().emit('data', Buffer.from(piece.subarray(0, length)));
      return true;
    },
  },
});

/** RFC 4511 section 4.14: message 1, the request for StartTLS, nothing more. */
const START_TLS_REQUEST = Buffer.concat([
  Buffer.from([0x30, 0x1d, 0x02, 0x01, 0x01, 0x77, 0x18, 0x80, 0x16]),
  Buffer.from('1.3.6.1.4.1.1466.20037'),
]);
const START_TLS_REPLY_BYTES_MAX = 4096;

/**
 * Asks for TLS without the library, which would keep what arrives behind the reply, unencrypted,
 * and take it for the beginning of the next one: whoever stands between could answer a bind.
 */
async function askForTls(socket: Socket): Promise<void> {
  socket.write(START_TLS_REQUEST);
  let received = Buffer.alloc(0);
  while (true) {
    const [chunk] = (await Promise.race([once(socket, 'data'), ended(socket)])) as [Buffer];
    received = Buffer.concat([received, chunk]);
    if (received.length > START_TLS_REPLY_BYTES_MAX) throw new Error('StartTLS: too long a reply');
    const code = startTlsResult(received);
    if (code === 0) break;
    if (code !== undefined) throw new Error(`StartTLS was refused, result code ${code}`);
  }
  socket.pause();
}

async function ended(socket: Socket): Promise<never> {
  await once(socket, 'close');
  throw new Error('the connection ended before TLS');
}

/** The result code; undefined while the reply is not whole. */
function startTlsResult(received: Buffer): number | undefined {
  const reader = new BerReader(received);
  const isSequence = reader.readSequence() !== null;
  if (!isSequence || reader.remain < reader.length) return undefined;
  if (reader.remain > reader.length) throw new Error('StartTLS: more than a reply came before TLS');
  reader.readInt();
  if (reader.readSequence() !== ProtocolOperation.LDAP_RES_EXTENSION) {
    throw new Error('StartTLS: the reply is none');
  }
  const response = new ExtendedResponse({ messageId: 1 });
  response.parse(reader, []);
  return response.status;
}

import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A real mail server, which does as a test tells it. */

export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came over the wire. */
  readonly raw: string;
  readonly parsed: Email;
}

/** What it answers with in place of taking a mail: `drop` hangs up after the last byte. */
export type Fault = number | 'drop';

export interface SmtpPeer {
  readonly port: number;
  readonly mails: readonly TakenMail[];
  /** Mails that came whole, taken or not. */
  readonly seen: number;
  /** For the next mails, one each: at which of its steps, and how. */
  readonly faults: { readonly at: 'mail' | 'rcpt' | 'data'; readonly with: Fault }[];
  close(): Promise<void>;
}

const refusal = (code: number): Error =>
  Object.assign(new Error('as the test wishes'), { responseCode: code });

export async function startSmtpPeer(options: SMTPServerOptions = {}): Promise<SmtpPeer> {
  const mails: TakenMail[] = [];
  const faults: { at: 'mail' | 'rcpt' | 'data'; with: Fault }[] = [];
  const sockets = new Set<Socket>();
  let seen = 0;
  const faultAt = (step: 'mail' | 'rcpt' | 'data'): Fault | undefined =>
    faults[0]?.at === step ? faults.shift()?.with : undefined;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    ...options,
    onMailFrom(_address, _session, callback) {
      const fault = faultAt('mail');
      callback(typeof fault === 'number' ? refusal(fault) : null);
    },
    onRcptTo(_address, _session, callback) {
      const fault = faultAt('rcpt');
      callback(typeof fault === 'number' ? refusal(fault) : null);
    },
    onData(stream, session, callback) {
      void text(stream).then(async (raw) => {
        seen += 1;
        const fault = faultAt('data');
        if (fault === 'drop') {
          for (const socket of sockets) socket.destroy();
          return;
        }
        if (fault !== undefined) {
          callback(refusal(fault));
          return;
        }
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false || mailFrom === undefined ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw,
          parsed: await PostalMime.parse(raw),
        });
        callback(null);
      });
    },
  });
  server.on('error', () => undefined);
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    get seen() {
      return seen;
    },
    faults,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

export interface MutePeer {
  readonly port: number;
  /** Resolves once the first who called has hung up. */
  readonly left: Promise<void>;
  close(): Promise<void>;
}

/** Takes connections, and says `greeting`, or nothing ever. */
export async function startMutePeer(greeting?: string): Promise<MutePeer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).resume();
    if (greeting !== undefined) socket.end(`${greeting}\r\n`);
  });
  const left = new Promise<void>((resolve) => {
    server.once('connection', (socket) => socket.once('close', () => resolve()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    left,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

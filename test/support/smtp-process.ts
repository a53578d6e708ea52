import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import PostalMime, { type Email } from 'postal-mime';

/** A real mail server in a process of its own, as an organisation has one. */

export interface SmtpProcessOptions {
  /** From the first byte; STARTTLS is offered where there is a certificate and this is not so. */
  readonly secure?: boolean;
  /** PEM files. */
  readonly certificateFile?: string;
  readonly keyFile?: string;
  /** The only one who may send. Default: everybody may. */
  readonly login?: { readonly user: string; readonly password: string };
}

export interface DeliveredMail {
  readonly to: readonly string[];
  readonly user?: string;
  /** Whether it came over TLS. */
  readonly secure: boolean;
  readonly raw: string;
  readonly parsed: Email;
}

export interface SmtpProcess {
  readonly port: number;
  readonly mails: readonly DeliveredMail[];
  /** Logins that were refused. */
  readonly refused: number;
  /** Resolves once so many mails have come. */
  delivered(count: number): Promise<void>;
  close(): Promise<void>;
}

const PROGRAM = `
  const { readFileSync } = require('node:fs');
  const { SMTPServer } = require('smtp-server');
  const { secure, certificateFile, keyFile, login } = JSON.parse(process.argv[1]);
  const say = (line) => process.stdout.write(JSON.stringify(line) + '\\n');
  const server = new SMTPServer({
    ...(certificateFile === undefined
      ? { disabledCommands: ['STARTTLS'] }
      : { cert: readFileSync(certificateFile), key: readFileSync(keyFile) }),
    secure: secure === true,
    authOptional: login === undefined,
    logger: false,
    onAuth({ username, password }, session, callback) {
      const isHis = login && username === login.user && password === login.password;
      if (!isHis) say({ refused: 1 });
      callback(isHis ? null : new Error('no such login'), { user: username });
    },
    onData(stream, { envelope, user, secure }, callback) {
      const parts = [];
      stream.on('data', (part) => parts.push(part));
      stream.on('end', () => {
        const to = envelope.rcptTo.map(({ address }) => address);
        say({ mail: { to, user, secure, raw: Buffer.concat(parts).toString() } });
        callback();
      });
    },
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1', () => say({ port: server.server.address().port }));
  process.stdin.on('end', () => process.exit()).resume();
`;

interface Said {
  readonly port?: number;
  readonly refused?: number;
  readonly mail?: Omit<DeliveredMail, 'parsed'>;
}

export async function startSmtpProcess(options: SmtpProcessOptions = {}): Promise<SmtpProcess> {
  const child: ChildProcess = spawn(process.execPath, ['-e', PROGRAM, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  });
  if (child.stdout === null) throw new Error('no pipe');
  const lines = createInterface({ input: child.stdout });
  const mails: DeliveredMail[] = [];
  let refused = 0;
  let wake: () => void = () => undefined;
  const [first] = (await once(lines, 'line')) as [string];
  const { port = 0 } = JSON.parse(first) as Said;
  lines.on('line', (line) => {
    const said = JSON.parse(line) as Said;
    refused += said.refused ?? 0;
    const { mail } = said;
    if (mail === undefined) return;
    void PostalMime.parse(mail.raw).then((parsed) => {
      mails.push({ ...mail, parsed });
      wake();
    });
  });
  return {
    port,
    mails,
    get refused() {
      return refused;
    },
    async delivered(count) {
      while (mails.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async close() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

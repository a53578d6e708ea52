import { createTransport } from 'nodemailer';
import { nationalDigits } from './number.ts';
import type { PhoneGateway, PhoneMessage } from './port.ts';
import { type Reach, reaches } from './reach.ts';

/**
 * Mail-to-text: a carrier, or a texting service, that makes a text of a mail to the number's
 * address. Texts only, a mail each: nothing waits in an outbox, for a code is worth two minutes.
 */
export interface MailGatewayOptions extends Reach {
  readonly type: 'mail';
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** `tls`: from the first byte; `starttls`: required; `none`: on this machine alone. */
  readonly security: 'tls' | 'starttls' | 'none';
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly from: string;
  /** With `{number}` for all the digits or `{national}` for those without the country's code. */
  readonly to: string;
  readonly timeoutMillis: number;
}

export function createMailGateway(options: MailGatewayOptions): PhoneGateway {
  const { name, host, port, security, user, password, timeoutMillis } = options;
  return {
    name,
    takes: (message) => reaches(options, message),
    async send(message, signal) {
      const transport = createTransport({
        host,
        port,
        secure: security === 'tls',
        requireTLS: security === 'starttls',
        ignoreTLS: security === 'none',
        connectionTimeout: timeoutMillis,
        greetingTimeout: timeoutMillis,
        socketTimeout: timeoutMillis,
        dnsTimeout: timeoutMillis,
        disableFileAccess: true,
        disableUrlAccess: true,
        ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
      });
      const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMillis)]);
      try {
        await orAborted(transport.sendMail(mailOf(message, options)), limited);
      } finally {
        transport.close();
      }
    },
  };
}

const mailOf = ({ id, number, text }: PhoneMessage, { from, to }: MailGatewayOptions) => ({
  from,
  to: to.replace('{number}', number.slice(1)).replace('{national}', nationalDigits(number)),
  messageId: `<${id}@${from.split('@').at(-1)?.replace(/>$/, '') ?? 'fobd'}>`,
  text,
});

/** The library has time-outs of its own for each step; this is one for all of them. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined);
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

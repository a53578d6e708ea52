import { createTransport } from 'nodemailer';
import { type SmtpServer, transportOptions } from '../notices/smtp.ts';
import { nationalDigits } from './number.ts';
import type { PhoneGateway, PhoneMessage } from './port.ts';
import { type Reach, reaches } from './reach.ts';

/**
 * Mail-to-text: a carrier, or a texting service, that makes a text of a mail to the number's
 * address. Texts only, a mail each: nothing waits in an outbox, for a code is worth two minutes.
 */
export interface MailGatewayOptions
  extends Reach,
    Pick<SmtpServer, 'host' | 'port' | 'security' | 'login'> {
  readonly type: 'mail';
  readonly name: string;
  readonly from: string;
  /** With `{number}` for all the digits or `{national}` for those without the country's code. */
  readonly to: string;
  readonly timeoutMillis: number;
}

export function createMailGateway(options: MailGatewayOptions): PhoneGateway {
  const { name, timeoutMillis } = options;
  const times = { connectMillis: timeoutMillis, silenceMillis: timeoutMillis };
  const transport = createTransport(transportOptions({ ...options, ...times }));
  return {
    name,
    takes: (message) => reaches(options, message),
    async send(message, signal) {
      // The library has time-outs of its own for each step; this is one for all of them.
      const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMillis)]);
      await transport.sendMail({ ...mailOf(message, options), signal: limited });
    },
  };
}

const mailOf = ({ id, number, text }: PhoneMessage, { from, to }: MailGatewayOptions) => ({
  from,
  to: to.replace('{number}', number.slice(1)).replace('{national}', nationalDigits(number)),
  messageId: `<${id}@${from.split('@').at(-1)?.replace(/>$/, '') ?? 'fobd'}>`,
  text,
});

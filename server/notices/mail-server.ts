import nodemailer from 'nodemailer';
import { isMailAddress } from '../../shared/mail-address.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { MailOptions } from './options.ts';
import { transportOptions } from './smtp.ts';
import type { RenderedMail } from './templates/render.ts';

/** One mail to one address: several never see each other. */
export interface OutgoingMail extends RenderedMail {
  readonly to: string;
  readonly messageId: string;
  readonly at: UnixMillis;
}

/** What an attempt came to; `failure` never holds an address, whatever the server says. */
export type Delivery =
  | { readonly result: 'taken' }
  /** `refused`: for good, whoever asks again. */
  | { readonly result: 'refused' | 'failed'; readonly failure: string };

export interface MailServer {
  send(mail: OutgoingMail): Promise<Delivery>;
  /** Cuts off what is under way. */
  close(): void;
}

/** So many mails go over one connection. */
const MAILS_A_CONNECTION = 100;
/** Shorter than servers wait: a connection that is used again is still there. */
const IDLE_MILLIS = 15_000;

/** The server that `--mail` names, by SMTP, over a pool of connections. */
export function createMailServer(options: MailOptions): MailServer {
  const { from, fromName, replyTo } = options;
  const transport = nodemailer.createTransport({
    ...transportOptions(options),
    pool: true,
    maxConnections: options.connections,
    maxMessages: MAILS_A_CONNECTION,
    // The outbox tries again itself, and keeps count.
    maxRequeues: 0,
    idleTimeout: IDLE_MILLIS,
    logger: false,
  });
  transport.on('error', () => undefined);
  return {
    async send({ to, messageId, at, subject, text, html }) {
      if (!isMailAddress(to)) return { result: 'refused', failure: 'not a mail address' };
      try {
        await transport.sendMail({
          from: { name: fromName, address: from },
          to: { name: '', address: to },
          ...(replyTo === undefined ? {} : { replyTo }),
          envelope: { from, to: [to] },
          subject,
          text,
          html,
          messageId,
          date: new Date(at),
          // RFC 3834 section 5: no program answers it.
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal: AbortSignal.timeout(options.attemptMillis),
        });
        return { result: 'taken' };
      } catch (error) {
        return deliveryOf(error);
      }
    },
    close() {
      transport.close({ force: true });
    },
  };
}

/** What the server said of this very mail; any other failure may be gone the next time. */
const OF_THE_MAIL: ReadonlySet<string> = new Set(['EENVELOPE', 'EMESSAGE']);
const PERMANENT_MIN = 500;
/** RFC 4954 section 6: of the login that is set up, whatever step they come at. */
const OF_THE_LOGIN: ReadonlySet<number> = new Set([530, 534, 535, 538]);

function deliveryOf(error: unknown): Delivery {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  const reason = typeof code === 'string' && /^E[A-Z0-9_]{1,30}$/.test(code) ? code : 'EUNKNOWN';
  const status = typeof responseCode === 'number' ? responseCode : undefined;
  const failure = status === undefined ? reason : `${reason} ${status}`;
  const isPermanent = status !== undefined && status >= PERMANENT_MIN && !OF_THE_LOGIN.has(status);
  const isFinal = OF_THE_MAIL.has(reason) && isPermanent;
  return { result: isFinal ? 'refused' : 'failed', failure };
}

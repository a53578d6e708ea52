import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { FobtwinError } from '../../shared/errors.ts';
import { isMailAddress } from '../../shared/mail-address.ts';
import { isThisMachine } from '../access/address.ts';
import { SMTP_SECURITIES, type SmtpSecurity, type SmtpServer } from './smtp.ts';

/** What `--mail FILE` says: which server takes mail from fobd, and who writes it. */

/** RFC 8314 section 3.3, RFC 6409 section 3.1, RFC 5321 section 4.5.4.2. */
const PORTS: Readonly<Record<SmtpSecurity, number>> = { tls: 465, starttls: 587, none: 25 };

const address = z.string().refine(isMailAddress, 'is one mail address: otp@example.com');
/** Becomes part of a header. */
const name = z
  .string()
  .max(100, 'is too long')
  .regex(/^[^\p{Cc}]*$/u, 'has control characters');
const seconds = z.int().min(1, 'is too short').max(600, 'is too long');

export const MAIL_FILE = {
  name: 'mail',
  schema: z.strictObject({
    host: z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/, 'is a name or an address'),
    port: z.int().min(1).max(65_535).optional(),
    security: z.enum(SMTP_SECURITIES).default('starttls'),
    /** Mail, and a password, may go unencrypted to another machine. */
    allowPlaintext: z.boolean().default(false),
    /** PEM: who vouches for the server's certificate, instead of the system's authorities. */
    caFile: z.string().min(1).max(4096).optional(),
    user: z.string().min(1).max(320).optional(),
    passwordFile: z.string().min(1).max(4096).optional(),
    from: address,
    fromName: name.default('fobd'),
    replyTo: address.optional(),
    /** Until a connection stands, and until the server greets. */
    connectSeconds: seconds.default(10),
    /** Until the server says something again. */
    silenceSeconds: seconds.default(60),
    /** One mail, from the connection to the server's word. */
    attemptSeconds: seconds.default(120),
    connections: z.int().min(1).max(20).default(4),
  }),
  example: '{"host": "smtp.example.com", "from": "otp@example.com"}',
} as const;

export interface MailOptions extends SmtpServer {
  readonly from: string;
  readonly fromName: string;
  readonly replyTo: string | undefined;
  readonly attemptMillis: number;
  readonly connections: number;
}

/**
 * @param place the file's own path: what it names is relative to its directory
 * @throws FobtwinError `usage`
 */
export function createMailOptions(
  file: z.output<typeof MAIL_FILE.schema>,
  place: string,
): MailOptions {
  const { host, security, allowPlaintext, user, passwordFile, caFile } = file;
  if (security === 'none' && !isThisMachine(host) && !allowPlaintext) {
    throw refuse(place, `${host} would get mail unencrypted`, {
      nextStep: 'Set "security" to "starttls" or "tls", or say "allowPlaintext": true.',
    });
  }
  if ((user === undefined) !== (passwordFile === undefined)) {
    throw refuse(place, 'to sign in needs both "user" and "passwordFile"', {
      nextStep: 'Give both, or neither.',
    });
  }
  const read = (name: string | undefined) =>
    name === undefined ? undefined : readNamed(path.resolve(path.dirname(place), name), place);
  const password = read(passwordFile)?.replace(/\r?\n$/, '');
  if (password === '') {
    throw refuse(place, 'the password file is empty', { nextStep: 'Write the password into it.' });
  }
  return {
    host,
    port: file.port ?? PORTS[security],
    security,
    ca: read(caFile),
    login: user === undefined || password === undefined ? undefined : { user, password },
    from: file.from,
    fromName: file.fromName,
    replyTo: file.replyTo,
    connectMillis: file.connectSeconds * 1000,
    silenceMillis: file.silenceSeconds * 1000,
    attemptMillis: file.attemptSeconds * 1000,
    connections: file.connections,
  };
}

function readNamed(file: string, place: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw refuse(place, `${file} cannot be read`, { nextStep: 'Check that it is there.', cause });
  }
}

const refuse = (
  place: string,
  reason: string,
  options: { readonly nextStep: string; readonly cause?: unknown },
): FobtwinError => new FobtwinError('usage', `--mail ${place}: ${reason}`, options);

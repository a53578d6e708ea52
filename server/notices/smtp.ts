/** `tls` from the first byte, `starttls` or nothing at all; `none`: in the clear. */
export const SMTP_SECURITIES = ['tls', 'starttls', 'none'] as const;
export type SmtpSecurity = (typeof SMTP_SECURITIES)[number];

/** A mail server, and how it is spoken to. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  readonly security: SmtpSecurity;
  /** PEM: who vouches for its certificate, instead of the system's authorities. */
  readonly ca?: string | undefined;
  readonly login?: { readonly user: string; readonly password: string } | undefined;
  /** Until a connection stands, and until the server greets. */
  readonly connectMillis: number;
  /** Until the server says something again. */
  readonly silenceMillis: number;
}

/** What nodemailer is told of it: TLS is demanded, or not spoken; never merely tried. */
export const transportOptions = ({
  host,
  port,
  security,
  ca,
  login,
  connectMillis,
  silenceMillis,
}: SmtpServer) => ({
  host,
  port,
  secure: security === 'tls',
  requireTLS: security === 'starttls',
  ignoreTLS: security === 'none',
  ...(ca === undefined ? {} : { tls: { ca } }),
  ...(login === undefined ? {} : { auth: { user: login.user, pass: login.password } }),
  connectionTimeout: connectMillis,
  greetingTimeout: connectMillis,
  dnsTimeout: connectMillis,
  socketTimeout: silenceMillis,
  disableFileAccess: true,
  disableUrlAccess: true,
});

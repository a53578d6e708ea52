import type { Flags } from '../config.ts';
import type { Action, Command, Parser } from './command.ts';
import { createLog } from './log.ts';
import { VERSION } from './version.ts';

/** `fobd serve`: listens until it is told to stop. */
/** Settings that only this command takes: the flag, the setting, and a line of help. */
const SETTINGS = [
  ['port', 'port', 'string', 'The port; 0 picks one [default: FOBD_PORT, or 8080]'],
  ['host', 'host', 'string', 'The address to listen on [default: FOBD_HOST, or 127.0.0.1]'],
  [
    'tls-certificate',
    'tlsCertificate',
    'string',
    'Serve HTTPS: a PEM file, the certificate first [FOBD_TLS_CERTIFICATE]',
  ],
  [
    'tls-key',
    'tlsKey',
    'string',
    "The certificate's key, a PEM file, not encrypted [FOBD_TLS_KEY]",
  ],
  [
    'behind-proxy',
    'behindProxy',
    'boolean',
    'A proxy in front provides TLS: lets --host be other than loopback',
  ],
  [
    'trusted-proxy',
    'trustedProxy',
    'string',
    'Whose X-Forwarded-For is believed [default: loopback, with --behind-proxy]',
  ],
  [
    'limits',
    'limits',
    'string',
    'A JSON file of limits that differ from the defaults [FOBD_LIMITS]',
  ],
  ['log-level', 'logLevel', 'string', 'fatal, error, warn, info, debug or silent [default: info]'],
  [
    'audit-forward',
    'auditForward',
    'string',
    'syslog+udp://HOST:PORT, syslog+tcp://HOST:PORT or file:PATH [FOBD_AUDIT_FORWARD]',
  ],
  [
    'checkpoint-every',
    'checkpointEvery',
    'string',
    'Sign the end of the audit log so often: 1h [FOBD_CHECKPOINT_EVERY]',
  ],
  ['checkpoint-to', 'checkpointTo', 'string', 'A file or a directory for that [default: log]'],
  ['audit-keep', 'auditKeep', 'string', 'Younger audit entries are never removed [default: 90d]'],
  [
    'audit-keep-entries',
    'auditKeepEntries',
    'string',
    'Nor are so many of the newest [default: 1000]',
  ],
  [
    'public-url',
    'publicUrl',
    'string',
    'Where browsers reach fobd: opens the sign-in pages and OpenID Connect [FOBD_PUBLIC_URL]',
  ],
  [
    'directory',
    'directory',
    'string',
    'A JSON file: sign people in by LDAP or Active Directory [FOBD_DIRECTORY]',
  ],
  ['radius', 'radius', 'string', 'A JSON file: serve RADIUS to its clients [FOBD_RADIUS]'],
  ['compat', 'compat', 'string', 'A JSON file: serve the drop-in API of privacyIDEA [FOBD_COMPAT]'],
  [
    'forward-auth',
    'forwardAuth',
    'string',
    'A JSON file: let a reverse proxy ask who has signed in [FOBD_FORWARD_AUTH]',
  ],
  [
    'sessions',
    'sessions',
    'string',
    'A JSON file: how long people stay signed in: {"idleMillis": 900000} [FOBD_SESSIONS]',
  ],
  [
    'helpdesk',
    'helpdesk',
    'string',
    'A JSON file: what the helpdesk must do before it helps [FOBD_HELPDESK]',
  ],
  [
    'mobile-id-issuer',
    'mobileIdIssuer',
    'string',
    'Who stands beside the codes of a Mobile ID in an app [default: Fobtwin]',
  ],
  [
    'proofing',
    'proofing',
    'string',
    'A JSON file: who asks the proofing questions [FOBD_PROOFING]',
  ],
  [
    'phones',
    'phones',
    'string',
    'A JSON file: gateways that bring codes to phones, and what they may cost [FOBD_PHONES]',
  ],
  [
    'payments',
    'payments',
    'string',
    'A JSON file: whose webhooks tell of payments by card [FOBD_PAYMENTS]',
  ],
  ['mail', 'mail', 'string', 'A JSON file: the mail server, and who writes [FOBD_MAIL]'],
  ['log-requests', 'logRequests', 'boolean', 'A log line for each request'],
  [
    'disk-reserve',
    'diskReserve',
    'string',
    'Not ready with less than so many MiB of disk left [default: 256]',
  ],
] as const satisfies readonly (readonly [string, keyof Flags, 'string' | 'boolean', string])[];

const withSetting = (parser: Parser, [flag, , type, describe]: (typeof SETTINGS)[number]): Parser =>
  parser.option(flag, { type, describe, requiresArg: type === 'string' });

const flagsOf = (args: Readonly<Record<string, unknown>>): Flags =>
  Object.fromEntries(
    SETTINGS.map(([flag, setting]) => [
      setting,
      args[flag] === undefined ? undefined : String(args[flag]),
    ]),
  );

const serveAction: Action = async ({ env, config, print }) => {
  const { serve } = await import('../main.ts');
  return serve(config, {
    clock: env.clock,
    rng: env.rng,
    log: createLog(config.logLevel, env.errors),
    version: VERSION,
    onStopSignal: (listener) => env.onStopSignal(listener),
    onReloadSignal: (listener) => env.onReloadSignal?.(listener),
    exitNow: (code) => env.exitNow(code),
    announce: ({ address, lab }) =>
      print({ address }, `fobd listens on ${address}${lab ? ' (a lab)' : ''}`),
  });
};

export const command: Command = {
  define: (parser, choose) =>
    SETTINGS.reduce(withSetting, parser)
      .usage('fobd serve\n\nServes /v1 until SIGTERM or SIGINT; then finishes what is under way.')
      .command(
        '$0',
        false,
        (inner) => inner,
        (args) => choose(args, serveAction, { flags: flagsOf(args) }),
      ),
};

import type { Finding } from '../doctor/finding.ts';
import type { Command } from './command.ts';
import { VERSION } from './version.ts';

const MARKS = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' } as const;

/** Beside `--full` what fobd serves with, so that it is looked at too. */
const OPTIONS = {
  full: { type: 'boolean', describe: 'Also the whole audit chain and every index' },
  'tls-certificate': {
    type: 'string',
    requiresArg: true,
    describe: 'The certificate that fobd serves with [FOBD_TLS_CERTIFICATE]',
  },
  'tls-key': {
    type: 'string',
    requiresArg: true,
    describe: "The certificate's key [FOBD_TLS_KEY]",
  },
  radius: {
    type: 'string',
    requiresArg: true,
    describe: 'The RADIUS file that fobd serves with [FOBD_RADIUS]',
  },
  compat: {
    type: 'string',
    requiresArg: true,
    describe: 'The file of the drop-in API that fobd serves with [FOBD_COMPAT]',
  },
  directory: {
    type: 'string',
    requiresArg: true,
    describe: 'The directory that people sign in by [FOBD_DIRECTORY]',
  },
  mail: {
    type: 'string',
    requiresArg: true,
    describe: 'The file of the mail server that fobd sends by [FOBD_MAIL]',
  },
} as const;

/** `fobd doctor`: what is wrong, and what to do about it; exits 1 where something fails. */
export const command: Command = {
  define: (parser, choose) =>
    parser
      .usage(
        'fobd doctor\n\nLooks for what is wrong with a data directory and with what serves it, ' +
          'and says what to do. It changes nothing.',
      )
      .options(OPTIONS)
      .command(
        '$0',
        false,
        (inner) => inner,
        (args) => {
          const flags = {
            tlsCertificate: textOf(args['tls-certificate']),
            tlsKey: textOf(args['tls-key']),
            radius: textOf(args['radius']),
            compat: textOf(args['compat']),
            directory: textOf(args['directory']),
            mail: textOf(args['mail']),
          };
          const full = args['full'] === true;
          choose(
            args,
            async ({ env, config, withClient, print, refuse }) => {
              const { examine } = await import('../doctor/doctor.ts');
              const { worst } = await import('../doctor/finding.ts');
              const findings = await examine({
                config,
                version: VERSION,
                node: process.version,
                now: () => env.clock.now(),
                full,
                withClient,
              });
              const verdict = worst(findings);
              const report = { verdict, findings };
              const text = describe(findings);
              return verdict === 'fail' ? refuse(report, text) : print(report, text);
            },
            { flags },
          );
        },
      ),
};

const textOf = (value: unknown): string | undefined =>
  value === undefined ? undefined : String(value);

function describe(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, level, what, next }) => [
    `${MARKS[level]}  ${check.padEnd(width)}  ${what}`,
    ...(next === undefined ? [] : [`${' '.repeat(width + 8)}-> ${next}`]),
  ]);
  const worse = findings.filter(({ level }) => level !== 'ok').length;
  const count =
    worse === 0 ? 'Nothing is wrong.' : `${worse} of ${findings.length} need attention.`;
  return [...lines, count].join('\n');
}

import type { Action, Command } from './command.ts';
import { createLog } from './log.ts';

/** `fobd serve`: listens until it is told to stop. */
export const command: Command = {
  define: (parser, choose) =>
    parser
      .usage('fobd serve\n\nServes /v1 until SIGTERM or SIGINT; then finishes what is under way.')
      .options({
        port: {
          type: 'string',
          requiresArg: true,
          describe: 'The port; 0 picks one [default: FOBD_PORT, or 8080]',
        },
        host: {
          type: 'string',
          requiresArg: true,
          describe: 'The address to listen on [default: FOBD_HOST, or 127.0.0.1]',
        },
        'behind-proxy': {
          type: 'boolean',
          describe: 'A proxy in front provides TLS: lets --host be other than loopback',
        },
        'log-level': {
          type: 'string',
          requiresArg: true,
          describe: 'fatal, error, warn, info, debug or silent [default: info]',
        },
        'log-requests': { type: 'boolean', describe: 'A log line for each request' },
      })
      .command(
        '$0',
        false,
        (inner) => inner,
        (args) => {
          const flag = (name: string): string | undefined =>
            args[name] === undefined ? undefined : String(args[name]);
          const flags = {
            port: flag('port'),
            host: flag('host'),
            behindProxy: flag('behind-proxy'),
            logLevel: flag('log-level'),
            logRequests: flag('log-requests'),
          };
          const action: Action = async ({ env, config, print }) => {
            const { serve } = await import('../main.ts');
            return serve(config, {
              clock: env.clock,
              rng: env.rng,
              log: createLog(config.logLevel, env.errors),
              onStopSignal: (listener) => env.onStopSignal(listener),
              exitNow: (code) => env.exitNow(code),
              announce: ({ address, lab }) =>
                print({ address }, `fobd listens on ${address}${lab ? ' (a lab)' : ''}`),
            });
          };
          choose(args, action, { flags });
        },
      ),
};

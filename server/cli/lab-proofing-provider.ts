import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import { createSandboxProvider, PROVIDER_FAILURES } from '../lab/proofing-provider.ts';
import { readProviderKey } from '../proofing/options.ts';
import { numberArgument } from './arguments.ts';
import type { Action, Choose, Parser } from './command.ts';

/** `fobd lab proofing-provider`: the sandbox that asks made-up proofing questions. */

const HOST = '127.0.0.1';
const DEFAULT_PORT = 8090;
const CONNECTIONS_MAX = 100;

export function defineProofingProvider(parser: Parser, choose: Choose): Parser {
  return parser.command(
    'proofing-provider',
    'Ask made-up proofing questions, as a provider of them would, until stopped',
    (inner) =>
      inner.options({
        port: {
          type: 'string',
          requiresArg: true,
          describe: `The port; 0 picks one [default: ${DEFAULT_PORT}]`,
        },
        'key-file': {
          type: 'string',
          requiresArg: true,
          demandOption: true,
          describe: 'What requests and replies are signed with: hexadecimal text, 32 to 64 bytes',
        },
        failure: {
          choices: PROVIDER_FAILURES,
          requiresArg: true,
          describe: 'Fail so; PUT /failure changes it [default: none]',
        },
      }),
    (args) => {
      const port = numberArgument('--port', args.port, [0, 65_535]) ?? DEFAULT_PORT;
      const failure = args.failure as (typeof PROVIDER_FAILURES)[number] | undefined;
      choose(args, serveSandbox({ port, keyFile: args['key-file'], failure }));
    },
  );
}

interface SandboxArguments {
  readonly port: number;
  readonly keyFile: string;
  readonly failure: (typeof PROVIDER_FAILURES)[number] | undefined;
}

const serveSandbox =
  ({ port, keyFile, failure }: SandboxArguments): Action =>
  async ({ env, print }) => {
    const { clock, rng, directory } = env;
    const key = readProviderKey(path.resolve(directory, keyFile));
    const given = failure === undefined ? {} : { failure };
    const server = createSandboxProvider({ key, clock, rng, ...given });
    server.maxConnections = CONNECTIONS_MAX;
    const stopped = new Promise<void>((resolve) => {
      server.on('close', resolve);
      env.onStopSignal(() => {
        server.close();
        server.closeAllConnections();
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => {
        const message = `The sandbox cannot listen on ${HOST}:${port}`;
        reject(
          new FobtwinError('unavailable', message, { nextStep: 'Give another --port.', cause }),
        );
      });
      server.listen(port, HOST, resolve);
    });
    const bound = server.address();
    const address = `http://${HOST}:${typeof bound === 'object' && bound ? bound.port : port}`;
    print({ address }, `The sandbox asks questions on ${address}`);
    await stopped;
    return 0;
  };

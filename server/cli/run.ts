import yargs from 'yargs';
import { FobtwinError } from '../../shared/errors.ts';
import { mayAskForHelp } from '../../shared/help-text.ts';
import { type Flags, readConfig } from '../config.ts';
import type { Action, Choose, Command, CommonArguments } from './command.ts';
import { describeError } from './error-text.ts';
import { openSession } from './session.ts';
import type { CliEnv, ExitCode } from './surroundings.ts';
import { VERSION } from './version.ts';

/** Every command: its name, its line in the help, and the file it is loaded from. */
const COMMANDS: readonly (readonly [string, string, () => Promise<{ command: Command }>])[] = [
  ['init', 'Make a data directory with its administrator', () => import('./init.ts')],
  ['serve', 'Serve the validation API until stopped', () => import('./serve.ts')],
  ['token', 'List, show, register and hold tokens', () => import('./token.ts')],
  ['account', 'Add, change and disable accounts, and set passwords', () => import('./account.ts')],
  [
    'mobile-id',
    'Mobile IDs for authenticator apps: create, confirm',
    () => import('./mobile-id.ts'),
  ],
  ['helpdesk', 'Check callers, and help them', () => import('./helpdesk.ts')],
  [
    'credential',
    'Redeem, activate, register, replace and revoke credentials',
    () => import('./credential.ts'),
  ],
  [
    'subscription',
    'What was bought for a year, and what is due',
    () => import('./subscription.ts'),
  ],
  ['phone', 'Phones that codes are sent to: list, add, verify, send', () => import('./phone.ts')],
  ['proofing', 'Identity proofing: profile, questions, live video', () => import('./proofing.ts')],
  ['application', 'Add, list, rotate and revoke applications', () => import('./application.ts')],
  ['order', 'Place, pay, ship and cancel orders', () => import('./order.ts')],
  ['product', 'List what the store sells', () => import('./product.ts')],
  ['oidc', 'Clients and keys for signing people in by OpenID Connect', () => import('./oidc.ts')],
  ['notice', 'Mails to people, and what became of each', () => import('./notice.ts')],
  ['webhook', 'Where events are delivered to', () => import('./webhook.ts')],
  ['seed-file', 'Import tokens from a seed file, and export seeds', () => import('./seed-file.ts')],
  ['audit', 'Read and verify the audit log', () => import('./audit.ts')],
  ['backup', 'Write everything but the master key into one file', () => import('./backup.ts')],
  ['access-review', 'List who may do what, for a review', () => import('./access-review.ts')],
  ['restore', 'Make a data directory of a backup', () => import('./restore.ts')],
  ['upgrade', "Bring an older data directory up to this fobd's form", () => import('./upgrade.ts')],
  ['key', 'Exchange the keys that seeds are kept under', () => import('./key.ts')],
  ['lab', 'Read and move the clock of a lab', () => import('./lab.ts')],
  ['doctor', 'Look for what is wrong, and say what to do', () => import('./doctor.ts')],
  ['metrics', 'Show what a serving fobd has counted', () => import('./metrics.ts')],
  ['completion', 'Completions for a shell', loadCompletion],
];

/** Options that may be given several times; any other given twice is a mistake. */
const REPEATABLE = new Set([
  '_',
  'export',
  'exported',
  'serials',
  'scope',
  'role',
  'clear',
  'allow',
  'product',
  'address',
  'token',
  'event',
  'redirect-uri',
  'redirectUri',
  'post-logout-redirect-uri',
  'postLogoutRedirectUri',
]);

/** Options of every command. */
const COMMON = {
  data: {
    type: 'string',
    requiresArg: true,
    describe: 'The data directory [default: FOBD_DATA, or where XDG says]',
  },
  'master-key-file': {
    type: 'string',
    requiresArg: true,
    describe: 'The master key, where it is not DATA/master.key [FOBD_MASTER_KEY_FILE]',
  },
  'master-key-command': {
    type: 'string',
    requiresArg: true,
    describe: 'Or a command that writes it, run without a shell [FOBD_MASTER_KEY_COMMAND]',
  },
  policy: {
    type: 'string',
    requiresArg: true,
    describe: 'A JSON file of validation options that differ from the defaults [FOBD_POLICY]',
  },
  json: { type: 'boolean', describe: 'One JSON object on standard output' },
} as const;

const HELP_COLUMNS = 96;
const COMMON_NAMES = [...Object.keys(COMMON), 'help', 'version'];

/** Completions know every command, so their command is made from this table. */
async function loadCompletion(): Promise<{ command: Command }> {
  const { completionCommand } = await import('./completion.ts');
  return { command: completionCommand(COMMANDS, COMMON) };
}

interface Chosen {
  readonly args: CommonArguments;
  readonly action: Action;
  readonly flags: Flags;
}

/**
 * Runs one fobd command.
 *
 * @param argv the command line without interpreter and script
 */
export async function runFobd(argv: readonly string[], env: CliEnv): Promise<ExitCode> {
  try {
    const chosen = await parse(argv, env);
    if (chosen === undefined) return 0;
    return await perform(chosen, env);
  } catch (error) {
    env.errors.write(describeError(error));
    return error instanceof FobtwinError && error.code === 'usage' ? 2 : 1;
  }
}

async function perform({ args, action, flags }: Chosen, env: CliEnv): Promise<ExitCode> {
  const settings = {
    data: args.data,
    masterKeyFile: args['master-key-file'],
    masterKeyCommand: args['master-key-command'],
    policy: args.policy,
    ...flags,
  };
  const config = readConfig(settings, env.environment, { directory: env.directory });
  const session = openSession(env, config, { json: args.json === true });
  return action(session);
}

/** What the line asks for; undefined when it asked for help or the version, which is printed. */
async function parse(argv: readonly string[], env: CliEnv): Promise<Chosen | undefined> {
  let chosen: Chosen | undefined;
  let printed = '';
  const choose: Choose = (args, action, { flags = {} } = {}) => {
    chosen = { args, action, flags };
  };
  const parser = yargs()
    .scriptName('fobd')
    .usage('fobd COMMAND\n\nValidates the codes of one-button tokens.')
    .parserConfiguration({ 'greedy-arrays': false, 'boolean-negation': false })
    .exitProcess(false)
    .fail(false)
    .detectLocale(false)
    .strict()
    .demandCommand(1, 'No command was given')
    .version(VERSION)
    .help()
    .wrap(mayAskForHelp(argv) ? HELP_COLUMNS : null)
    .options(COMMON)
    .group(COMMON_NAMES, 'Options of every command:')
    .check(refuseRepeated);
  for (const [name, describe, load] of COMMANDS) {
    parser.command(
      name,
      describe,
      async (inner) => (await load()).command.define(inner, choose),
      () => undefined,
    );
  }
  try {
    await parser.parseAsync([...argv], {}, (_error, _args, output) => {
      printed += output;
    });
  } catch (error) {
    throw usageOf(error, argv);
  }
  if (printed !== '') env.output.write(`${printed}\n`);
  return printed === '' ? chosen : undefined;
}

function refuseRepeated(args: Readonly<Record<string, unknown>>): boolean {
  for (const [name, value] of Object.entries(args)) {
    if (Array.isArray(value) && !REPEATABLE.has(name)) {
      throw new Error(`--${name} was given more than once`);
    }
  }
  return true;
}

function usageOf(error: unknown, argv: readonly string[]): FobtwinError {
  if (error instanceof FobtwinError) return error;
  const command = COMMANDS.find(([name]) => name === argv[0])?.[0];
  const text = error instanceof Error ? error.message : String(error);
  const message = text.replace(/^Not enough non-option arguments:/, 'An argument is missing:');
  return new FobtwinError('usage', message, {
    nextStep: `See: fobd ${command === undefined ? '' : `${command} `}--help`,
    cause: error,
  });
}

import { ACCOUNT_ROLES } from '../../shared/types.ts';
import { describeAccount } from './account-text.ts';
import { accountArgument } from './arguments.ts';
import type { Choose, Parser } from './command.ts';

/** What is known of an account's person, from the command line. */

const text = (describe: string) => ({ type: 'string', requiresArg: true, describe }) as const;

const PROFILE_OPTIONS = {
  name: text("The person's name, as it is shown"),
  'legal-name': text('As it stands in a passport'),
  organisation: text('Where the person works'),
  email: text('E-mail address'),
  country: text('ISO 3166-1 alpha-2: US'),
  role: {
    type: 'array',
    string: true,
    requiresArg: true,
    choices: ACCOUNT_ROLES,
    describe: 'What it may do for others of its organisation; give it once for each',
  },
} as const;

interface ProfileArguments {
  readonly name?: string | undefined;
  readonly 'legal-name'?: string | undefined;
  readonly organisation?: string | undefined;
  readonly email?: string | undefined;
  readonly country?: string | undefined;
  readonly role?: readonly (string | number)[] | undefined;
}

const profileOf = (args: ProfileArguments) => ({
  name: args.name,
  legalName: args['legal-name'],
  organisation: args.organisation,
  email: args.email,
  country: args.country,
  // The parser has let only roles through.
  roles: args.role?.map((role) => role as (typeof ACCOUNT_ROLES)[number]),
});

const CLEARED = {
  name: 'name',
  'legal-name': 'legalName',
  organisation: 'organisation',
  email: 'email',
  country: 'country',
  role: 'roles',
} as const;
type Cleared = keyof typeof CLEARED;

export function defineAdd(parser: Parser, choose: Choose): void {
  parser.command(
    'add <id>',
    'Add an account',
    (inner) =>
      inner
        .positional('id', {
          type: 'string',
          demandOption: true,
          describe: 'Letters, digits and . _ @ -',
        })
        .options(PROFILE_OPTIONS),
    (args) => {
      const account = { id: accountArgument(args.id), ...profileOf(args) };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('addAccount', { body: account }));
        return print(reply, describeAccount(reply.account));
      });
    },
  );
}

export function defineChange(parser: Parser, choose: Choose): void {
  parser.command(
    'change <id>',
    'Change what is known of the person',
    (inner) =>
      inner
        .positional('id', { type: 'string', demandOption: true })
        .options(PROFILE_OPTIONS)
        .option('clear', {
          type: 'array',
          string: true,
          requiresArg: true,
          choices: Object.keys(CLEARED),
          describe: 'Forget what is known of this; give it once for each',
        })
        .check((args) => {
          const given = Object.keys(PROFILE_OPTIONS).filter((name) => args[name] !== undefined);
          const cleared = (args.clear ?? []).map(String);
          const both = given.find((name) => cleared.includes(name));
          if (both !== undefined) throw new Error(`--${both} is given and cleared`);
          if (given.length + cleared.length > 0) return true;
          throw new Error('Say what is to be changed, such as --email or --clear email');
        }),
    (args) => {
      const cleared = (args.clear ?? []).map((name) => [CLEARED[name as Cleared], null]);
      const given = Object.entries(profileOf(args)).filter(([, value]) => value !== undefined);
      const options = {
        params: { id: accountArgument(args.id) },
        body: Object.fromEntries([...given, ...cleared]) as Record<string, never>,
      };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('changeAccount', options));
        return print(reply, describeAccount(reply.account));
      });
    },
  );
}

export function defineDisable(parser: Parser, choose: Choose): void {
  const verbs = [
    ['disable', 'disableAccount', 'Let the account sign in nowhere, and end what rests on it'],
    ['enable', 'enableAccount', 'Let a disabled account sign in again'],
  ] as const;
  for (const [verb, operation, describe] of verbs) {
    parser.command(
      `${verb} <id>`,
      describe,
      (inner) =>
        inner
          .positional('id', { type: 'string', demandOption: true })
          .option('reason', text('Why, for the audit log')),
      (args) => {
        const options = {
          params: { id: accountArgument(args.id) },
          body: { reason: args.reason },
        };
        choose(args, async ({ withClient, print }) => {
          const reply = await withClient((client) => client.call(operation, options));
          return print(reply, `Account ${reply.account.id} is ${verb}d.`);
        });
      },
    );
  }
}

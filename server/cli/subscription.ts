import { PRODUCT_IDS } from '../../shared/products.ts';
import { CREDENTIAL_TYPES } from '../../shared/types.ts';
import { DUE_DAYS_MAX } from '../../shared/wire/credentials-schemas.ts';
import {
  accountArgument,
  momentArgument,
  numberArgument,
  subscriptionArgument,
} from './arguments.ts';
import { type Choose, commandGroup, type Parser } from './command.ts';
import { describeSubscription, listSubscriptions } from './credential-text.ts';
import { PAGE_OPTIONS, pageArguments } from './page.ts';

export const command = commandGroup(
  'subscription',
  'What was bought for a year, and when it ends.',
  [defineList, defineShow, defineDue, defineRenewals],
);

function defineList(parser: Parser, choose: Choose): void {
  parser.command(
    'list',
    'List subscriptions',
    (inner) =>
      inner.options({
        account: { type: 'string', requiresArg: true, describe: 'Who has redeemed it' },
        organisation: { type: 'string', requiresArg: true, describe: 'Which one pays for it' },
        ...PAGE_OPTIONS,
      }),
    (args) => {
      const { organisation } = args;
      const account = accountArgument(args.account);
      const query = { ...pageArguments(args), account, organisation };
      choose(args, async ({ withClient, print }) => {
        const page = await withClient((client) => client.call('listSubscriptions', { query }));
        return print(page, listSubscriptions(page));
      });
    },
  );
}

function defineShow(parser: Parser, choose: Choose): void {
  parser.command(
    'show <id>',
    'Show one subscription, its credentials and when it ends',
    (inner) => inner.positional('id', { type: 'string', demandOption: true }),
    (args) => {
      const params = { subscription: subscriptionArgument(args.id) };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('getSubscription', { params }));
        return print(reply, describeSubscription(reply.subscription));
      });
    },
  );
}

function defineDue(parser: Parser, choose: Choose): void {
  parser.command(
    'due',
    'List those of which a reminder, the expiry or the revocation comes soon',
    (inner) =>
      inner.options({
        days: { type: 'string', requiresArg: true, describe: 'How soon [default: 30]' },
        ...PAGE_OPTIONS,
      }),
    (args) => {
      const dueWithinDays = numberArgument('--days', args.days, [1, DUE_DAYS_MAX]) ?? 30;
      const query = { ...pageArguments(args), dueWithinDays };
      choose(args, async ({ withClient, print }) => {
        const page = await withClient((client) => client.call('listSubscriptions', { query }));
        return print(page, listSubscriptions(page));
      });
    },
  );
}

function defineRenewals(parser: Parser, choose: Choose): void {
  parser.command(
    'renewals <account>',
    'List what an account can renew just now, with tokens and renewal dates',
    (inner) =>
      inner
        .positional('account', { type: 'string', demandOption: true, describe: 'Who renews' })
        .options({
          of: {
            choices: ['own', 'organisation', 'others'] as const,
            requiresArg: true,
            describe: "The own ones; or the organisation's that it administers [default: own]",
          },
          type: { choices: CREDENTIAL_TYPES, requiresArg: true, describe: 'Only with one of it' },
          product: { choices: PRODUCT_IDS, requiresArg: true, describe: 'Only of this product' },
          user: { type: 'string', requiresArg: true, describe: 'Only what this account uses' },
          before: {
            type: 'string',
            requiresArg: true,
            describe: 'Only what ends before this day or time in UTC: 2027-06-30',
          },
          ...PAGE_OPTIONS,
        }),
    (args) => {
      const params = { id: accountArgument(args.account) };
      const query = {
        ...pageArguments(args),
        of: args.of,
        type: args.type,
        product: args.product,
        user: accountArgument(args.user),
        before: momentArgument('--before', args.before),
      };
      choose(args, async ({ withClient, print }) => {
        const page = await withClient((client) => client.call('listRenewals', { params, query }));
        return print(page, listSubscriptions(page));
      });
    },
  );
}

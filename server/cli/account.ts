import type { ReplyOf } from '../../shared/wire/operations.ts';
import { accountArgument } from './arguments.ts';
import type { Command } from './command.ts';
import { PAGE_OPTIONS, pageArguments } from './page.ts';
import { formatFields, formatTable } from './table.ts';
import { moreText } from './token-text.ts';

type AccountView = ReplyOf<'getAccount'>['account'];

export const command: Command = {
  define: (parser, choose) =>
    parser
      .usage('fobd account COMMAND\n\nAccounts: who owns tokens.')
      .command(
        'add <id>',
        'Add an account',
        (inner) =>
          inner
            .positional('id', {
              type: 'string',
              demandOption: true,
              describe: 'Letters, digits and . _ @ -',
            })
            .option('name', { type: 'string', requiresArg: true, describe: "The person's name" }),
        (args) => {
          const account = { id: accountArgument(args.id), name: args.name };
          choose(args, async ({ withClient, print }) => {
            const reply = await withClient((client) =>
              client.call('addAccount', { body: account }),
            );
            return print(reply, describeAccount(reply.account));
          });
        },
      )
      .command(
        'list',
        'List accounts',
        (inner) => inner.options(PAGE_OPTIONS),
        (args) => {
          const query = pageArguments(args);
          choose(args, async ({ withClient, print }) => {
            const page = await withClient((client) => client.call('listAccounts', { query }));
            return print(page, listAccounts(page));
          });
        },
      )
      .command(
        'show <id>',
        'Show one account and its tokens',
        (inner) => inner.positional('id', { type: 'string', demandOption: true }),
        (args) => {
          const id = accountArgument(args.id);
          choose(args, async ({ withClient, print }) => {
            const reply = await withClient((client) =>
              client.call('getAccount', { params: { id } }),
            );
            return print(reply, describeAccount(reply.account));
          });
        },
      )
      .demandCommand(1, 'account needs one of its commands'),
};

const describeAccount = ({ id, name, createdAt, serials }: AccountView): string =>
  formatFields({ id, name, created: createdAt, tokens: serials.join(', ') || '-' });

function listAccounts({ items, nextCursor }: ReplyOf<'listAccounts'>): string {
  const rows = items.map(({ id, name, serials }) => [id, name ?? '-', serials.join(', ') || '-']);
  return formatTable(['ID', 'NAME', 'TOKENS'], rows, 'No accounts.') + moreText(nextCursor);
}

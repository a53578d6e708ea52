import type { ReplyOf } from '../../shared/wire/operations.ts';
import { SCOPES } from '../access/scopes.ts';
import { applicationArgument, numberArgument } from './arguments.ts';
import type { Command } from './command.ts';
import { formatTable } from './table.ts';
import { moreText } from './token-text.ts';

export const command: Command = {
  define: (parser, choose) =>
    parser
      .usage(
        'fobd application COMMAND\n\n' +
          'Applications: systems that ask fobd for decisions, each with its own API key.',
      )
      .command(
        'add <name>',
        'Add an application; its API key is shown this once',
        (inner) =>
          inner
            .positional('name', { type: 'string', demandOption: true, describe: 'For people' })
            .option('scope', {
              type: 'array',
              string: true,
              requiresArg: true,
              demandOption: true,
              choices: SCOPES,
              describe: 'What it may do; give it once for each',
            }),
        (args) => {
          const body = { name: args.name, scopes: args.scope.map(String) };
          choose(args, async ({ withClient, print }) => {
            const added = await withClient((client) => client.call('addApplication', { body }));
            return print(added, keyText(added));
          });
        },
      )
      .command(
        'list',
        'List applications, never their keys',
        (inner) =>
          inner.options({
            limit: { type: 'string', requiresArg: true, describe: 'At most so many [default: 50]' },
            cursor: { type: 'string', requiresArg: true, describe: 'Where the last page ended' },
          }),
        (args) => {
          const limit = numberArgument('--limit', args.limit, [1, 500]);
          const query = { limit, cursor: args.cursor };
          choose(args, async ({ withClient, print }) => {
            const page = await withClient((client) => client.call('listApplications', { query }));
            return print(page, listApplications(page));
          });
        },
      )
      .command(
        'revoke <id>',
        'End an application: its API key is refused from now on',
        (inner) =>
          inner.positional('id', { type: 'string', demandOption: true }).option('reason', {
            type: 'string',
            requiresArg: true,
            describe: 'Why, for the audit log',
          }),
        (args) => {
          const options = {
            params: { id: applicationArgument(args.id) },
            body: { reason: args.reason },
          };
          choose(args, async ({ withClient, print }) => {
            const reply = await withClient((client) => client.call('revokeApplication', options));
            return print(reply, `${reply.application.name} is revoked.`);
          });
        },
      )
      .demandCommand(1, 'application needs one of its commands'),
};

const keyText = ({ id, apiKey }: ReplyOf<'addApplication'>): string => `\
Application ${id} was added. Its API key, shown this once:

  ${apiKey}
`;

function listApplications({ items, nextCursor }: ReplyOf<'listApplications'>): string {
  const rows = items.map(({ id, name, scopes, revokedAt }) => [
    id,
    name,
    revokedAt === undefined ? 'live' : `revoked ${revokedAt}`,
    scopes.join(' '),
  ]);
  const headings = ['ID', 'NAME', 'STATE', 'SCOPES'];
  return formatTable(headings, rows, 'No applications.') + moreText(nextCursor);
}

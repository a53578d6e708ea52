import type { ReplyOf } from '../../shared/wire/operations.ts';
import { accountArgument } from './arguments.ts';
import type { Choose, Parser } from './command.ts';
import { formatTable } from './table.ts';

/** What `fobd account` does with the sessions of one account. */

const id = { type: 'string', demandOption: true } as const;

export function defineSessions(parser: Parser, choose: Choose): void {
  parser.command(
    'sessions <id>',
    'List where somebody has signed in, and how strongly',
    (inner) => inner.positional('id', id),
    (args) => {
      const options = { params: { id: accountArgument(args.id) } };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('listAccountSessions', options));
        return print(reply, listSessions(reply));
      });
    },
  );
}

export function defineEndSessions(parser: Parser, choose: Choose): void {
  parser.command(
    'end-sessions <id>',
    'Sign somebody out everywhere',
    (inner) => inner.positional('id', id),
    (args) => {
      const account = accountArgument(args.id);
      const options = { params: { id: account }, body: {} };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('endAccountSessions', options));
        return print(reply, endedText(reply.ended, account));
      });
    },
  );
}

function listSessions({ items }: ReplyOf<'listAccountSessions'>): string {
  const rows = items.map((session) => [
    session.id,
    session.strength,
    session.serial ?? '-',
    session.createdAt,
    session.lastSeenAt,
    session.expiresAt,
  ]);
  const headings = ['SESSION', 'STRENGTH', 'TOKEN', 'BEGAN', 'LAST SEEN', 'ENDS'];
  return formatTable(headings, rows, 'No sessions.');
}

const endedText = (count: number, account: string): string =>
  `${count === 1 ? '1 session' : `${count} sessions`} of ${account} ended.`;

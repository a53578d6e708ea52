import { NOTICE_STATES } from '../../shared/wire/notices-schemas.ts';
import type { ReplyOf } from '../../shared/wire/operations.ts';
import { accountArgument } from './arguments.ts';
import { type Choose, commandGroup, type Parser } from './command.ts';
import { PAGE_OPTIONS, pageArguments } from './page.ts';
import { formatFields, formatTable } from './table.ts';
import { moreText } from './token-text.ts';

export const command = commandGroup('notice', 'Mails to people, and what became of each.', [
  defineList,
  defineShow,
  defineRetry,
]);

const id = {
  type: 'string',
  demandOption: true,
  describe: 'As `fobd notice list` shows it',
} as const;

function defineList(parser: Parser, choose: Choose): void {
  parser.command(
    'list',
    'List mails; never what is secret in them',
    (inner) =>
      inner.options({
        ...PAGE_OPTIONS,
        account: { type: 'string', requiresArg: true, describe: 'Only to this account' },
        state: { choices: NOTICE_STATES, requiresArg: true, describe: 'Only in this state' },
      }),
    (args) => {
      const { state } = args;
      const query = { ...pageArguments(args), state, account: accountArgument(args.account) };
      choose(args, async ({ withClient, print }) => {
        const page = await withClient((client) => client.call('listNotices', { query }));
        return print(page, listText(page));
      });
    },
  );
}

function defineShow(parser: Parser, choose: Choose): void {
  parser.command(
    'show <id>',
    'Show one mail, without what is secret in it',
    (inner) => inner.positional('id', id),
    (args) => {
      const options = { params: { id: args.id } };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('getNotice', options));
        return print(reply, showText(reply));
      });
    },
  );
}

function defineRetry(parser: Parser, choose: Choose): void {
  parser.command(
    'retry <id>',
    'Send a mail again that has failed, or had no address',
    (inner) => inner.positional('id', id),
    (args) => {
      const options = { params: { id: args.id } };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('retryNotice', options));
        return print(reply, `${reply.notice.id} is ${reply.notice.state}.`);
      });
    },
  );
}

function listText({ items, nextCursor }: ReplyOf<'listNotices'>): string {
  const rows = items.map(({ id, at, state, to, failure }) => [
    id,
    at,
    state,
    to.join(' ') || '-',
    failure ?? '-',
  ]);
  const headings = ['NOTICE', 'WRITTEN', 'STATE', 'TO', 'LAST FAILURE'];
  return formatTable(headings, rows, 'No notices.') + moreText(nextCursor);
}

function showText({ notice, messageId, subject, text }: ReplyOf<'getNotice'>): string {
  const fields = formatFields({
    id: notice.id,
    to: notice.to.join(' ') || undefined,
    account: notice.account,
    written: notice.at,
    state: notice.state,
    attempts: String(notice.attempts),
    'queued again': notice.queuedAt,
    'next attempt': notice.nextAttemptAt,
    sent: notice.sentAt,
    'last failure': notice.failure,
    'Message-ID': messageId,
    subject,
  });
  return `${fields}\n\n${text}`;
}

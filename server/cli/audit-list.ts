import type { QueryOf, ReplyOf } from '../../shared/wire/operations.ts';
import {
  accountArgument,
  applicationArgument,
  momentArgument,
  numberArgument,
  serialArgument,
} from './arguments.ts';
import type { Choose, Parser } from './command.ts';
import { limitArgument, PAGE_OPTIONS } from './page.ts';
import { formatTable } from './table.ts';

type Entry = ReplyOf<'listAudit'>['items'][number];

const OPTIONS = {
  after: { type: 'string', requiresArg: true, describe: 'Only after this sequence' },
  limit: PAGE_OPTIONS.limit,
  serial: { type: 'string', requiresArg: true, describe: 'Only of this token' },
  account: { type: 'string', requiresArg: true, describe: 'Only of this account' },
  application: { type: 'string', requiresArg: true, describe: 'Only of this application' },
  from: { type: 'string', requiresArg: true, describe: 'Only from this time (or day) on, UTC' },
  to: { type: 'string', requiresArg: true, describe: 'Only before this time (or day), UTC' },
} as const;

export const defineList = (parser: Parser, choose: Choose): Parser =>
  parser.command(
    'list',
    'List entries, oldest first',
    (inner) => inner.options(OPTIONS),
    (args) => {
      const { serial, account, application } = args;
      const query: QueryOf<'listAudit'> = {
        after: numberArgument('--after', args.after, [0, Number.MAX_SAFE_INTEGER]),
        limit: limitArgument(args.limit),
        serial: serialArgument(serial),
        account: accountArgument(account),
        application: applicationArgument(application),
        from: momentArgument('--from', args.from),
        to: momentArgument('--to', args.to),
      };
      choose(args, async ({ withClient, print }) => {
        const page = await withClient((client) => client.call('listAudit', { query }));
        return print(page, listEntries(page));
      });
    },
  );

function listEntries({ items, nextCursor }: ReplyOf<'listAudit'>): string {
  const rows = items.map((entry) => [
    String(entry.sequence),
    entry.at,
    entry.actor,
    entry.action,
    entry.outcome ?? '-',
    subjectOf(entry),
  ]);
  const headings = ['SEQUENCE', 'AT', 'ACTOR', 'ACTION', 'OUTCOME', 'OF'];
  const more = nextCursor === null ? '' : `\nThere may be more: --after ${nextCursor}`;
  return formatTable(headings, rows, 'No entries.') + more;
}

const subjectOf = ({ serial, account, application }: Entry): string =>
  [serial, account, application].filter((part) => part !== undefined).join(' ') || '-';

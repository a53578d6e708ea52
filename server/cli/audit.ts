import type { QueryOf, ReplyOf } from '../../shared/wire/operations.ts';
import { accountArgument, numberArgument, serialArgument } from './arguments.ts';
import type { Command } from './command.ts';
import { formatTable } from './table.ts';

type Verdict = ReplyOf<'verifyAudit'>;
type Entry = ReplyOf<'listAudit'>['items'][number];

export const command: Command = {
  define: (parser, choose) =>
    parser
      .usage('fobd audit COMMAND\n\nThe audit log: every decision, chained to the one before.')
      .command(
        'list',
        'List entries, oldest first',
        (inner) =>
          inner.options({
            after: { type: 'string', requiresArg: true, describe: 'Only after this sequence' },
            limit: { type: 'string', requiresArg: true, describe: 'At most so many [default: 50]' },
            serial: { type: 'string', requiresArg: true, describe: 'Only of this token' },
            account: { type: 'string', requiresArg: true, describe: 'Only of this account' },
          }),
        (args) => {
          const query: QueryOf<'listAudit'> = {
            after: numberArgument('--after', args.after, [0, Number.MAX_SAFE_INTEGER]),
            limit: numberArgument('--limit', args.limit, [1, 500]),
            serial: args.serial === undefined ? undefined : serialArgument(args.serial),
            account: args.account === undefined ? undefined : accountArgument(args.account),
          };
          choose(args, async ({ withClient, print }) => {
            const page = await withClient((client) => client.call('listAudit', { query }));
            return print(page, listEntries(page));
          });
        },
      )
      .command(
        'verify',
        'Verify the whole chain',
        (inner) => inner,
        (args) =>
          choose(args, async ({ withClient, print, refuse }) => {
            const verdict = await withClient((client) => client.call('verifyAudit'));
            if (!verdict.sound) return refuse(verdict, describeFault(verdict));
            return print(verdict, describeSound(verdict));
          }),
      )
      .demandCommand(1, 'audit needs one of its commands'),
};

const describeSound = ({ entries, head }: Verdict): string => {
  const end = head === null ? '' : `; it ends at ${head.sequence} with ${head.hash}`;
  return `The audit log is sound: ${entries} entries${end}.`;
};

const FAULTS: Readonly<Record<NonNullable<Verdict['fault']>, string>> = {
  changed: 'an entry was changed',
  removed: 'an entry was removed',
  tailCut: 'the newest entries were cut off',
  headForged: 'the sealed head is missing or not genuine',
  unreadable: 'an entry cannot be read',
};

function describeFault({ fault, faultAt, entries }: Verdict): string {
  const what = fault === undefined ? 'it does not verify' : FAULTS[fault];
  const where = faultAt === undefined ? '' : ` at sequence ${faultAt}`;
  return `\
The audit log is NOT sound: ${what}${where} (${entries} entries before it are sound).
  Keep this data directory as evidence, and restore a backup elsewhere.`;
}

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
  const more = nextCursor === null ? '' : `\nThere are more: --after ${nextCursor}`;
  return formatTable(headings, rows, 'No entries.') + more;
}

const subjectOf = ({ serial, account, application }: Entry): string =>
  [serial, account, application].filter((part) => part !== undefined).join(' ') || '-';

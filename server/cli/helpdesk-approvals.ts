import { HELPDESK_ACTIONS } from '../../shared/wire/helpdesk-schemas.ts';
import type { ReplyOf } from '../../shared/wire/operations.ts';
import { accountArgument, spanArgument } from './arguments.ts';
import type { Choose, Parser } from './command.ts';
import {
  ACCOUNT,
  CREDENTIAL_OPTION,
  GROUNDS_OPTIONS,
  TEMPORARY_OPTIONS,
  WHY_OPTION,
} from './helpdesk-options.ts';
import { PAGE_OPTIONS, pageArguments } from './page.ts';
import { formatTable } from './table.ts';
import { moreText } from './token-text.ts';

/** A second person's yes, from the command line. */
export function defineApprovals(parser: Parser, choose: Choose): void {
  defineAsk(parser, choose);
  defineApprove(parser, choose);
  defineList(parser, choose);
}

function defineAsk(parser: Parser, choose: Choose): void {
  const { check, reason } = GROUNDS_OPTIONS;
  parser.command(
    'ask <account>',
    'Ask a colleague to approve one action',
    (inner) =>
      inner.positional('account', ACCOUNT).options({
        check,
        reason,
        action: {
          choices: HELPDESK_ACTIONS,
          demandOption: true,
          describe: 'What is to be done',
        },
        serial: { type: 'string', requiresArg: true, describe: 'unlock: which token' },
        credential: { ...CREDENTIAL_OPTION, describe: 'replacement: of which credential' },
        why: { ...WHY_OPTION, describe: 'replacement: what is the matter' },
        ...TEMPORARY_OPTIONS,
      }),
    (args) => {
      const { action, check, reason, strength, uses, why, credential, serial } = args;
      const life = spanArgument('--life', args.life);
      const terms = { serial, credential, why, life, strength, uses };
      const options = {
        params: { id: accountArgument(args.account) },
        body: { action, check, reason, ...terms },
      };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('askApproval', options));
        const { id } = reply.approval;
        return print(reply, `A colleague, not you, approves it: POST /v1/approvals/${id}/approve`);
      });
    },
  );
}

function defineApprove(parser: Parser, choose: Choose): void {
  parser.command(
    'approve <approval>',
    'Approve what a colleague has asked for; what was asked for here is approved over /v1',
    (inner) =>
      inner.positional('approval', {
        type: 'string',
        demandOption: true,
        describe: 'Its id: fobd helpdesk approvals',
      }),
    (args) => {
      const params = { id: args.approval };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('approve', { params }));
        return print(reply, `Approved, until ${reply.approval.expiresAt}.`);
      });
    },
  );
}

function defineList(parser: Parser, choose: Choose): void {
  parser.command(
    'approvals',
    'List what was asked for',
    (inner) =>
      inner.options({
        account: { type: 'string', requiresArg: true, describe: 'Only of this account' },
        ...PAGE_OPTIONS,
      }),
    (args) => {
      const query = { account: accountArgument(args.account), ...pageArguments(args) };
      choose(args, async ({ withClient, print }) => {
        const page = await withClient((client) => client.call('listApprovals', { query }));
        return print(page, approvalsText(page));
      });
    },
  );
}

function approvalsText({ items, nextCursor }: ReplyOf<'listApprovals'>): string {
  const rows = items.map(({ id, account, action, terms, askedBy, approvedBy, usedAt, reason }) => [
    ...[id, account, action, terms, askedBy, approvedBy ?? '-', usedAt ?? '-', reason],
  ]);
  const headings = ['APPROVAL', 'ACCOUNT', 'ACTION', 'TERMS', 'ASKED BY'];
  const columns = [...headings, 'APPROVED BY', 'USED', 'REASON'];
  return formatTable(columns, rows, 'No approvals.') + moreText(nextCursor);
}

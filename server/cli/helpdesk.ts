import type { ReplyOf } from '../../shared/wire/operations.ts';
import { accountArgument, spanArgument } from './arguments.ts';
import { type Choose, commandGroup, type Parser } from './command.ts';
import { defineApprovals } from './helpdesk-approvals.ts';
import {
  ACCOUNT,
  CREDENTIAL_OPTION,
  GROUNDS_OPTIONS,
  TEMPORARY_OPTIONS,
  WHY_OPTION,
} from './helpdesk-options.ts';
import { refusedText } from './pair-text.ts';
import { formatTable } from './table.ts';
import { readOneLine } from './two-codes.ts';

export const command = commandGroup(
  'helpdesk',
  'What is done for somebody who calls: each time a check of the ' +
    'caller and a\nreason, and where --helpdesk says so the approval of a colleague.',
  [defineNumbers, defineCheck, defineTemporaryCode, defineReplace, defineApprovals],
);

function defineNumbers(parser: Parser, choose: Choose): void {
  parser.command(
    'numbers <account>',
    'List the numbers that the account may be called back at',
    (inner) => inner.positional('account', ACCOUNT),
    (args) => {
      const params = { id: accountArgument(args.account) };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('listCallBackNumbers', { params }));
        const rows = reply.numbers.map(({ number, since, until }) => [number, since, until ?? '-']);
        return print(reply, formatTable(['NUMBER', 'SINCE', 'UNTIL'], rows, 'No numbers.'));
      });
    },
  );
}

function defineCheck(parser: Parser, choose: Choose): void {
  parser.command(
    'check <account>',
    'Check who calls: reads the code that he says from standard input, or notes a call back',
    (inner) =>
      inner.positional('account', ACCOUNT).option('phone', {
        type: 'string',
        requiresArg: true,
        describe: 'You have called this number back, and the person answered',
      }),
    (args) => {
      const params = { id: accountArgument(args.account) };
      const { phone } = args;
      choose(args, async ({ env, withClient, print, refuse }) => {
        const body =
          phone === undefined
            ? {
                method: 'code' as const,
                code: await readOneLine(env, 'The code he reads out: ', NO_CODE),
              }
            : { method: 'callBack' as const, phone };
        const reply = await withClient((client) => client.call('checkCaller', { params, body }));
        if (reply.check !== undefined) return print(reply, checkText(reply.check));
        return refuse(reply, refusedText(reply));
      });
    },
  );
}

const NO_CODE = {
  missing: 'A code is needed on standard input',
  nextStep: 'For example: echo 123456 | fobd helpdesk check ACCOUNT',
} as const;

type Check = NonNullable<ReplyOf<'checkCaller'>['check']>;

const checkText = ({ id, expiresAt }: Check): string =>
  `The caller is checked. For one action, until ${expiresAt}: --check ${id}`;

function defineTemporaryCode(parser: Parser, choose: Choose): void {
  parser.command(
    'temporary-code <account>',
    'Give a code for a forgotten token; it is mailed to the account',
    (inner) =>
      inner.positional('account', ACCOUNT).options({
        ...GROUNDS_OPTIONS,
        ...TEMPORARY_OPTIONS,
      }),
    (args) => {
      const { check, reason, approval, strength, uses } = args;
      const options = {
        params: { id: accountArgument(args.account) },
        body: { check, reason, approval, life: spanArgument('--life', args.life), strength, uses },
      };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('giveTemporaryCode', options));
        return print(reply, temporaryCodeText(reply));
      });
    },
  );
}

function temporaryCodeText({ code, expiresAt, uses }: ReplyOf<'giveTemporaryCode'>): string {
  const bounds = `It works until ${expiresAt}, ${uses === 1 ? 'once' : `${uses} times`}.`;
  return code === undefined
    ? `The code is on its way by mail. ${bounds}`
    : `The account has no address. Tell the caller, this once:\n\n  ${code}\n\n${bounds}`;
}

function defineReplace(parser: Parser, choose: Choose): void {
  parser.command(
    'replace <account>',
    'Grant another token for a broken or lost one',
    (inner) =>
      inner.positional('account', ACCOUNT).options({
        ...GROUNDS_OPTIONS,
        credential: { ...CREDENTIAL_OPTION, demandOption: true },
        why: { ...WHY_OPTION, demandOption: true },
      }),
    (args) => {
      const { check, reason, approval, credential, why } = args;
      const options = {
        params: { id: accountArgument(args.account) },
        body: { check, reason, approval, credential, why },
      };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('helpdeskReplacement', options));
        return print(reply, `Another token is granted to ${reply.credential}.`);
      });
    },
  );
}

import { definePassword } from './account-password.ts';
import { defineAdd, defineChange, defineDisable } from './account-profile.ts';
import { defineEndSessions, defineSessions } from './account-sessions.ts';
import { describeAccount, listAccounts } from './account-text.ts';
import { accountArgument } from './arguments.ts';
import { type Choose, commandGroup, type Parser } from './command.ts';
import { explainAccount } from './explain.ts';
import { PAGE_OPTIONS, pageArguments } from './page.ts';

export const command = commandGroup('account', 'Accounts: who owns tokens and signs in.', [
  defineAdd,
  defineList,
  defineShow,
  defineChange,
  defineDisable,
  definePassword,
  defineExplain,
  defineSessions,
  defineEndSessions,
]);

function defineList(parser: Parser, choose: Choose): void {
  parser.command(
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
  );
}

function defineShow(parser: Parser, choose: Choose): void {
  parser.command(
    'show <id>',
    'Show one account and its tokens',
    (inner) => inner.positional('id', { type: 'string', demandOption: true }),
    (args) => {
      const id = accountArgument(args.id);
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('getAccount', { params: { id } }));
        return print(reply, describeAccount(reply.account));
      });
    },
  );
}

function defineExplain(parser: Parser, choose: Choose): void {
  parser.command(
    'explain <id>',
    'Say why the last passwords and codes came to what they did',
    (inner) => inner.positional('id', { type: 'string', demandOption: true }),
    (args) => choose(args, explainAccount(accountArgument(args.id))),
  );
}

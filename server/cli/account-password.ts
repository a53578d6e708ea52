import { accountArgument } from './arguments.ts';
import type { Choose, Parser } from './command.ts';
import { readNewPassword } from './password-input.ts';

export function definePassword(parser: Parser, choose: Choose): void {
  parser.command(
    'password <id>',
    'Set the password of an account, typed at a prompt or from standard input',
    (inner) =>
      inner
        .positional('id', { type: 'string', demandOption: true })
        .option('password-file', {
          type: 'string',
          requiresArg: true,
          describe: 'A file with the password, in UTF-8',
        })
        .option('remove', { type: 'boolean', describe: 'Take the password away instead' })
        .conflicts('remove', 'password-file'),
    (args) => {
      const params = { id: accountArgument(args.id) };
      if (args.remove === true) {
        choose(args, async ({ withClient, print }) => {
          const reply = await withClient((client) => client.call('removePassword', { params }));
          return print(reply, `Account ${reply.account.id} has no password any more.`);
        });
        return;
      }
      choose(args, async ({ env, withClient, print }) => {
        const password = await readNewPassword(env, args['password-file']);
        const options = { params, body: { password } };
        const reply = await withClient((client) => client.call('setPassword', options));
        return print(reply, `The password of account ${reply.account.id} is set.`);
      });
    },
  );
}

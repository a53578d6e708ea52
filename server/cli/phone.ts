import { FobtwinError } from '../../shared/errors.ts';
import { parseCode } from '../../shared/types.ts';
import { accountArgument, phoneArgument } from './arguments.ts';
import { type Choose, commandGroup, type Parser } from './command.ts';
import { adviceText, phonesText, sentText } from './phone-text.ts';

const account = { type: 'string', demandOption: true, describe: 'Whose phone' } as const;
const phone = { type: 'string', demandOption: true, describe: 'Its id, from the list' } as const;

export const command = commandGroup('phone', 'Phones that codes are sent to, by text or voice.', [
  defineList,
  defineAdd,
  defineVerify,
  defineSend,
  defineRemove,
]);

function defineList(parser: Parser, choose: Choose): void {
  parser.command(
    'list <account>',
    "List an account's phone numbers",
    (inner) => inner.positional('account', account),
    (args) => {
      const params = { id: accountArgument(args.account) };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('listPhones', { params }));
        return print(reply, phonesText(reply));
      });
    },
  );
}

function defineAdd(parser: Parser, choose: Choose): void {
  parser.command(
    'add <account> <number>',
    'Add a number, and send it a code that proves it',
    (inner) =>
      inner
        .positional('account', account)
        .positional('number', {
          type: 'string',
          demandOption: true,
          describe: 'As it is dialled in its country, or with +',
        })
        .options({
          country: {
            type: 'string',
            demandOption: true,
            requiresArg: true,
            describe: 'Whose number it is: US, GB, PR …',
          },
          voice: { type: 'boolean', describe: 'It takes no texts: the code is spoken' },
        }),
    (args) => {
      const params = { id: accountArgument(args.account) };
      const kind = args.voice === true ? ('voice' as const) : ('text' as const);
      const body = { number: args.number, country: args.country, kind };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('addPhone', { params, body }));
        const next = `fobd phone verify ${params.id} ${reply.phone.id} CODE`;
        return print(reply, `${sentText(reply.sent)}\nThen: ${next}`);
      });
    },
  );
}

function defineVerify(parser: Parser, choose: Choose): void {
  parser.command(
    'verify <account> <phone> <code>',
    'Prove a number by the code that was sent to it',
    (inner) =>
      inner
        .positional('account', account)
        .positional('phone', phone)
        .positional('code', { type: 'string', demandOption: true, describe: 'As it was sent' }),
    (args) => {
      const params = { id: accountArgument(args.account), phone: phoneArgument(args.phone) };
      const body = { code: codeArgument(args.code) };
      choose(args, async ({ withClient, print, refuse }) => {
        const reply = await withClient((client) => client.call('verifyPhone', { params, body }));
        if (reply.outcome !== 'accepted') return refuse(reply, 'The code is wrong.');
        return print(reply, `The number is proved.${adviceText(reply.recommendation)}`);
      });
    },
  );
}

function codeArgument(text: string): string {
  const code = parseCode(text.replace(/\s/gu, ''));
  if (code !== undefined) return code;
  throw new FobtwinError('usage', 'a code is six to eight digits');
}

function defineSend(parser: Parser, choose: Choose): void {
  parser.command(
    'send <account> <phone>',
    'Send a code to a phone',
    (inner) => inner.positional('account', account).positional('phone', phone),
    (args) => {
      const params = { id: accountArgument(args.account), phone: phoneArgument(args.phone) };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) =>
          client.call('sendPhoneCode', { params, body: {} }),
        );
        return print(reply, sentText(reply.sent));
      });
    },
  );
}

function defineRemove(parser: Parser, choose: Choose): void {
  parser.command(
    'remove <account> <phone>',
    'Remove a number',
    (inner) => inner.positional('account', account).positional('phone', phone),
    (args) => {
      const params = { id: accountArgument(args.account), phone: phoneArgument(args.phone) };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('removePhone', { params }));
        return print(reply, phonesText(reply));
      });
    },
  );
}

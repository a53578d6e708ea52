import { REPLACEMENT_REASONS } from '../../shared/types.ts';
import { accountArgument, credentialArgument, serialArgument } from './arguments.ts';
import { type Choose, commandGroup, type Parser } from './command.ts';
import { describeCredential, listCredentials } from './credential-text.ts';
import { refusedText } from './pair-text.ts';
import { guidedPrompts, readOneLine, readTwoCodes } from './two-codes.ts';

export const command = commandGroup(
  'credential',
  "A person's credentials, from key to revocation.",
  [
    defineRedeem,
    defineList,
    defineShow,
    defineActivate,
    defineRegister,
    defineReplace,
    defineRevoke,
  ],
);

const ACCOUNT = { type: 'string', demandOption: true, describe: 'Whose it is' } as const;
const CREDENTIAL = {
  type: 'string',
  demandOption: true,
  describe: 'As `fobd credential list` shows it',
} as const;

/** Which credential, of whom. */
const paramsOf = (args: { readonly account: string; readonly credential: string }) => ({
  id: accountArgument(args.account),
  credential: credentialArgument(args.credential),
});

function defineRedeem(parser: Parser, choose: Choose): void {
  parser.command(
    'redeem <account>',
    "Redeem a license key from standard input: its credentials become the account's",
    (inner) => inner.positional('account', ACCOUNT),
    (args) => {
      const params = { id: accountArgument(args.account) };
      choose(args, async ({ env, withClient, print }) => {
        const licenceKey = await readOneLine(env, 'License key: ', {
          missing: 'A license key is needed',
        });
        const body = { licenceKey };
        const reply = await withClient((client) =>
          client.call('redeemLicenceKey', { params, body }),
        );
        return print(reply, listCredentials(reply));
      });
    },
  );
}

function defineList(parser: Parser, choose: Choose): void {
  parser.command(
    'list <account>',
    "List an account's credentials",
    (inner) => inner.positional('account', ACCOUNT),
    (args) => {
      const params = { id: accountArgument(args.account) };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('listCredentials', { params }));
        return print(reply, listCredentials(reply));
      });
    },
  );
}

function defineShow(parser: Parser, choose: Choose): void {
  parser.command(
    'show <account> <credential>',
    'Show how far a credential has come, and until when it is paid for',
    (inner) => inner.positional('account', ACCOUNT).positional('credential', CREDENTIAL),
    (args) => {
      const params = paramsOf(args);
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('getCredential', { params }));
        return print(reply, describeCredential(reply.credential));
      });
    },
  );
}

function defineActivate(parser: Parser, choose: Choose): void {
  parser.command(
    'activate <account> <credential>',
    'Activate a credential',
    (inner) =>
      inner
        .positional('account', ACCOUNT)
        .positional('credential', CREDENTIAL)
        .options({
          'with-code': {
            type: 'boolean',
            describe: "Read the proofing agent's activation code from standard input",
          },
        }),
    (args) => {
      const params = paramsOf(args);
      const asksCode = args['with-code'] === true;
      choose(args, async ({ env, withClient, print }) => {
        const activationCode = asksCode
          ? await readOneLine(env, 'Activation code: ', { missing: 'An activation code is needed' })
          : undefined;
        const body = { activationCode };
        const reply = await withClient((client) =>
          client.call('activateCredential', { params, body }),
        );
        return print(reply, describeCredential(reply.credential));
      });
    },
  );
}

function defineRegister(parser: Parser, choose: Choose): void {
  parser.command(
    'register <account> <credential>',
    'Register a hardware token; reads two consecutive codes from standard input',
    (inner) =>
      inner
        .positional('account', ACCOUNT)
        .positional('credential', CREDENTIAL)
        .options({
          serial: {
            type: 'string',
            requiresArg: true,
            demandOption: true,
            describe: 'On the back of the token',
          },
        }),
    (args) => {
      const params = paramsOf(args);
      const serial = serialArgument(args.serial);
      choose(args, async ({ env, withClient, print, refuse }) => {
        const [code1, code2] = await readTwoCodes(env, guidedPrompts(serial));
        const body = { serial, code1, code2 };
        const reply = await withClient((client) =>
          client.call('registerCredentialToken', { params, body }),
        );
        const { credential, warnings } = reply;
        const told = warnings.map((warning) => `\n${WARNINGS[warning]}`).join('');
        if (credential !== undefined) return print(reply, describeCredential(credential) + told);
        return refuse(reply, refusedText(reply));
      });
    },
  );
}

const WARNINGS = {
  beforeDelivery: 'Note: by the order, this token can hardly have arrived yet.',
} as const;

function defineReplace(parser: Parser, choose: Choose): void {
  parser.command(
    'replace <account> <credential>',
    'Grant another token; the present one is then to be revoked',
    (inner) =>
      inner
        .positional('account', ACCOUNT)
        .positional('credential', CREDENTIAL)
        .options({
          reason: {
            choices: REPLACEMENT_REASONS,
            requiresArg: true,
            demandOption: true,
            describe: 'What is wrong with the token',
          },
        }),
    (args) => {
      const options = { params: paramsOf(args), body: { reason: args.reason } };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('replaceCredentialToken', options));
        const next = '\nRevoke the present token first; 24 hours before are recommended.';
        return print(reply, describeCredential(reply.credential) + next);
      });
    },
  );
}

function defineRevoke(parser: Parser, choose: Choose): void {
  parser.command(
    'revoke <account> <credential>',
    "Revoke a credential's token, or the credential itself: final",
    (inner) =>
      inner
        .positional('account', ACCOUNT)
        .positional('credential', CREDENTIAL)
        .options({ confirm: { type: 'boolean', describe: 'It is meant' } }),
    (args) => {
      const options = { params: paramsOf(args), body: { confirmed: args.confirm === true } };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('revokeCredential', options));
        return print(reply, describeCredential(reply.credential));
      });
    },
  );
}

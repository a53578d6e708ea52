import path from 'node:path';
import { encodeQR } from 'qr';
import { refuseTaken, writeNewFile } from '../data-directory/new-file.ts';
import { accountArgument, credentialArgument, serialArgument } from './arguments.ts';
import { type Choose, commandGroup, type Parser, type Session } from './command.ts';
import { refusedText } from './pair-text.ts';
import type { ExitCode } from './surroundings.ts';
import { type Prompts, readTwoCodes } from './two-codes.ts';

export const command = commandGroup('mobile-id', 'Mobile IDs: a token in any authenticator app.', [
  defineCreate,
  defineConfirm,
]);

const ACCOUNT = { type: 'string', demandOption: true, describe: 'Whose it is' } as const;

function defineCreate(parser: Parser, choose: Choose): void {
  parser.command(
    'create <account>',
    'Make a Mobile ID and show its QR code, this once; one that waits for its codes ends',
    (inner) =>
      inner.positional('account', ACCOUNT).options({
        credential: {
          type: 'string',
          requiresArg: true,
          describe: 'What was bought for it; without one it is for staff',
        },
        'uri-file': {
          type: 'string',
          requiresArg: true,
          describe: 'Write the otpauth address to this new file, and show nothing',
        },
        'qr-file': {
          type: 'string',
          requiresArg: true,
          describe: 'Write the QR code to this new SVG file, and show nothing',
        },
      }),
    (args) => {
      const options = {
        params: { id: accountArgument(args.account) },
        body: { credential: credentialArgument(args.credential) },
      };
      choose(args, createAction(options, { uri: args['uri-file'], qrCode: args['qr-file'] }));
    },
  );
}

interface Creation {
  readonly params: { readonly id: string };
  readonly body: { readonly credential: string | undefined };
}

/** Where what is shown once goes instead of the screen. */
interface Files {
  readonly uri: string | undefined;
  readonly qrCode: string | undefined;
}

const createAction =
  (options: Creation, files: Files) =>
  async ({ env, withClient, print }: Session): Promise<ExitCode> => {
    const placed = Object.entries(files).flatMap(([name, file]) =>
      file === undefined ? [] : [[name, path.resolve(env.directory, file)] as const],
    );
    for (const [, file] of placed) await refuseTaken(file);
    const made = await withClient((client) => client.call('createMobileId', options));
    for (const [name, file] of placed) {
      await writeNewFile(file, inOnePiece(`${Reflect.get(made, name)}\n`));
    }
    const { id } = options.params;
    const next = `Confirm it within a day: fobd mobile-id confirm ${id} ${made.serial}`;
    if (placed.length > 0) {
      const written = Object.fromEntries(placed);
      return print({ serial: made.serial, files: written }, `${made.serial}\n${next}\n`);
    }
    const screen = encodeQR(made.uri, isColoured(env) ? 'term' : 'ascii');
    return print(made, `${screen}\n${made.uri}\n\nShown this once. ${next}\n`);
  };

/** Without colours it is drawn in blocks, light on dark, for a terminal that is dark. */
const isColoured = ({ environment, output }: Session['env']): boolean =>
  output.isTTY === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';

async function* inOnePiece(text: string): AsyncGenerator<string> {
  yield text;
}

function defineConfirm(parser: Parser, choose: Choose): void {
  parser.command(
    'confirm <account> <serial>',
    'Take a Mobile ID up; reads two consecutive codes of the app from standard input',
    (inner) =>
      inner
        .positional('account', ACCOUNT)
        .positional('serial', { type: 'string', demandOption: true, describe: 'As it was made' }),
    (args) => {
      const params = { id: accountArgument(args.account), serial: serialArgument(args.serial) };
      choose(args, async ({ env, withClient, print, refuse }) => {
        const [code1, code2] = await readTwoCodes(env, PROMPTS);
        const body = { code1, code2 };
        const reply = await withClient((client) =>
          client.call('confirmMobileId', { params, body }),
        );
        if (reply.outcome === 'accepted') return print(reply, `${params.serial} is registered.`);
        return refuse(reply, `${refusedText(reply)}\n  ${TRY_AGAIN}`);
      });
    },
  );
}

const PROMPTS: Prompts = [
  'Type the code that the app shows.\nFirst code: ',
  'Wait until it shows the next one, and type that.\nThe code after it: ',
];
const TRY_AGAIN = 'Try again with two new codes of the app, the second right after the first.';

import type { Client } from '../../shared/client/client.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { HOLDS, LIVES } from '../../shared/types.ts';
import type { OperationId, QueryOf, ReplyOf } from '../../shared/wire/operations.ts';
import { OUTCOME_TEXTS } from '../../shared/wire/texts.ts';
import { accountArgument, serialArgument } from './arguments.ts';
import { type Action, type Choose, commandGroup, type Parser, type Session } from './command.ts';
import { defineExplain } from './explain.ts';
import { APPROVAL_OPTION, CHECK_OPTION } from './helpdesk-options.ts';
import { PAGE_OPTIONS, pageArguments } from './page.ts';
import { afterFailedPair, refusedText } from './pair-text.ts';
import type { ExitCode } from './surroundings.ts';
import { describeToken, listTokens } from './token-text.ts';
import { guidedPrompts, readTwoCodes } from './two-codes.ts';

/** Verbs that change a token's life or a hold, with what they do. */
const VERBS = [
  ['lock', 'lockToken', 'Lock a token; only unlock lifts it'],
  ['enable', 'enableToken', 'Enable a token that was disabled after too many failures'],
  ['suspend', 'suspendToken', 'Suspend a token'],
  ['resume', 'resumeToken', 'End a suspension'],
  ['lost', 'loseToken', 'Report a token as lost'],
  ['found', 'findToken', 'Report a lost token as found'],
  ['revoke', 'revokeToken', 'Revoke a token for good'],
  ['reset-drift', 'resetTokenDrift', "Forget what was learnt of a time token's clock"],
] as const satisfies readonly (readonly [string, OperationId, string])[];

export const command = commandGroup(
  'token',
  'Tokens: what there is of them, and what may be done with them.',
  [defineReading, defineExplain, defineTwoCodes, defineUnlock, defineVerbs],
);

const withSerial = (parser: Parser) =>
  parser.positional('serial', {
    type: 'string',
    demandOption: true,
    describe: 'The number on the back of the token',
  });

function defineReading(parser: Parser, choose: Choose): Parser {
  return parser
    .command(
      'list',
      'List tokens',
      (inner) =>
        inner.options({
          state: { choices: LIVES, describe: 'Only tokens in this state' },
          hold: { choices: HOLDS, describe: 'Only tokens with this hold' },
          account: { type: 'string', requiresArg: true, describe: 'Only tokens of this account' },
          ...PAGE_OPTIONS,
        }),
      (args) => {
        const { state, hold } = args;
        const account = accountArgument(args.account);
        const query = { state, hold, account, ...pageArguments(args) };
        choose(args, listAction(query));
      },
    )
    .command('show <serial>', 'Show one token, never its seed', withSerial, (args) => {
      choose(args, showAction(serialArgument(args.serial)));
    });
}

function defineTwoCodes(parser: Parser, choose: Choose): Parser {
  return parser
    .command(
      'register <serial>',
      'Bind a token to an account; reads two consecutive codes from standard input',
      (inner) =>
        withSerial(inner).option('account', {
          type: 'string',
          requiresArg: true,
          describe: 'Whose token it becomes [default: whom its seed file names]',
        }),
      (args) => {
        const serial = serialArgument(args.serial);
        choose(args, registerAction(serial, accountArgument(args.account)));
      },
    )
    .command(
      'resync <serial>',
      "Find a token's counter or drift again; reads two consecutive codes from standard input",
      withSerial,
      (args) => choose(args, resyncAction(serialArgument(args.serial))),
    )
    .command(
      'replace <serial>',
      'Revoke a token and register a new one in its place; reads two codes of the new one',
      (inner) =>
        withSerial(inner).options({
          with: {
            type: 'string',
            requiresArg: true,
            demandOption: true,
            describe: 'The serial of the new token, from the stock',
          },
          reason: { type: 'string', requiresArg: true, describe: 'Why, for the audit log' },
        }),
      (args) => {
        const serials = [serialArgument(args.serial), serialArgument(args.with)] as const;
        choose(args, replaceAction(...serials, args.reason));
      },
    );
}

function defineUnlock(parser: Parser, choose: Choose): Parser {
  return parser.command(
    'unlock <serial>',
    'Lift a lock, and clear failures and waits',
    (inner) =>
      withSerial(inner).options({
        reason: { type: 'string', requiresArg: true, describe: 'Why, for the audit log' },
        check: CHECK_OPTION,
        approval: APPROVAL_OPTION,
      }),
    (args) => {
      const options = {
        params: { serial: serialArgument(args.serial) },
        body: { reason: args.reason, check: args.check, approval: args.approval },
      };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('unlockToken', options));
        return print(reply, describeToken(reply.token));
      });
    },
  );
}

function defineVerbs(parser: Parser, choose: Choose): Parser {
  let defined = parser;
  for (const [verb, operation, describe] of VERBS) {
    defined = defined.command(
      `${verb} <serial>`,
      describe,
      (inner) =>
        withSerial(inner).option('reason', {
          type: 'string',
          requiresArg: true,
          describe: 'Why, for the audit log',
        }),
      (args) => choose(args, verbAction(operation, serialArgument(args.serial), args.reason)),
    );
  }
  return defined;
}

const listAction =
  (query: QueryOf<'listTokens'>): Action =>
  async ({ withClient, print }) => {
    const page = await withClient((client) => client.call('listTokens', { query }));
    return print(page, listTokens(page));
  };

const showAction =
  (serial: string): Action =>
  async ({ withClient, print }) => {
    const reply = await withClient((client) => client.call('getToken', { params: { serial } }));
    return print(reply, describeToken(reply.token));
  };

const verbAction =
  (operation: (typeof VERBS)[number][1], serial: string, reason: string | undefined): Action =>
  async ({ withClient, print }) => {
    const options = { params: { serial }, body: { reason } };
    const reply = await withClient((client) => client.call(operation, options));
    return print(reply, describeToken(reply.token));
  };

/** Whose it becomes is settled before anybody is asked for codes, which do not keep. */
const registerAction =
  (serial: string, given: string | undefined): Action =>
  async (session) => {
    const account =
      given ?? (await session.withClient((client) => intendedAccount(client, serial)));
    return withTwoCodes(session, serial, (client, [code1, code2]) =>
      client.call('registerToken', { params: { serial }, body: { account, code1, code2 } }),
    );
  };

/** Whom the token's seed file says it was made for; the two codes still have to prove it. */
async function intendedAccount(client: Client, serial: string): Promise<string> {
  const { token } = await client.call('getToken', { params: { serial } });
  const account = token.intendedAccount ?? token.account;
  if (account !== undefined) return account;
  throw new FobtwinError('usage', `The seed file of ${serial} names no account`, {
    nextStep: 'Say whose token it becomes with --account ID.',
  });
}

const resyncAction =
  (serial: string): Action =>
  (session) =>
    withTwoCodes(session, serial, (client, [code1, code2]) =>
      client.call('resyncToken', { params: { serial }, body: { code1, code2 } }),
    );

const replaceAction =
  (serial: string, newSerial: string, reason: string | undefined): Action =>
  (session) =>
    withTwoCodes(session, newSerial, (client, [code1, code2]) =>
      client.call('replaceToken', {
        params: { serial },
        body: { serial: newSerial, code1, code2, reason },
      }),
    );

type TwoCodesReply = ReplyOf<'resyncToken'>;
type AskWithCodes = (client: Client, codes: readonly [string, string]) => Promise<TwoCodesReply>;

/**
 * Codes are read first: nobody's prompt keeps the store open.
 *
 * @param serial the token whose codes they are
 */
async function withTwoCodes(
  session: Session,
  serial: string,
  ask: AskWithCodes,
): Promise<ExitCode> {
  const codes = await readTwoCodes(session.env, guidedPrompts(serial));
  const reply = await session.withClient((client) => ask(client, codes));
  const { outcome, token } = reply;
  if (outcome === 'accepted') {
    const text = token === undefined ? OUTCOME_TEXTS[outcome] : describeToken(token);
    return session.print(reply, text);
  }
  const next = afterFailedPair(serial, reply);
  const saying = refusedText(reply, { wrongCode: WRONG_PAIR });
  return session.refuse(reply, next === undefined ? saying : `${saying}\n  ${next}`);
}

const WRONG_PAIR = 'These are not two codes of this token that follow each other.';

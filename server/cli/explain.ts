import { FobtwinError } from '../../shared/errors.ts';
import type { ReplyOf } from '../../shared/wire/operations.ts';
import { accountArgument, serialArgument } from './arguments.ts';
import type { Action, Choose, Parser } from './command.ts';
import { readTwoCodes } from './two-codes.ts';

/** `fobd token explain`: why, in sentences. */
export const defineExplain = (parser: Parser, choose: Choose): Parser =>
  parser.command(
    'explain [serial]',
    'Say why the last codes came to what they did, and what two codes would fit',
    (inner) =>
      inner
        .positional('serial', { type: 'string', describe: 'The number on the back of the token' })
        .options({
          account: { type: 'string', requiresArg: true, describe: 'Or an account' },
          codes: {
            type: 'boolean',
            describe:
              'Read two consecutive codes from standard input; costs one pair of the budget',
          },
        }),
    (args) => {
      const { serial, account } = args;
      if ((serial === undefined) === (account === undefined)) {
        throw new FobtwinError('usage', 'explain needs a serial or --account, one of them');
      }
      if (serial !== undefined) {
        choose(args, explainToken(serialArgument(serial), args.codes === true));
        return;
      }
      if (args.codes === true) {
        throw new FobtwinError('usage', '--codes needs the serial of the token that showed them');
      }
      choose(args, explainAccount(accountArgument(account ?? '')));
    },
  );

const explainToken =
  (serial: string, withCodes: boolean): Action =>
  async ({ env, withClient, print }) => {
    const codes = withCodes ? await readTwoCodes(env) : undefined;
    const body = codes === undefined ? {} : { code1: codes[0], code2: codes[1] };
    const options = { params: { serial }, body };
    const reply = await withClient((client) => client.call('explainToken', options));
    return print(reply, describeToken(reply));
  };

export const explainAccount =
  (id: string): Action =>
  async ({ withClient, print }) => {
    const options = { params: { id }, body: {} };
    const reply = await withClient((client) => client.call('explainAccount', options));
    const tokens = reply.serials.length === 0 ? 'no token' : reply.serials.join(', ');
    return print(reply, [`Account ${id} has ${tokens}.`, ...decisions(reply)].join('\n'));
  };

function describeToken(reply: ReplyOf<'explainToken'>): string {
  const { serial, state, fits, pairsLeft } = reply;
  return [
    `Token ${serial}: ${state.sentence}`,
    `  ${state.nextStep}`,
    ...(fits === undefined ? [] : describeFits(fits, pairsLeft)),
    ...decisions(reply),
  ].join('\n');
}

function describeFits(
  fits: NonNullable<ReplyOf<'explainToken'>['fits']>,
  pairsLeft: number,
): readonly string[] {
  const left = `  Nothing was accepted; ${pairsLeft} more pairs may be tried before an unlock.`;
  if (fits.length > 0) return [...fits.flatMap(lines), left];
  return [
    'The two codes fit nothing known: no step, digits, algorithm, seed encoding or offset.',
    '  Read two new codes off the token, and check that it is this one.',
    left,
  ];
}

function decisions({ decisions: all }: Pick<ReplyOf<'explainToken'>, 'decisions'>) {
  if (all.length === 0) return ['No decision on it is in the audit log.'];
  return all.flatMap((one) => lines({ ...one, sentence: `${one.at}  ${one.sentence}` }));
}

const lines = ({ sentence, nextStep }: { sentence: string; nextStep: string }) => [
  sentence,
  `  ${nextStep}`,
];

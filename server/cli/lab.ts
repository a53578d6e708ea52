import { FobtwinError } from '../../shared/errors.ts';
import { parseSpan } from '../../shared/span.ts';
import type { Command } from './command.ts';
import { defineProofingProvider } from './lab-proofing-provider.ts';
import { mailsText } from './notice-text.ts';
import { PAGE_OPTIONS, pageArguments } from './page.ts';
import { textsText } from './phone-text.ts';

export const command: Command = {
  define: (parser, choose) =>
    defineProofingProvider(parser, choose)
      .usage('fobd lab COMMAND\n\nA lab: a data directory whose clock can be moved.')
      .command(
        'clock',
        "Show the lab's clock, or move it forward",
        (inner) =>
          inner.options({
            advance: {
              type: 'string',
              requiresArg: true,
              describe: 'Move it on, by 30s, 12h, 30d',
            },
            freeze: { type: 'boolean', conflicts: 'tick', describe: 'Let it stand still' },
            tick: { type: 'boolean', describe: 'Let it go on' },
          }),
        (args) => {
          const { advance, freeze, tick } = args;
          if (advance !== undefined && parseSpan(advance) === undefined) {
            throw new FobtwinError('usage', '--advance is a span such as 30s, 12h or 30d');
          }
          const frozen = freeze === true ? true : tick === true ? false : undefined;
          const isMove = advance !== undefined || frozen !== undefined;
          choose(args, async ({ withClient, print }) => {
            const time = await withClient((client) =>
              isMove
                ? client.call('moveClock', { body: { advance, frozen } })
                : client.call('getClock'),
            );
            return print(time, `${time.now}${time.frozen ? ' (frozen)' : ''}`);
          });
        },
      )
      .command(
        'texts',
        'Show what would have been sent to phones',
        (inner) => inner.options(PAGE_OPTIONS),
        (args) => {
          const query = pageArguments(args);
          choose(args, async ({ withClient, print }) => {
            const reply = await withClient((client) => client.call('listTexts', { query }));
            return print(reply, textsText(reply));
          });
        },
      )
      .command(
        'mail',
        'Show what would have been mailed, its secrets too',
        (inner) => inner.options(PAGE_OPTIONS),
        (args) => {
          const query = pageArguments(args);
          choose(args, async ({ withClient, print }) => {
            const reply = await withClient((client) => client.call('listMails', { query }));
            return print(reply, mailsText(reply));
          });
        },
      )
      .demandCommand(1, 'lab needs one of its commands'),
};

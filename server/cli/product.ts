import { STRENGTHS } from '../../shared/types.ts';
import { applicationArgument } from './arguments.ts';
import type { Command } from './command.ts';
import { listProducts } from './order-text.ts';

/** `fobd product`: what the store sells. */
export const command: Command = {
  define: (parser, choose) =>
    parser
      .usage('fobd product COMMAND\n\nWhat the store sells.')
      .command(
        'list',
        'List products',
        (inner) =>
          inner.options({
            application: {
              type: 'string',
              requiresArg: true,
              describe: 'Only what this application accepts',
            },
            strength: {
              choices: STRENGTHS,
              requiresArg: true,
              describe: 'Only what is accepted where this strength is demanded',
            },
            proofed: {
              type: 'boolean',
              describe: 'Only what is accepted where proofing is demanded',
            },
          }),
        (args) => {
          const proofed = args.proofed === undefined ? undefined : (`${args.proofed}` as const);
          const application = applicationArgument(args.application);
          const query = { application, strength: args.strength, proofed };
          choose(args, async ({ withClient, print }) => {
            const reply = await withClient((client) => client.call('listProducts', { query }));
            return print(reply, listProducts(reply));
          });
        },
      )
      .demandCommand(1, 'product needs one of its commands'),
};

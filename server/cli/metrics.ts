import { readText } from '../../shared/client/text.ts';
import type { Command } from './command.ts';

/** `fobd metrics`: what a serving fobd has counted, as Prometheus would read it. */
export const command: Command = {
  define: (parser, choose) =>
    parser
      .usage("fobd metrics\n\nWhat a serving fobd has counted, in Prometheus' text format.")
      .command(
        '$0',
        false,
        (inner) => inner,
        (args) =>
          choose(args, async ({ withClient, print }) => {
            const text = await withClient(async (client) =>
              readText(await client.stream('metrics')),
            );
            return print({ text }, text);
          }),
      ),
};

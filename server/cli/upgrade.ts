import path from 'node:path';
import type { Command } from './command.ts';
import { stagesOn } from './stages.ts';

/** `fobd upgrade`: brings a data directory of an older fobd up to this one's form. */
export const command: Command = {
  define: (parser, choose) =>
    parser
      .usage(
        'fobd upgrade\n\n' +
          "Brings a data directory of an older fobd up to this one's form, after a backup of\n" +
          'it. Nobody may be using it. Broken off, it can be run again.',
      )
      .option('backup', {
        type: 'string',
        requiresArg: true,
        describe: 'Where the backup goes [default: DATA.format-N.fobdbackup]',
      })
      .command(
        '$0',
        false,
        (inner) => inner,
        (args) => {
          const backup = args['backup'] === undefined ? undefined : String(args['backup']);
          choose(args, async ({ env, config, json, print }) => {
            const { upgradeFobd } = await import('../maintenance.ts');
            const place = backup === undefined ? undefined : path.resolve(env.directory, backup);
            const options = { backup: place, ...stagesOn(env.errors, { json }) };
            const upgraded = await upgradeFobd(config, options, env);
            const { from, to } = upgraded;
            const text =
              from === to
                ? `${config.data} has format ${to}: nothing is to be done.`
                : `${config.data} has format ${to} now; it had ${from}.\n` +
                  `  The backup from before is in ${upgraded.backup ?? '-'}.`;
            return print({ data: config.data, ...upgraded }, text);
          });
        },
      ),
};

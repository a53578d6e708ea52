import { FobtwinError } from '../../shared/errors.ts';
import { parseTime } from '../../shared/time.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { Command } from './command.ts';

/** `fobd init`: makes a data directory, and shows the administrator's API key this once. */
export const command: Command = {
  define: (parser, choose) =>
    parser
      .usage('fobd init\n\nMakes a data directory, its master key and its administrator.')
      .options({
        lab: {
          type: 'boolean',
          describe: 'A lab: its clock can be moved. It stays a lab for good',
        },
        'lab-clock': {
          type: 'string',
          requiresArg: true,
          describe: "The lab's first instant, such as 2026-01-01T00:00:00Z [default: now]",
        },
      })
      .command(
        '$0',
        false,
        (inner) => inner,
        (args) => {
          const lab = args['lab'] === true;
          const labClock = parseLabClock(args['lab-clock']);
          if (labClock !== undefined && !lab) {
            throw new FobtwinError('usage', '--lab-clock is for a lab: give --lab too');
          }
          choose(args, async ({ env, config, print }) => {
            const { initFobd } = await import('../compose.ts');
            const { data, administrator, masterKey } = await initFobd(
              config,
              { lab, labClock },
              { clock: env.clock, rng: env.rng },
            );
            return print({ data, administrator }, nextSteps(data, administrator.apiKey, masterKey));
          });
        },
      ),
};

function parseLabClock(text: unknown): UnixMillis | undefined {
  if (text === undefined) return undefined;
  const time = parseTime(String(text));
  if (time !== undefined) return time;
  throw new FobtwinError('usage', '--lab-clock is a time in UTC such as 2026-01-01T00:00:00Z');
}

const nextSteps = (data: string, apiKey: string, masterKey: string): string => `\
A data directory was made at ${data}

The administrator's API key, shown this once:

  ${apiKey}

It may do everything. The seeds are readable only with the master key of
${masterKey}
Keep a copy of it elsewhere, and never in one backup with the rest.

Next:
  fobd serve --data ${data}
  fobd seed-file import FILE --data ${data}
  fobd application add 'login page' --scope verify --data ${data}
`;

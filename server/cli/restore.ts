import path from 'node:path';
import { formatTime } from '../../shared/time.ts';
import type { Since } from '../backup/since-backup.ts';
import type { FobdConfig } from '../config.ts';
import type { RestoredFobd } from '../maintenance.ts';
import type { Command } from './command.ts';
import { stagesOn } from './stages.ts';
import { formatTable } from './table.ts';

/** `fobd restore`: a new data directory of a backup. */
export const command: Command = {
  define: (parser, choose) =>
    parser
      .usage(
        'fobd restore FILE --data DIR --master-key-file KEY\n\n' +
          'Makes a data directory of a backup, whole and checked or not at all. No code that\n' +
          'was accepted since the backup is accepted again.',
      )
      .command(
        '$0 <file>',
        false,
        (inner) =>
          inner
            .positional('file', { type: 'string', demandOption: true, describe: 'The backup' })
            .options({
              'audit-export': {
                type: 'string',
                requiresArg: true,
                describe:
                  'A newer export of its audit log: codes accepted in it are burnt, and what ' +
                  'was held or revoked is listed',
              },
              apply: {
                type: 'boolean',
                implies: 'audit-export',
                describe: 'Set those holds and revocations again',
              },
              'unused-since': {
                type: 'boolean',
                describe:
                  'Your word that no code was accepted after the end of the audit export, or ' +
                  'without one after the backup',
              },
            }),
        (args) => {
          const { file } = args;
          const auditExport = args['audit-export'];
          const apply = args.apply === true;
          const unusedSince = args['unused-since'] === true;
          choose(args, async ({ env, config, json, print }) => {
            const { restoreFobd } = await import('../maintenance.ts');
            const absolute = (text: string) => path.resolve(env.directory, text);
            const restored = await restoreFobd(
              config,
              {
                file: absolute(file),
                auditExport: auditExport === undefined ? undefined : absolute(auditExport),
                apply,
                unusedSince,
                ...stagesOn(env.errors, { json }),
              },
              env,
            );
            const { madeAt, at, ...rest } = restored;
            const value = { ...rest, madeAt: formatTime(madeAt), at: formatTime(at) };
            return print(value, describe(restored, config, unusedSince));
          });
        },
      ),
};

function describe(restored: RestoredFobd, config: FobdConfig, unusedSince: boolean): string {
  const { data, lab, madeAt, at, records, tokens, timeTokens, since } = restored;
  const { windowStepsMax, resyncSteps, pairStepsMax } = config.policy;
  const steps = unusedSince ? windowStepsMax : resyncSteps + pairStepsMax;
  return [
    `The ${lab ? 'lab' : 'data directory'} of ${formatTime(madeAt)} is in ${data}.`,
    `  ${records} records were checked, and the seeds of ${tokens} tokens.`,
    `  ${timeTokens} time tokens: codes of ${formatTime(at)} and before are refused, and those of`,
    `    ${steps} steps after it: ${Math.ceil(steps / 2)} minutes with steps of 30 s.`,
    ...describeEventTokens(restored),
    ...describeAbsent(restored, Math.ceil((resyncSteps + pairStepsMax) / 2)),
    ...describeSince(since),
    `Serve it with: fobd serve --data ${data}, and the same master key.`,
  ].join('\n');
}

function describeEventTokens({ eventTokens, disabledTokens, since }: RestoredFobd): string[] {
  const locked = `  ${eventTokens} event tokens are locked until a resync with two new codes.`;
  if (disabledTokens === 0) return [locked];
  const after = since ? 'the audit export ends' : 'the backup';
  return [
    locked,
    `  ${disabledTokens} event tokens, registered or in stock, are disabled: two codes that`,
    `    were used after ${after} could be used again. Replace them; or, where you know`,
    '    that none was used: fobd token enable SERIAL --reason HOW. If you know it of all,',
    '    restore again with --unused-since.',
  ];
}

function describeAbsent({ absent }: RestoredFobd, minutes: number): string[] {
  if (absent.length === 0) return [];
  return [
    `  ${absent.length} tokens accepted codes and are not in the backup (--json names them):`,
    '    imported again they know of none. Replace the event tokens, and import',
    `    time tokens ${minutes} minutes from now or later.`,
  ];
}

/** Rows shown to a person; all of them stand in --json. */
const ROWS_SHOWN = 50;

function describeSince(since: Since | undefined): readonly string[] {
  if (since === undefined) {
    return ['  Holds and revocations made since are not known: no audit export was given.'];
  }
  const { items, entries, signed } = since;
  const rows = items
    .slice(0, ROWS_SHOWN)
    .map(({ at, action, serial, account, application, result }) => [
      at,
      action,
      serial ?? application ?? account ?? '-',
      RESULTS[result],
    ]);
  const rest = items.length - rows.length;
  return [
    `  ${entries} audit entries came after the backup${signed ? '' : ' (whose is not known)'}:`,
    formatTable(['AT', 'ACTION', 'OF', 'NOW'], rows, '  none of them a hold or a revocation.'),
    ...(rest > 0 ? [`and ${rest} more`] : []),
  ];
}

const RESULTS = {
  listed: 'not set again',
  applied: 'set again',
  alreadySo: 'so already',
  notThere: 'not in the backup',
} as const;

import path from 'node:path';
import type { Client } from '../../shared/client/client.ts';
import { FobtwinError } from '../../shared/errors.ts';
import type { ReplyOf } from '../../shared/wire/operations.ts';
import { refuseTaken } from '../data-directory/new-file.ts';
import { numberArgument, spanArgument } from './arguments.ts';
import { exportTo } from './audit-export.ts';
import { verifyFiles } from './audit-files.ts';
import { serverKey } from './audit-verify.ts';
import type { Choose, Parser } from './command.ts';
import type { CliEnv } from './surroundings.ts';

const OPTIONS = {
  keep: { type: 'string', requiresArg: true, describe: 'Entries younger than this stay: 365d' },
  before: { type: 'string', requiresArg: true, describe: 'Only those before this sequence go' },
  'export-to': {
    type: 'string',
    requiresArg: true,
    describe: 'Export them to this new file first',
  },
  exported: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'They are in this export, which is verified; again for the next one',
  },
  'without-export': { type: 'boolean', describe: 'They may be gone for good' },
} as const;

interface Kept {
  readonly exportTo: string | undefined;
  readonly exported: readonly string[];
  readonly withoutExport: boolean;
}

export const defineRetain = (parser: Parser, choose: Choose): Parser =>
  parser.command(
    'retain',
    'Remove the oldest entries once they are exported; the rest stays verifiable',
    (inner) => inner.options(OPTIONS),
    (args) => {
      const limits = {
        keep: spanArgument('--keep', args.keep),
        before: numberArgument('--before', args.before, [1, Number.MAX_SAFE_INTEGER]),
      };
      if ((limits.keep === undefined) === (limits.before === undefined)) {
        throw new FobtwinError('usage', 'Give either --keep or --before');
      }
      const kept = {
        exportTo: args['export-to'],
        exported: args.exported ?? [],
        withoutExport: args['without-export'] === true,
      };
      checkKept(kept);
      choose(args, async ({ env, withClient, print }) => {
        const result = await withClient((client) => retain(client, limits, kept, env));
        return print(result, describe(result));
      });
    },
  );

function checkKept({ exportTo: file, exported, withoutExport }: Kept): void {
  const said = [file !== undefined, exported.length > 0, withoutExport].filter(Boolean).length;
  if (said === 1) return;
  throw new FobtwinError('usage', 'Give one of --export-to, --exported and --without-export', {
    nextStep: 'With --export-to FILE the entries are exported, and verified, before they go.',
  });
}

type Plan = ReplyOf<'planAuditRetention'>;
interface Result extends Plan {
  readonly exportedTo?: string;
}

async function retain(
  client: Client,
  limits: { readonly keep: string | undefined; readonly before: number | undefined },
  kept: Kept,
  env: CliEnv,
): Promise<Result> {
  const absolute = (file: string) => path.resolve(env.directory, file);
  const plan = await client.call('planAuditRetention', { query: limits });
  if (plan.entries === 0) return plan;
  const { base, through, hash } = plan;
  const target = kept.exportTo === undefined ? undefined : absolute(kept.exportTo);
  if (target !== undefined) {
    await refuseTaken(target);
    await exportTo(client, target, { after: base, until: through });
  }
  const files = target === undefined ? kept.exported.map(absolute) : [target];
  if (files.length > 0) await requireExported(client, files, plan);
  const body = { through, hash, exported: files.length > 0 };
  const done = await client.call('retainAudit', { body });
  return { ...done, ...(target === undefined ? {} : { exportedTo: target }) };
}

/** The files are sound, of this server, and hold every entry that is to go. */
async function requireExported(
  client: Client,
  files: readonly string[],
  { base, through, hash }: Plan,
): Promise<void> {
  const publicKey = await serverKey(client);
  const checkpoint = { sequence: through, hash };
  const verdict = await verifyFiles(files, { publicKey, checkpoint });
  if (!verdict.sound) {
    throw new FobtwinError('notAllowedNow', 'The exports do not verify: nothing was removed', {
      detail: `${verdict.fault} at ${verdict.faultAt}`,
      nextStep: 'See why: fobd audit verify --export FILE; or export anew with --export-to.',
    });
  }
  const from = verdict.base?.sequence ?? 0;
  if (from <= base && verdict.checkpoint === 'matched') return;
  throw new FobtwinError('notAllowedNow', 'The exports lack entries: nothing was removed', {
    nextStep: `They must hold ${base + 1} to ${through}; this one begins with ${from + 1}.`,
  });
}

function describe({ base, through, entries, exportedTo }: Result): string {
  if (entries === 0) {
    return 'Nothing to remove: what may go was removed before, or the policy keeps it.';
  }
  const where = exportedTo === undefined ? '' : `\n  They are in ${exportedTo}: keep it.`;
  return `${entries} entries were removed, ${base + 1} to ${through}.${where}`;
}

export const defineReindex = (parser: Parser, choose: Choose): Parser =>
  parser.command(
    'reindex',
    'Make the index of the log again from its entries',
    (inner) => inner,
    (args) =>
      choose(args, async ({ withClient, print }) => {
        const result = await withClient((client) => client.call('reindexAudit', { body: {} }));
        const { runs, repaired } = result;
        return print(result, `${repaired} of ${runs} parts of the index were made again.`);
      }),
  );

import path from 'node:path';
import type { Client } from '../../shared/client/client.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { refuseTaken, writeNewFile } from '../data-directory/new-file.ts';
import { numberArgument } from './arguments.ts';
import { verifyFiles } from './audit-files.ts';
import { serverKey } from './audit-verify.ts';
import type { Choose, Parser } from './command.ts';

const OPTIONS = {
  after: { type: 'string', requiresArg: true, describe: 'Only after this sequence' },
  until: { type: 'string', requiresArg: true, describe: 'Up to this sequence [default: the last]' },
  output: { type: 'string', requiresArg: true, demandOption: true, describe: 'A new file for it' },
} as const;

export const defineExport = (parser: Parser, choose: Choose): Parser =>
  parser.command(
    'export',
    'Write entries to a file that can be verified without the server',
    (inner) => inner.options(OPTIONS),
    (args) => {
      const range = {
        after: numberArgument('--after', args.after, [0, Number.MAX_SAFE_INTEGER]),
        until: numberArgument('--until', args.until, [0, Number.MAX_SAFE_INTEGER]),
      };
      choose(args, async ({ env, withClient, print }) => {
        const file = path.resolve(env.directory, args.output);
        await refuseTaken(file);
        const made = await withClient((client) => exportTo(client, file, range));
        const { entries, through } = made;
        const told = `${entries} entries, the last of them ${through}, are in ${file}.`;
        const next = `The next export: fobd audit export --after ${through} --output FILE`;
        return print({ file, ...made }, `${told}\n  ${next}`);
      });
    },
  );

interface Range {
  readonly after: number | undefined;
  readonly until: number | undefined;
}

/** What was written, read back and verified. */
export async function exportTo(
  client: Client,
  file: string,
  range: Range,
): Promise<{ readonly entries: number; readonly from: number; readonly through: number }> {
  const pieces = await client.stream('exportAudit', { query: range });
  await writeNewFile(file, pieces);
  const verdict = await verifyFiles([file], { publicKey: await serverKey(client) });
  if (verdict.sound && verdict.head !== null) {
    const { entries, base, head } = verdict;
    return { entries, from: (base?.sequence ?? 0) + 1, through: head.sequence };
  }
  throw new FobtwinError('fileUnwritable', `The export ${file} is not what was sent`, {
    detail: `${verdict.fault} at ${verdict.faultAt}`,
    nextStep: 'Look at the disk that it is on, and export again to another.',
  });
}

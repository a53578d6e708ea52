import path from 'node:path';
import type { Client } from '../../shared/client/client.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { formatTime } from '../../shared/time.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { type BackupHeader, parseHeader } from '../backup/backup-file.ts';
import { refuseTaken, writeNewFile } from '../data-directory/new-file.ts';
import type { Command } from './command.ts';
import { megabytes } from './progress.ts';
import type { Output } from './surroundings.ts';

/** `fobd backup`: the whole data directory but its master key in one file, served or not. */
export const command: Command = {
  define: (parser, choose) =>
    parser
      .usage(
        'fobd backup --output FILE\n\n' +
          'Everything as it stands at one moment, whether fobd serves or not. The master key is\n' +
          'not in it: keep that elsewhere, since nothing opens a backup without it.',
      )
      .option('output', {
        type: 'string',
        requiresArg: true,
        demandOption: true,
        describe: 'The file to make; it must not exist',
      })
      .command(
        '$0',
        false,
        (inner) => inner,
        (args) => {
          const output = String(args['output']);
          choose(args, async ({ env, withClient, print }) => {
            const file = path.resolve(env.directory, output);
            await refuseTaken(file);
            const made = await withClient((client) => writeBackup(client, file, env.errors));
            return print({ file, ...made }, describe(file, made));
          });
        },
      ),
};

interface Made {
  readonly bytes: number;
  readonly madeAt: string;
  readonly auditHead: BackupHeader['auditHead'];
}

function describe(file: string, { bytes, madeAt, auditHead }: Made): string {
  return `\
The backup of ${madeAt} is in ${file} (${megabytes(bytes)} MB).
  Its audit log ends with entry ${auditHead.sequence}.
  The master key is not in it: keep a copy of that in another place.`;
}

const PROGRESS_BYTES = 1_000_000;
/** A header has some 500 bytes. */
const HEADER_BYTES_MAX = 8192;
const NEW_LINE = 0x0a;

async function writeBackup(client: Client, file: string, errors: Output): Promise<Made> {
  let start = Buffer.alloc(0);
  let received = 0;
  let shown = 0;
  let last = 0;
  async function* watched(pieces: AsyncIterable<Uint8Array>) {
    for await (const piece of pieces) {
      received += piece.length;
      last = piece.at(-1) ?? last;
      if (start.length < HEADER_BYTES_MAX) start = Buffer.concat([start, piece]);
      if (errors.isTTY === true && received - shown >= PROGRESS_BYTES) {
        shown = received;
        errors.write(`\rfobd: ${megabytes(received)} MB`);
      }
      yield piece;
    }
    if (shown > 0) errors.write('\n');
    if (last !== NEW_LINE) throw new FobtwinError('unavailable', 'fobd broke its answer off');
  }
  const bytes = await writeNewFile(file, watched(await client.stream('createBackup')));
  const { madeAt, auditHead } = parseHeader(start.toString('utf8').split('\n', 1)[0] ?? '');
  return { bytes, madeAt: formatTime(madeAt as UnixMillis), auditHead };
}

import type { Client } from '../../shared/client/client.ts';
import { FobtwinError } from '../../shared/errors.ts';
import type { ReplyOf } from '../../shared/wire/operations.ts';
import { exists } from '../data-directory/data-directory.ts';
import {
  createMasterKey,
  givenMasterKeySource,
  type MasterKeySource,
  readMasterKey,
} from '../data-directory/master-key.ts';
import { wipe } from '../vault/keys.ts';
import type { Command, Session } from './command.ts';
import type { Output } from './surroundings.ts';
import { formatFields, formatTable } from './table.ts';

type Rotation = NonNullable<ReplyOf<'getKeyRotation'>['rotation']>;

export const command: Command = {
  define: (parser, choose) =>
    parser
      .usage('fobd key COMMAND\n\nThe keys that seeds are kept under.')
      .command(
        'list',
        'List data keys with the number of seeds under each',
        (inner) => inner,
        (args) =>
          choose(args, async ({ withClient, print }) => {
            const list = await withClient((client) => client.call('listKeys'));
            return print(list, describeKeys(list));
          }),
      )
      .command(
        'status',
        'Show how the exchange of the data key goes',
        (inner) => inner,
        (args) =>
          choose(args, async ({ withClient, print }) => {
            const reply = await withClient((client) => client.call('getKeyRotation'));
            return print(reply, describeRotation(reply.rotation));
          }),
      )
      .command(
        'rotate',
        'Seal every seed with a new data key, while all goes on',
        (inner) =>
          inner.option('no-wait', {
            type: 'boolean',
            describe: 'Return at once: the serving fobd does the work by itself',
          }),
        (args) => {
          const waits = args['no-wait'] !== true;
          choose(args, async ({ withClient, print, env }) => {
            const reply = await withClient((client) => rotate(client, waits, env.errors));
            return print(reply, describeRotation(reply.rotation));
          });
        },
      )
      .command(
        'rewrap',
        'Exchange the master key, at one stroke',
        (inner) =>
          inner.options({
            'new-master-key-file': {
              type: 'string',
              requiresArg: true,
              describe: 'The new master key; made there when the file does not exist',
            },
            'new-master-key-command': {
              type: 'string',
              requiresArg: true,
              describe: 'A command that writes the new master key; or set FOBD_NEW_MASTER_KEY',
            },
          }),
        (args) => {
          const flags = {
            newMasterKeyFile: args['new-master-key-file'],
            newMasterKeyCommand: args['new-master-key-command'],
          };
          choose(args, rewrap, { flags });
        },
      )
      .demandCommand(1, 'key needs one of its commands'),
};

const POLL_MILLIS = 200;

/** The serving fobd does the work; one that this command has opened itself does it meanwhile. */
async function rotate(client: Client, waits: boolean, errors: Output) {
  let reply: ReplyOf<'getKeyRotation'> = await client.call('rotateKeys');
  while (waits && reply.rotation?.state === 'running') {
    showProgress(reply.rotation, errors);
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS));
    reply = await client.call('getKeyRotation');
  }
  if (errors.isTTY === true) errors.write('\r\u001B[K');
  if (waits && reply.rotation?.state === 'paused') {
    throw new FobtwinError('unavailable', 'The rotation stopped before its end.', {
      nextStep: 'See the log for the reason, then run `fobd key rotate` again: it goes on.',
    });
  }
  return reply;
}

function showProgress({ resealed, remaining }: Rotation, errors: Output): void {
  if (errors.isTTY !== true) return;
  const of = remaining === undefined ? '' : ` of ${resealed + remaining}`;
  errors.write(`\r\u001B[K${resealed}${of} seeds sealed anew`);
}

async function rewrap({ env, config, withClient, print }: Session) {
  const source = givenMasterKeySource(config.newMasterKey);
  if (source === undefined) {
    throw new FobtwinError('usage', 'It was not said what the new master key is', {
      nextStep: 'Give --new-master-key-file, --new-master-key-command or FOBD_NEW_MASTER_KEY.',
    });
  }
  const isMade = source.kind === 'file' && !(await exists(source.file));
  const key = isMade
    ? await createMasterKey(source.file, env.rng)
    : await readMasterKey(source, { onKeyCommand: (line) => env.errors.write(`${line}\n`) });
  const masterKey = Buffer.from(key).toString('hex');
  wipe(key);
  const reply = await withClient((client) => client.call('rewrapKeys', { body: { masterKey } }));
  return print(reply, describeRewrap(reply, source));
}

const HOW_TO_GIVE: Readonly<Record<MasterKeySource['kind'], (source: MasterKeySource) => string>> =
  {
    file: (source) => `--master-key-file ${source.kind === 'file' ? source.file : ''}`,
    command: () => '--master-key-command, with the command that was given here',
    environment: () => 'FOBD_MASTER_KEY, set to what FOBD_NEW_MASTER_KEY was',
  };

const describeRewrap = ({ from, to }: ReplyOf<'rewrapKeys'>, source: MasterKeySource): string => `\
The master key is ${to} now; ${from} opens nothing any more.

From now on start fobd with ${HOW_TO_GIVE[source.kind](source)}
Keep a copy of the new key elsewhere. Backups made before still need the old one.
`;

function describeKeys({ masterKey, dataKeys }: ReplyOf<'listKeys'>): string {
  const rows = dataKeys.map(({ id, createdAt, current, seeds }) => [
    id,
    createdAt ?? '-',
    String(seeds),
    current ? 'seals new seeds' : 'is being replaced',
  ]);
  const table = formatTable(['DATA KEY', 'MADE', 'SEEDS', 'USE'], rows, 'No data keys.');
  return `${table}\nWrapped by master key ${masterKey}.`;
}

const STATES: Readonly<Record<Rotation['state'], string>> = {
  running: 'running',
  paused: 'paused: fobd serve, or fobd key rotate, goes on with it',
  done: 'done',
};

function describeRotation(rotation: Rotation | null): string {
  if (rotation === null) return 'The data key was never rotated.';
  const { dataKey, state, startedAt, finishedAt, resealed, remaining, unreadable } = rotation;
  return formatFields({
    'data key': dataKey,
    state: STATES[state],
    started: startedAt,
    finished: finishedAt,
    'sealed anew': String(resealed),
    'still to come': remaining === undefined ? undefined : String(remaining),
    unreadable: unreadable === 0 ? undefined : `${unreadable}: they keep their data key`,
  });
}

import path from 'node:path';
import { checkpointText } from '../audit/checkpoint.ts';
import { writeNewFile } from '../data-directory/new-file.ts';
import type { Choose, Parser } from './command.ts';

const OUTPUT = {
  type: 'string',
  requiresArg: true,
  describe: 'A new file for it [default: standard output]',
} as const;

export const defineCheckpoint = (parser: Parser, choose: Choose): Parser =>
  parser.command(
    'checkpoint',
    'Sign where the log ends now: keep it elsewhere, against a rollback',
    (inner) => inner.option('output', OUTPUT),
    ({ output, ...args }) =>
      choose(args, async ({ env, withClient, print }) => {
        const checkpoint = await withClient((client) => client.call('getAuditCheckpoint'));
        const text = checkpointText(checkpoint);
        if (output === undefined) return print(checkpoint, text);
        const file = path.resolve(env.directory, output);
        await writeNewFile(file, oneLine(text));
        const told = `The checkpoint of entry ${checkpoint.sequence} is in ${file}.`;
        return print(checkpoint, `${told}\n  Keep it where nobody has who can write the log.`);
      }),
  );

export const definePublicKey = (parser: Parser, choose: Choose): Parser =>
  parser.command(
    'public-key',
    'The public key that checkpoints are verified with, as PEM',
    (inner) => inner.option('output', OUTPUT),
    ({ output, ...args }) =>
      choose(args, async ({ env, withClient, print }) => {
        const key = await withClient((client) => client.call('getAuditPublicKey'));
        if (output === undefined) return print(key, key.publicKey);
        const file = path.resolve(env.directory, output);
        await writeNewFile(file, oneLine(key.publicKey.trimEnd()));
        return print(key, `The public key ${key.keyId} is in ${file}.`);
      }),
  );

async function* oneLine(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${text}\n`);
}

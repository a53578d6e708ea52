import type { SeedFileEntry } from '../../shared/seed-files/entry.ts';
import type { SeedFileKey } from '../../shared/seed-files/key.ts';
import { usageError } from './arguments.ts';
import type { FobCommand } from './command.ts';
import { drawerOf, SERIAL } from './drawer-of.ts';
import type { CliEnv } from './env.ts';
import { prepareNewFile } from './new-file.ts';
import { printJson, warn } from './output.ts';
import { entryOf } from './seed-file-entry.ts';
import { KEY_CONFLICTS, KEY_OPTIONS, seedFileKeyOf } from './seed-file-key.ts';

const FORMATS = ['pskc', 'csv', 'otpauth'] as const;
type Format = (typeof FORMATS)[number];

export const exportSeedFile: FobCommand = {
  positionals: { serial: SERIAL },
  options: {
    format: {
      choices: FORMATS,
      describe: 'pskc (RFC 6030), csv, or otpauth (a URI for phone apps); pskc if not given',
    },
    output: { describe: 'Write this new file instead of standard output' },
    ...KEY_OPTIONS,
  },
  conflicts: KEY_CONFLICTS,
  examples: [
    ['export C30-00000001 --output seed.pskcxml', 'a seed file for a server'],
    ['export C30-00000001 --passphrase-file pass.txt', 'an encrypted one'],
    ['export C30-00000001 --format otpauth', 'a URI that authenticator apps read'],
  ],
  notes:
    'What is written contains the seed: who reads it can make every code, unless it is encrypted ' +
    'under a key or a passphrase, which only pskc can be. A file is readable by you alone and ' +
    'never replaces another.',
  async run(args, env) {
    const format = FORMATS.find((name) => name === args.text('format')) ?? 'pskc';
    // A hyphen stands for standard output, as in `fob import -` for standard input.
    const file = args.text('output') === '-' ? undefined : args.text('output');
    const key = seedFileKeyOf(args);
    if (key !== undefined && format !== 'pskc') throw usageError('Only pskc can be encrypted');
    const kept = drawerOf(args, env).read(args.serial());
    const { serial } = kept.device;
    const entry = entryOf(kept);
    const text =
      key === undefined ? await WRITERS[format](entry) : await encrypted(entry, key, env);
    if (file !== undefined) prepareNewFile(file, text, env.rng).place();
    if (args.flag('json')) {
      const place = file === undefined ? { text } : { output: file };
      printJson(env, { serial, format, ...place });
    } else if (file === undefined) {
      env.stdout.write(text);
    }
    const where = file === undefined ? 'What was written' : file;
    const advice =
      key === undefined ? 'keep it as you would keep the token' : 'send its key another way';
    warn(env, `${where} contains the seed of ${serial}: ${advice}.`);
    return 0;
  },
};

async function encrypted(entry: SeedFileEntry, key: SeedFileKey, { rng }: CliEnv): Promise<string> {
  const { writePskc } = await import('../../shared/seed-files/pskc-writer.ts');
  const { seedFileCrypto: crypto } = await import('./seed-file-crypto.ts');
  let text = '';
  for await (const piece of writePskc([entry], { encryption: { key, crypto, rng } })) text += piece;
  return text;
}

const WRITERS: Readonly<Record<Format, (entry: SeedFileEntry) => Promise<string>>> = {
  async pskc(entry) {
    const { formatPskc } = await import('../../shared/seed-files/pskc-writer.ts');
    return formatPskc([entry]);
  },
  async csv(entry) {
    const { formatCsv } = await import('../../shared/seed-files/csv-format.ts');
    return formatCsv([entry]);
  },
  async otpauth(entry) {
    const { formatOtpauth } = await import('../../shared/seed-files/otpauth.ts');
    return `${formatOtpauth(entry)}\n`;
  },
};

import type { SeedFileEntry } from '../../shared/seed-files/entry.ts';
import type { FobCommand } from './command.ts';
import { drawerOf, SERIAL } from './drawer-of.ts';
import { prepareNewFile } from './new-file.ts';
import { printJson, warn } from './output.ts';
import { entryOf } from './seed-file-entry.ts';

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
  },
  examples: [
    ['export C30-00000001 --output seed.pskcxml', 'a seed file for a server'],
    ['export C30-00000001 --format otpauth', 'a URI that authenticator apps read'],
  ],
  notes:
    'What is written contains the seed: who reads it can make every code. A file is readable by ' +
    'you alone and never replaces another.',
  async run(args, env) {
    const format = FORMATS.find((name) => name === args.text('format')) ?? 'pskc';
    // A hyphen stands for standard output, as in `fob import -` for standard input.
    const file = args.text('output') === '-' ? undefined : args.text('output');
    const kept = drawerOf(args, env).read(args.serial());
    const { serial } = kept.device;
    const text = await WRITERS[format](entryOf(kept));
    if (file !== undefined) prepareNewFile(file, text, env.rng).place();
    if (args.flag('json')) {
      const place = file === undefined ? { text } : { output: file };
      printJson(env, { serial, format, ...place });
    } else if (file === undefined) {
      env.stdout.write(text);
    }
    const where = file === undefined ? 'What was written' : file;
    warn(env, `${where} contains the seed of ${serial}: keep it as you would keep the token.`);
    return 0;
  },
};

const WRITERS: Readonly<Record<Format, (entry: SeedFileEntry) => Promise<string>>> = {
  async pskc(entry) {
    const { formatPskc } = await import('../../shared/seed-files/pskc.ts');
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

import fs from 'node:fs';
import { FobtwinError } from '../../shared/errors.ts';
import { SEED_FILE_LIMITS, type SeedFileEntry } from '../../shared/seed-files/entry.ts';
import type { Serial } from '../../shared/types.ts';
import { createSniffingParser } from './any-seed-file.ts';
import type { FobCommand } from './command.ts';
import { drawerOf } from './drawer-of.ts';
import type { CliEnv } from './env.ts';
import { printJson } from './output.ts';
import { putIntoDrawer } from './put-into-drawer.ts';
import { keptDeviceOf } from './seed-file-entry.ts';
import { printTokens, tokensJson } from './tokens-made.ts';

export const importSeedFile: FobCommand = {
  positionals: {
    file: { describe: 'A seed file: PSKC, CSV or otpauth URIs; - for standard input' },
  },
  options: {},
  examples: [
    ['import seeds.pskcxml', 'every token of a seed file'],
    ['import - < uri.txt', 'an otpauth URI, away from the command line and its history'],
  ],
  notes:
    "Imported tokens are live: their clock is this computer's. Either all tokens of the file are " +
    'made, or, when one is wrong or already there, none.',
  async run(args, env) {
    const drawer = drawerOf(args, env);
    const entries = await readEntries(args.required('file'), env);
    const at = env.clock.now();
    const kept = entries.map((entry) => keptDeviceOf(entry, at));
    await putIntoDrawer(kept, { drawer, env, json: args.flag('json') });
    if (args.flag('json')) printJson(env, tokensJson(kept));
    else printTokens(kept, { verb: 'Imported', drawer, env });
    return 0;
  },
};

async function readEntries(file: string, env: CliEnv): Promise<SeedFileEntry[]> {
  const entries = new Map<Serial, SeedFileEntry>();
  const parser = createSniffingParser((entry) => {
    if (entries.has(entry.serial)) throw twice(entry.serial);
    entries.set(entry.serial, entry);
  });
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  try {
    const stream = file === '-' ? env.stdin : fs.createReadStream(file);
    for await (const chunk of stream as AsyncIterable<Uint8Array | string>) {
      const piece = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      bytes += piece.length;
      if (bytes > SEED_FILE_LIMITS.bytes) throw tooLarge();
      parser.write(decoder.decode(piece, { stream: true }));
    }
    parser.write(decoder.decode());
    parser.end();
  } catch (error) {
    throw readable(error, file);
  }
  return [...entries.values()];
}

function readable(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof FobtwinError || !('code' in error))
    return error;
  if (error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    return new FobtwinError('invalidInput', 'The seed file is not UTF-8 text', {
      nextStep: 'Import PSKC, CSV or otpauth URIs as text.',
    });
  }
  return new FobtwinError('fileUnreadable', `${file} cannot be read (${String(error.code)})`, {
    nextStep: 'Look at its name and permissions.',
    cause: error,
  });
}

function twice(serial: Serial): FobtwinError {
  return new FobtwinError('invalidInput', `The serial ${serial} is in the file twice`, {
    nextStep: 'Nothing was imported. Leave one of the two away.',
  });
}

function tooLarge(): FobtwinError {
  const mebibytes = SEED_FILE_LIMITS.bytes / 1024 / 1024;
  return new FobtwinError('invalidInput', `A seed file has at most ${mebibytes} MiB`, {
    nextStep: 'Nothing was imported. Split the file.',
  });
}

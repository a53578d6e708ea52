import path from 'node:path';
import type { Client } from '../../shared/client/client.ts';
import { FobtwinError } from '../../shared/errors.ts';
import type { Life } from '../../shared/types.ts';
import type { EXPORT_FORMATS } from '../../shared/wire/seed-files-schemas.ts';
import { refuseTaken, writeNewFile } from '../data-directory/new-file.ts';
import type { Action } from './command.ts';
import { createProgress, type Progress } from './progress.ts';
import { ROW_MARKERS } from './seed-file-import.ts';
import { type KeyFiles, readKeyHeader } from './seed-file-key.ts';
import type { CliEnv } from './surroundings.ts';

export interface ExportArguments {
  readonly serials: readonly string[];
  readonly state: Life | undefined;
  readonly format: (typeof EXPORT_FORMATS)[number];
  readonly output: string;
  readonly plain: boolean;
  readonly keyFiles: KeyFiles;
}

export const exportAction =
  ({ keyFiles, output, ...asked }: ExportArguments): Action =>
  async ({ env, json, withClient, print }) => {
    const { serials, state, format, plain } = asked;
    if (serials.length > 0 && state !== undefined) {
      throw new FobtwinError('usage', 'Either serials are named, or a state');
    }
    const file = path.resolve(env.directory, output);
    const key = await readKeyHeader(keyFiles, env.directory);
    await refuseTaken(file);
    const progress = createProgress({ errors: env.errors, json, ...ROW_MARKERS[format] });
    const body = {
      format,
      ...(serials.length > 0 ? { serials: [...serials] } : {}),
      ...(state === undefined ? {} : { state }),
      ...(plain ? { plain } : {}),
    };
    const ask = async (client: Client): Promise<void> => {
      const signal = stopSignal(env);
      const options = { body, signal, ...(key === undefined ? {} : { key }) };
      const pieces = await client.stream('exportSeedFile', options);
      await writeNewFile(file, counted(pieces, progress));
    };
    try {
      await withClient(ask);
    } finally {
      progress.end();
    }
    const protection = plain ? 'plain' : 'encrypted';
    const { rows: tokens, bytes } = progress;
    const result = { output: file, format, tokens, bytes, protection };
    return print(result, describe(result));
  };

async function* counted(
  pieces: AsyncIterable<Uint8Array>,
  progress: Progress,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    progress.add(piece);
    yield piece;
  }
}

/** Stopping it leaves nothing behind; being told a second time ends it where it stands. */
function stopSignal(env: CliEnv): AbortSignal {
  const controller = new AbortController();
  env.onStopSignal(() => {
    if (controller.signal.aborted) env.exitNow(1);
    controller.abort(new FobtwinError('unavailable', 'The export was stopped'));
  });
  return controller.signal;
}

function describe(result: {
  readonly output: string;
  readonly tokens: number;
  readonly protection: string;
}): string {
  const count = result.tokens === 1 ? '1 token' : `${result.tokens} tokens`;
  const warning =
    result.protection === 'plain'
      ? 'It holds their seeds in the clear: keep it as you would keep the tokens.'
      : 'Who has it and its key has the tokens: keep them apart.';
  return `${count} written to ${result.output}, readable by you alone. ${warning}`;
}

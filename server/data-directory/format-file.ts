import path from 'node:path';
import { syncDirectory } from '../store/sync-directory.ts';
import type { RootKeyPlace } from '../vault/port.ts';
import { FORMAT_NAME, readFormat } from './data-directory.ts';
import { removeUnfinished, replacePrivateFile } from './durable-files.ts';
import { type FormatFile, formatText } from './format.ts';

/** Puts another `format.json` in the place of the one at `place`: all of it, or nothing. */
export const replaceFormat = (place: string, file: FormatFile): Promise<void> =>
  replacePrivateFile(path.join(place, FORMAT_NAME), formatText(file));

/** The wrapped root key in `format.json` of the data directory at `place`. */
export function rootKeyPlace(place: string): RootKeyPlace {
  return {
    async replace(wrapped, fingerprint) {
      const file = await readFormat(place);
      await replaceFormat(place, { ...file, rootKey: wrapped, masterKey: fingerprint });
    },
    async settle() {
      await removeUnfinished(path.join(place, FORMAT_NAME));
      await syncDirectory(place);
    },
    fingerprint: async () => (await readFormat(place)).masterKey,
  };
}

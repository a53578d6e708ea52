import { reindexAudit } from '../store/audit-reindex.ts';
import type { Backend } from '../store/backend.ts';
import { openLevelBackend } from '../store/level.ts';
import { FORMAT, type FormatFile } from './format.ts';
import { type AnyFormatFile, currentFormat } from './upgrade-format.ts';

/**
 * What leads from each form of the store to the next. A step may be broken off anywhere and begun
 * again, and leaves the store readable to the version that it comes from: `format.json`, written
 * last, is what makes the directory one of the new form.
 */
const STEPS: Readonly<Record<number, (backend: Backend) => Promise<unknown>>> = {
  // The audit index tells of applications and of times too.
  2: reindexAudit,
  // From format 4 on a journal lies before the store. It is begun by opening the store; the older
  // fobd would not read it, and so must not open the directory.
};

/**
 * Brings a store that nobody has open up to this version's form.
 *
 * @returns what `format.json` must say then; writing that is the caller's
 */
export async function upgradeStore(storePlace: string, file: AnyFormatFile): Promise<FormatFile> {
  if (file.format !== FORMAT) {
    const backend = await openLevelBackend(storePlace, { createIfMissing: false });
    try {
      for (let from: number = file.format; from < FORMAT; from += 1) await STEPS[from]?.(backend);
    } finally {
      await backend.close();
    }
  }
  return currentFormat(file);
}

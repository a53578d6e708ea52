import { emptyHead } from '../audit/chain.ts';
import { storedLines } from '../store/audit-log.ts';
import { type Indexed, offsetInRun, RUN_ENTRIES, Run, runOf } from '../store/audit-run.ts';
import type { Backend, Operation } from '../store/backend.ts';
import { openLevelBackend } from '../store/level.ts';
import { FORMAT, type FormatFile } from './format.ts';
import { type AnyFormatFile, currentFormat } from './upgrade-format.ts';

/**
 * What leads from each form of the store to the next. A step may be broken off anywhere and begun
 * again, and leaves the store readable to the version that it comes from: `format.json`, written
 * last, is what makes the directory one of the new form.
 */
const STEPS: Readonly<Record<number, (backend: Backend) => Promise<void>>> = {
  2: rebuildAuditIndex,
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

/**
 * From format 2 to 3: the audit index tells of applications and of times too. All of its rows are
 * made anew from the log, a run at a time.
 */
async function rebuildAuditIndex(backend: Backend): Promise<void> {
  const view = backend.view();
  try {
    let run = new Run(0);
    for await (const { sequence, segment, line } of storedLines(view, emptyHead('upgrade'))) {
      if (run.number !== runOf(sequence)) run = new Run(runOf(sequence));
      run.add(parseIndexed(line), { sequence, segment });
      if (offsetInRun(sequence) < RUN_ENTRIES - 1) continue;
      const operations: Operation[] = [];
      run.operations(operations);
      await backend.write(operations);
    }
  } finally {
    await view.close();
  }
}

/** A line that is no entry is for the verification to find. */
function parseIndexed(line: string): Indexed {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

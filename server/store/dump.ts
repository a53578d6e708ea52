import { setImmediate as nextTurn } from 'node:timers/promises';
import { FobtwinError } from '../../shared/errors.ts';
import { parseSealedHead } from '../audit/chain.ts';
import type { View } from './backend.ts';
import { HEAD_KEY } from './keys.ts';
import type { StoreDump, StoreRow } from './port.ts';

/** Rows read at a time; the largest, a segment of the audit log, has some 30 kB. */
const ROWS_A_READ = 64;
/** Every key begins with a lower-case letter. */
const ABOVE_ALL = '~';

/**
 * Everything in a view, which the dump lets go of in the end.
 *
 * @throws FobtwinError `dataDirectoryDamaged` where the audit log has no head
 */
export async function dumpOf(view: View): Promise<StoreDump> {
  const [headText] = await view.many([HEAD_KEY]);
  const sealed = headText === undefined ? undefined : parseSealedHead(headText);
  if (sealed === undefined) {
    throw new FobtwinError('dataDirectoryDamaged', 'The audit log has lost its head.', {
      nextStep: 'Run `fobd audit verify` to see what is wrong, then restore a backup.',
    });
  }
  const { writer, sequence, hash } = sealed;
  return { head: { writer, sequence, hash }, rows: rowsOf(view), close: () => view.close() };
}

/** Other work gets its turn between two reads. */
async function* rowsOf(view: View): AsyncGenerator<readonly StoreRow[]> {
  let rows = await view.range({ from: '', below: ABOVE_ALL, limit: ROWS_A_READ });
  while (rows.length > 0) {
    yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < ROWS_A_READ) return;
    await nextTurn();
    rows = await view.range({ above: last[0], below: ABOVE_ALL, limit: ROWS_A_READ });
  }
}

import { emptyHead, parseSealedHead } from '../audit/chain.ts';
import { storedLines } from './audit-log.ts';
import type { Reindexed } from './audit-port.ts';
import { repairs } from './audit-rows.ts';
import type { Backend } from './backend.ts';
import { BASE_KEY } from './keys.ts';

/**
 * Makes the index of an audit log again, run by run, in a store that is not open: what a format
 * with other indexes needs. A run already right is not written, so it can be broken off at any
 * time and begun anew.
 */
export async function reindexAudit(backend: Backend): Promise<Reindexed> {
  const view = backend.view();
  try {
    const [baseText = ''] = await view.many([BASE_KEY]);
    const base = parseSealedHead(baseText) ?? emptyHead('');
    let runs = 0;
    let repaired = 0;
    for await (const found of repairs(view, storedLines(view, base), base)) {
      runs += found.moments === undefined ? 0 : 1;
      if (found.operations.length === 0) continue;
      await backend.write(found.operations);
      repaired += 1;
    }
    return { runs, repaired };
  } finally {
    await view.close();
  }
}

import { parseUnixMillis, type UnixMillis } from '../../shared/types.ts';
import { LAB_CLOCK_KEY, type LabClockRecord, labTimeAt } from '../lab/clock.ts';
import { lastLine } from '../store/audit-log.ts';
import { parseIndexed } from '../store/audit-run.ts';
import type { Backend } from '../store/backend.ts';
import { recordKey } from '../store/keys.ts';

/**
 * What a lab's clock shows at a system time, read from its store as an older fobd has left it.
 * Where no clock can be read there, the moment of the last audit entry; without one the system
 * time.
 */
export async function labTimeIn(
  backend: Pick<Backend, 'view'>,
  systemNow: UnixMillis,
): Promise<UnixMillis> {
  const view = backend.view();
  try {
    const [text] = await view.many([recordKey(LAB_CLOCK_KEY.kind.name, LAB_CLOCK_KEY.id)]);
    const shown = text === undefined ? undefined : timeOf(text, systemNow);
    if (shown !== undefined) return shown;
    const last = await lastLine(view);
    return (last && parseIndexed(last.line).at) ?? systemNow;
  } finally {
    await view.close();
  }
}

function timeOf(text: string, systemNow: UnixMillis): UnixMillis | undefined {
  try {
    return parseUnixMillis(labTimeAt(JSON.parse(text) as LabClockRecord, systemNow));
  } catch {
    return undefined;
  }
}

import type { UnixMillis } from '../../shared/types.ts';
import { pagesOf } from '../store/pages.ts';
import type { Store } from '../store/port.ts';
import { eachDueDay } from './due-days.ts';
import { type DueMoment, type DueParts, takeDueStep } from './due-step.ts';
import { SUBSCRIPTIONS } from './record.ts';

/**
 * The job over subscriptions: day by day, what is due on it. Nothing else is looked at, and every
 * step is a decision of its own, so that it may be broken off anywhere and run by several at once.
 */

/** Steps that share a flush. */
const AT_ONCE = 64;
const PAGE = 500;

export async function runDueSteps(
  now: UnixMillis,
  { stepwise = false }: { readonly stepwise?: boolean },
  parts: DueParts & { readonly store: Pick<Store, 'transact' | 'scan'> },
): Promise<{ taken: number }> {
  let taken = 0;
  await eachDueDay(now, parts.store, async (day) => {
    const moment: DueMoment = { day, now, stepwise };
    const range = { index: 'due', value: day, limit: PAGE };
    for await (const page of pagesOf(parts.store, SUBSCRIPTIONS, range)) {
      for (let from = 0; from < page.length; from += AT_ONCE) {
        const some = page.slice(from, from + AT_ONCE);
        const steps = await Promise.all(some.map((each) => takeDueStep(each, moment, parts)));
        taken += steps.filter((isTaken) => isTaken).length;
      }
    }
  });
  return { taken };
}

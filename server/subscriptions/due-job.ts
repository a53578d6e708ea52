import type { UnixMillis } from '../../shared/types.ts';
import type { Store } from '../store/port.ts';
import { eachDueDay } from './due-days.ts';
import { type DueMoment, type DueParts, takeDueStep } from './due-step.ts';
import { SUBSCRIPTIONS, type SubscriptionRecord } from './record.ts';

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
    for (let after: string | null | undefined; after !== null; ) {
      const range = { index: 'due', value: day, limit: PAGE };
      const page: { readonly items: readonly SubscriptionRecord[]; readonly next: string | null } =
        await parts.store.scan(SUBSCRIPTIONS, after === undefined ? range : { ...range, after });
      for (let from = 0; from < page.items.length; from += AT_ONCE) {
        const some = page.items.slice(from, from + AT_ONCE);
        const steps = await Promise.all(some.map((each) => takeDueStep(each, moment, parts)));
        taken += steps.filter((isTaken) => isTaken).length;
      }
      after = page.next;
    }
  });
  return { taken };
}

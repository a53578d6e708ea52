import { FobtwinError, invalidInput } from '../../../shared/errors.ts';
import { parseSpan } from '../../../shared/span.ts';
import { formatTime } from '../../../shared/time.ts';
import type { DueJob, LabClock, LabTime } from '../../lab/port.ts';
import type { Handlers } from './handler.ts';

/** Outside a lab these have no route; the handlers then only complete the table. */
export function labHandlers({
  lab,
  dueJobs,
}: {
  readonly lab?: LabClock | undefined;
  readonly dueJobs: readonly DueJob[];
}): Handlers<'getClock' | 'moveClock'> {
  const clock = (): LabClock => {
    if (lab !== undefined) return lab;
    throw new FobtwinError('notFound', 'This is not a lab.');
  };
  return {
    async getClock() {
      return viewTime({ now: clock().now(), frozen: clock().frozen });
    },
    async moveClock({ body: { advance, frozen }, caller }) {
      const advanceMillis = parseAdvance(advance);
      const { actor } = caller.principal;
      const moved = await clock().move({ advanceMillis, frozen }, { actor });
      for (const job of dueJobs) await job.run(moved.now, { stepwise: true });
      return viewTime(moved);
    },
  };
}

const viewTime = ({ now, frozen }: LabTime) => ({ now: formatTime(now), frozen });

/** The schema knows a span's shape; how long one may be is known here. */
function parseAdvance(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const millis = parseSpan(text);
  if (millis !== undefined) return millis;
  throw invalidInput('/advance', 'tooLarge', 'The clock cannot be moved so far.');
}

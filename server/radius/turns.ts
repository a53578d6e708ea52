/**
 * Clients take turns: however much one of them sends, the next of another is at most a round away.
 * What is received is only put here, so that the socket is emptied before its buffer overflows.
 */
export interface Turns<Who, What> {
  /** Whether there was room. */
  push(who: Who, what: What): boolean;
  waiting(): number;
}

export interface TurnsOptions<Who, What> {
  /** Waiting for one of them at most. */
  readonly perWho: number;
  /** Handled before the event loop goes on to receive more. */
  readonly perTurn: number;
  /**
   * Of these, of one for whom there was no more room: a flood is dropped faster than it is handled,
   * so that the socket's buffer keeps room for others. Default: `perTurn`.
   */
  readonly perTurnOfFlooder?: number;
  readonly handle: (who: Who, what: What) => void;
}

export function createTurns<Who, What>(options: TurnsOptions<Who, What>): Turns<Who, What> {
  const { perWho, perTurn, perTurnOfFlooder = perTurn, handle } = options;
  /** Those for whom something waits, the next one first; no queue is empty. */
  const queues = new Map<Who, What[]>();
  /** Those for whom there was no room, until nothing of theirs waits. */
  const flooders = new Set<Who>();
  let waiting = 0;
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(takeTurn);
  }

  function takeTurn(): void {
    isScheduled = false;
    let room = perTurn;
    for (let round = 0; room > 0; round += 1) {
      const taken = takeRound(room, round >= perTurnOfFlooder);
      if (taken === 0) break;
      room -= taken;
    }
    if (waiting > 0) schedule();
  }

  /** One of each, as far as there is room; how many that were. */
  function takeRound(room: number, isWithoutFlooders: boolean): number {
    let taken = 0;
    // Whoever is put behind the others comes up once more: those are another round's.
    let left = queues.size;
    for (const [who, queue] of queues) {
      if (taken === room || left === 0) break;
      left -= 1;
      if (isWithoutFlooders && flooders.has(who)) continue;
      const what = queue.shift() as What;
      waiting -= 1;
      taken += 1;
      // Gone, or behind the others: the next round begins with those that had no turn.
      if (queue.length === 0) {
        queues.delete(who);
        flooders.delete(who);
      } else if (queues.size > 1) {
        queues.delete(who);
        queues.set(who, queue);
      }
      handle(who, what);
    }
    return taken;
  }

  return {
    push(who, what) {
      const queue = queues.get(who);
      if (queue === undefined) queues.set(who, [what]);
      else if (queue.length < perWho) queue.push(what);
      else {
        flooders.add(who);
        return false;
      }
      waiting += 1;
      schedule();
      return true;
    },
    waiting: () => waiting,
  };
}

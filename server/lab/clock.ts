import type { Clock } from '../../shared/clock.ts';
import { invalidInput } from '../../shared/errors.ts';
import { parseUnixMillis, type UnixMillis } from '../../shared/types.ts';
import type { AuditDraft } from '../audit/entry.ts';
import { type Kind, keyOf, put, replyOnly, type Store } from '../store/port.ts';
import type { LabClock, LabMove, LabTime } from './port.ts';

/** A hundred years, the sum of all moves of a lab's life. */
export const LAB_ADVANCE_MILLIS_MAX = 100 * 365.25 * 86_400_000;

/** Where a lab's time stands, as stored. */
export interface LabClockRecord {
  readonly version: 1;
  /** Lab time less system time while it ticks. */
  readonly offsetMillis: number;
  /** Where it stands still; absent while it ticks. */
  readonly frozenAt?: UnixMillis;
  /** Sum of all moves. */
  readonly advancedMillis: number;
  /** How often it was moved: of two records the one with more is the newer. */
  readonly moves: number;
}

export const LAB_CLOCK: Kind<LabClockRecord> = {
  name: 'labClock',
  indexes: [],
  indexValues: () => [],
};

/** Of the only record of its kind. */
export const LAB_CLOCK_KEY = keyOf(LAB_CLOCK, 'clock');
const AT_THE_START: LabClockRecord = { version: 1, offsetMillis: 0, advancedMillis: 0, moves: 0 };

export interface LabClockOptions {
  readonly store: Pick<Store, 'transact'>;
  readonly systemClock: Clock;
  /** The lab's first instant; a lab that has a stored clock keeps that. Default: system time. */
  readonly startAt?: UnixMillis | undefined;
}

/** Opens the lab's clock where it stood last: offset or standstill are kept in the store. */
export async function createLabClock(options: LabClockOptions): Promise<LabClock> {
  const { store, systemClock } = options;
  const first = firstRecord(options);
  const opened = await store.transact([LAB_CLOCK_KEY], ([record]) => {
    if (record !== undefined) return replyOnly(record);
    return { ...replyOnly(first), writes: [put(LAB_CLOCK_KEY, first)] };
  });
  return new StoredLabClock(store, systemClock, opened);
}

function firstRecord({ systemClock, startAt }: LabClockOptions): LabClockRecord {
  if (startAt === undefined) return AT_THE_START;
  return { ...AT_THE_START, offsetMillis: startAt - systemClock.now() };
}

/** Lab time at a system time. */
export function labTimeAt(record: LabClockRecord, systemNow: UnixMillis): UnixMillis {
  return record.frozenAt ?? ((systemNow + record.offsetMillis) as UnixMillis);
}

/**
 * The record after a move. Never goes back: a clock that ticks on does so from where it stood.
 *
 * @throws FobtwinError `invalidInput`, field `/advance`
 */
export function moveLabClock(
  record: LabClockRecord,
  { advanceMillis = 0, frozen = record.frozenAt !== undefined }: LabMove,
  systemNow: UnixMillis,
): LabClockRecord {
  const advancedMillis = record.advancedMillis + advanceMillis;
  const moved = parseUnixMillis(labTimeAt(record, systemNow) + advanceMillis);
  if (advanceMillis < 0 || !Number.isInteger(advanceMillis)) {
    throw invalidInput('/advance', 'notAllowed', 'A lab clock moves forward by milliseconds.');
  }
  if (moved === undefined || advancedMillis > LAB_ADVANCE_MILLIS_MAX) {
    throw invalidInput('/advance', 'tooLarge', 'All moves of a lab make at most 100 years.', {
      nextStep: 'Make a new lab data directory.',
    });
  }
  const rest = { version: 1, advancedMillis, moves: record.moves + 1 } as const;
  return frozen
    ? { ...rest, offsetMillis: record.offsetMillis, frozenAt: moved }
    : { ...rest, offsetMillis: moved - systemNow };
}

class StoredLabClock implements LabClock {
  readonly #store: Pick<Store, 'transact'>;
  readonly #systemClock: Clock;
  #record: LabClockRecord;
  /** Moves that are not durable yet. Meanwhile time stands still, so that none can set it back. */
  #pending = 0;
  #heldAt: UnixMillis;

  constructor(store: Pick<Store, 'transact'>, systemClock: Clock, record: LabClockRecord) {
    this.#store = store;
    this.#systemClock = systemClock;
    this.#record = record;
    this.#heldAt = labTimeAt(record, systemClock.now());
  }

  get frozen(): boolean {
    return this.#record.frozenAt !== undefined;
  }

  now(): UnixMillis {
    return this.#pending > 0 ? this.#heldAt : labTimeAt(this.#record, this.#systemClock.now());
  }

  async move(move: LabMove, { actor = 'system' } = {}): Promise<LabTime> {
    const systemNow = this.#systemClock.now();
    if (this.#pending === 0) this.#heldAt = labTimeAt(this.#record, systemNow);
    this.#pending += 1;
    try {
      const moved = await this.#store.transact([LAB_CLOCK_KEY], ([stored = AT_THE_START]) => {
        const record = moveLabClock(stored, move, systemNow);
        const draft = auditDraft(record, stored, { actor, systemNow });
        return { writes: [put(LAB_CLOCK_KEY, record)], auditDrafts: [draft], reply: record };
      });
      if (moved.moves > this.#record.moves) this.#record = moved;
      // As of the move itself: a move still pending may have been asked for at that very instant.
      const movedTo = labTimeAt(this.#record, systemNow);
      this.#heldAt = Math.max(this.#heldAt, movedTo) as UnixMillis;
      return { now: this.#heldAt, frozen: this.frozen };
    } finally {
      this.#pending -= 1;
    }
  }
}

/** A move is part of the lab's story: its audit log says when time jumped, and who moved it. */
function auditDraft(
  moved: LabClockRecord,
  before: LabClockRecord,
  { actor, systemNow }: { readonly actor: string; readonly systemNow: UnixMillis },
): AuditDraft {
  return {
    at: labTimeAt(moved, systemNow),
    actor,
    action: 'moveClock',
    details: {
      advanceMillis: moved.advancedMillis - before.advancedMillis,
      frozen: moved.frozenAt !== undefined,
    },
  };
}

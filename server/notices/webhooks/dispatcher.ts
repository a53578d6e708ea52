import type { Clock } from '../../../shared/clock.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import type { AuditEntry } from '../../audit/entry.ts';
import { type Decision, put, replyOnly, type Store, type Write } from '../../store/port.ts';
import { eventBody, eventId } from './event.ts';
import {
  type DeliveryRecord,
  deliveryKey,
  WEBHOOKS,
  WEBHOOKS_MAX,
  type WebhookRecord,
  type WebhookStateRecord,
  webhookKey,
  webhookStateKey,
} from './record.ts';
import { announceRemoval, settleRemoval } from './removal.ts';

export interface DispatcherParts {
  readonly store: Pick<Store, 'scan' | 'transact' | 'auditPage' | 'auditLog'>;
  readonly clock: Clock;
  /** These wait to be delivered. */
  readonly onDeliveries: (ids: readonly string[]) => void;
  /** So many events were removed from the log unread; undefined: nobody has counted them. */
  readonly onRemoved: (webhook: string, events: number | undefined) => void;
}

export interface Dispatcher {
  /** Turns what the log has told since into deliveries, as far as there is room. */
  run(): Promise<void>;
  /** A webhook has come, gone or changed. */
  changed(): void;
  /**
   * Removes the front of the log, up to the entry `through`, while nobody reads it, and counts what
   * endpoints that are behind have lost.
   */
  removing(through: number, remove: () => Promise<void>): Promise<void>;
}

/** Deliveries that wait for one endpoint: what comes then stays in the log until there is room. */
const WAITING_MAX = 1_000;
/** Entries read together. */
const PAGE = 200;
/** Where none is an endpoint's event for so many entries, how far it is is kept all the same. */
const SEQUENCE_ENTRIES = 5_000;

/**
 * Every endpoint has its own place in the log, so that one that is down holds up no other. Its
 * deliveries and its place are one write: each event becomes one delivery, across crashes.
 */
export function createDispatcher(parts: DispatcherParts): Dispatcher {
  const { store } = parts;
  /** Those that are not disabled, with how far each has read; undefined until it is asked. */
  let live: Map<string, number> | undefined;
  let running: Promise<void> = Promise.resolve();

  const load = async (): Promise<Map<string, number>> => {
    await settleRemoval(store, parts.onRemoved);
    const { items } = await store.scan(WEBHOOKS, { limit: WEBHOOKS_MAX });
    const enabled = items.filter(({ disabledAt }) => disabledAt === undefined);
    const states = await store.transact(
      enabled.map(({ id }) => webhookStateKey(id)),
      (found) => replyOnly(found),
    );
    const { head } = await store.auditLog.bounds();
    // A place beyond the end is of a log that was set back.
    const places = enabled.map(({ id }, place) => {
      const sequence = states[place]?.sequence ?? head.sequence;
      return [id, Math.min(sequence, head.sequence)] as const;
    });
    return new Map(places);
  };
  const run = async (): Promise<void> => {
    live ??= await load();
    const known = live;
    for (const [id, from] of known) {
      const reached = await dispatchTo(id, from, parts);
      if (reached === undefined) known.delete(id);
      else known.set(id, reached);
    }
  };
  return {
    run() {
      const mine = running.then(run);
      running = mine.catch(() => undefined);
      return mine;
    },
    changed() {
      running = running.then(() => {
        live = undefined;
      });
    },
    removing(through, remove) {
      const mine = running.then(async () => {
        // What a crash has left uncounted first: its count would be written over.
        await settleRemoval(store, parts.onRemoved);
        await announceRemoval(through, store);
        // Whatever comes of it: the log may begin later now, and the next look counts that.
        live = undefined;
        await remove();
        live = await load().catch(() => undefined);
      });
      running = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** @returns how far it has read; undefined where it is there no more, or disabled */
async function dispatchTo(
  id: string,
  from: number,
  parts: DispatcherParts,
): Promise<number | undefined> {
  const { store } = parts;
  let read = from;
  for (;;) {
    const { items, next } = await store.auditPage({ after: read, limit: PAGE });
    const last = items.at(-1)?.sequence ?? read;
    if (last === read) return read;
    const taken = await take(id, items, last, parts);
    if (taken === 'full') return read;
    if (taken === 'gone') return undefined;
    read = last;
    if (next === null) return read;
  }
}

/** Deliveries; or there is no room, or no such endpoint. */
type Made = readonly DeliveryRecord[] | 'full' | 'gone';

async function take(
  id: string,
  entries: readonly AuditEntry[],
  last: number,
  { store, clock, onDeliveries }: DispatcherParts,
): Promise<'taken' | 'full' | 'gone'> {
  const now = clock.now();
  const deliveryKeys = entries.map((entry) => deliveryKey(deliveryId(id, entry)));
  const keys = [webhookKey(id), webhookStateKey(id), ...deliveryKeys] as const;
  const made = await store.transact(keys, ([webhook, state]): Decision<Made> => {
    if (webhook === undefined || state === undefined || webhook.disabledAt !== undefined) {
      return replyOnly('gone');
    }
    const events = entries.filter((entry) => isWanted(webhook, state, entry));
    if (state.waiting + events.length > WAITING_MAX) return replyOnly('full');
    const deliveries = events.map((entry) => deliveryOf(id, entry, now));
    const isFar = last - state.sequence >= SEQUENCE_ENTRIES;
    const writes: Write[] = deliveries.map((each) => put(deliveryKey(each.id), each));
    if (writes.length > 0 || isFar) writes.push(put(keys[1], advanced(state, last, events.length)));
    return { ...replyOnly(deliveries), writes };
  });
  if (made === 'gone' || made === 'full') return made;
  onDeliveries(made.map((each) => each.id));
  return 'taken';
}

const advanced = (state: WebhookStateRecord, sequence: number, more: number) => ({
  ...state,
  sequence,
  waiting: state.waiting + more,
});

/** Those behind the endpoint's place, of its types. */
const isWanted = (
  { events }: WebhookRecord,
  { sequence }: WebhookStateRecord,
  entry: AuditEntry,
): boolean => entry.sequence > sequence && (events?.includes(entry.action) ?? true);

const deliveryId = (webhook: string, entry: AuditEntry): string => `${webhook}-${eventId(entry)}`;

const deliveryOf = (webhook: string, entry: AuditEntry, now: UnixMillis): DeliveryRecord => ({
  version: 1,
  id: deliveryId(webhook, entry),
  webhook,
  event: eventId(entry),
  body: eventBody(entry),
  attempts: 0,
  nextAttemptAt: now,
});

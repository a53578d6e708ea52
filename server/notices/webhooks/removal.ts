import { pagesOf } from '../../store/pages.ts';
import { type Decision, put, replyOnly, type Store } from '../../store/port.ts';
import {
  WEBHOOKS,
  WEBHOOKS_MAX,
  type WebhookRecord,
  type WebhookStateRecord,
  webhookKey,
  webhookStateKey,
} from './record.ts';

/**
 * What retention removes from the log before an endpoint has read it: counted while it is there, in
 * the endpoint's own record, and lost to it once it is gone. A crash between the two leaves the
 * count, and the log tells whether it was carried out.
 */

type RemovalStore = Pick<Store, 'scan' | 'transact' | 'auditPage' | 'auditLog'>;

/** Entries read together. */
const PAGE = 500;

/** Says in the record of each endpoint that is behind what a retention up to `through` takes. */
export async function announceRemoval(through: number, store: RemovalStore): Promise<void> {
  for await (const { webhook, state } of endpointsBehind(through, store)) {
    const events = await eventsWithin(webhook, { after: state.sequence, through }, store);
    const key = webhookStateKey(webhook.id);
    await store.transact([key], ([present]) => {
      if (present === undefined) return replyOnly(undefined);
      const announced: WebhookStateRecord = { ...present, removal: { through, events } };
      return { ...replyOnly(undefined), writes: [put(key, announced)] };
    });
  }
}

/** How many events; undefined where nobody has counted them. */
type Gone = number | 'none' | undefined;

/**
 * Counts as lost what the log no longer has, and has the endpoint go on behind it.
 *
 * @param onLost undefined of events whose number nobody has counted
 */
export async function settleRemoval(
  store: RemovalStore,
  onLost: (webhook: string, events: number | undefined) => void,
): Promise<void> {
  const { base } = await store.auditLog.bounds();
  for await (const { webhook } of endpointsBehind(base.sequence, store)) {
    const keys = [webhookKey(webhook.id), webhookStateKey(webhook.id)] as const;
    const lost = await store.transact(keys, ([record, state]): Decision<Gone> => {
      if (record === undefined || state === undefined || state.sequence >= base.sequence) {
        return replyOnly('none');
      }
      const events = eventsGone(record, state, base.sequence);
      return {
        ...replyOnly(events),
        writes: [put(keys[1], withoutRemoved(state, base.sequence, events ?? 0))],
      };
    });
    if (lost !== 'none') onLost(webhook.id, lost);
  }
}

async function* endpointsBehind(
  sequence: number,
  store: Pick<Store, 'scan' | 'transact'>,
): AsyncGenerator<{ readonly webhook: WebhookRecord; readonly state: WebhookStateRecord }, void> {
  for await (const page of pagesOf(store, WEBHOOKS, { limit: WEBHOOKS_MAX })) {
    for (const webhook of page) {
      const [state] = await store.transact([webhookStateKey(webhook.id)], (found) =>
        replyOnly(found),
      );
      if (state !== undefined && state.sequence < sequence) yield { webhook, state };
    }
  }
}

async function eventsWithin(
  { events }: WebhookRecord,
  { after, through }: { readonly after: number; readonly through: number },
  store: Pick<Store, 'auditPage'>,
): Promise<number> {
  if (events === undefined) return through - after;
  let found = 0;
  let read = after;
  for (;;) {
    const { items, next } = await store.auditPage({ after: read, limit: PAGE });
    for (const { sequence, action } of items) {
      if (sequence > through) return found;
      if (events.includes(action)) found += 1;
    }
    read = items.at(-1)?.sequence ?? through;
    if (next === null || read >= through) return found;
  }
}

/** Undefined where the log was cut without a word to an endpoint that takes some types alone. */
function eventsGone(
  { events }: WebhookRecord,
  { sequence, removal }: WebhookStateRecord,
  base: number,
): number | undefined {
  if (removal?.through === base) return removal.events;
  return events === undefined ? base - sequence : undefined;
}

function withoutRemoved(
  { removal: _removal, ...state }: WebhookStateRecord,
  sequence: number,
  events: number,
): WebhookStateRecord {
  return {
    ...state,
    sequence,
    lost: state.lost + events,
    lostToRetention: (state.lostToRetention ?? 0) + events,
  };
}

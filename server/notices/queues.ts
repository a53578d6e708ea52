import type { UnixMillis } from '../../shared/types.ts';
import { pagesOf } from '../store/pages.ts';
import { replyOnly, type Store } from '../store/port.ts';
import { CLASS_OF, type NoticeClass } from './classes.ts';
import { NOTICES, waitsSince } from './record.ts';
import { WEBHOOKS, WEBHOOKS_MAX, type WebhookRecord, webhookStateKey } from './webhooks/record.ts';

/**
 * What waits to be sent, looked at now and again, so that nobody who asks has to look: the mails
 * that wait are read, and the few records of endpoints.
 */

export const ENDPOINT_STATES = ['well', 'failing', 'disabled'] as const;
export type EndpointState = (typeof ENDPOINT_STATES)[number];

/** How it stood when it was last looked at. */
export interface Queues {
  /** Mails that wait; of a class that is not here none does. */
  readonly mails: ReadonlyMap<NoticeClass, number>;
  /** Since when the oldest of them waits. */
  readonly oldestMailAt: UnixMillis | undefined;
  readonly endpoints: ReadonlyMap<EndpointState, number>;
  /** Deliveries that wait, by the state of their endpoint. */
  readonly deliveries: ReadonlyMap<EndpointState, number>;
}

export interface QueueWatch {
  look(): Promise<void>;
  /** Undefined until it was first looked at. */
  last(): Queues | undefined;
  /** Whether a mail waits for longer than `MAIL_WAITS_MILLIS_MAX`. */
  isMailHeldUp(now: UnixMillis): boolean;
}

/**
 * A mail that waits for so long tells of a server that takes none: one that asks for patience has
 * been tried six times by then.
 */
export const MAIL_WAITS_MILLIS_MAX = 3_600_000;

const MAILS_A_PAGE = 500;
/** More than so many are not counted: the queue is not drained, and that is all there is to say. */
const MAILS_MAX = 100_000;

export function createQueueWatch(store: Pick<Store, 'scan' | 'transact'>): QueueWatch {
  let last: Queues | undefined;
  return {
    async look() {
      last = { ...(await lookAtMails(store)), ...(await lookAtEndpoints(store)) };
    },
    last: () => last,
    isMailHeldUp: (now) => isHeldUp(last?.oldestMailAt, now),
  };
}

/** @param at since when the oldest mail waits */
export const isHeldUp = (at: number | undefined, now: number): boolean =>
  at !== undefined && now - at > MAIL_WAITS_MILLIS_MAX;

async function lookAtMails(
  store: Pick<Store, 'scan'>,
): Promise<Pick<Queues, 'mails' | 'oldestMailAt'>> {
  const mails = new Map<NoticeClass, number>();
  let oldestMailAt: UnixMillis | undefined;
  let seen = 0;
  const range = { index: 'state', value: 'queued', limit: MAILS_A_PAGE };
  for await (const page of pagesOf(store, NOTICES, range)) {
    for (const notice of page) {
      more(mails, CLASS_OF[notice.template], 1);
      const since = waitsSince(notice);
      if (oldestMailAt === undefined || since < oldestMailAt) oldestMailAt = since;
    }
    seen += page.length;
    if (seen >= MAILS_MAX) break;
  }
  return { mails, oldestMailAt };
}

async function lookAtEndpoints(
  store: Pick<Store, 'scan' | 'transact'>,
): Promise<Pick<Queues, 'endpoints' | 'deliveries'>> {
  const { items } = await store.scan(WEBHOOKS, { limit: WEBHOOKS_MAX });
  const keys = items.map(({ id }) => webhookStateKey(id));
  const states = await store.transact(keys, (found) => replyOnly(found));
  const endpoints = new Map<EndpointState, number>();
  const deliveries = new Map<EndpointState, number>();
  items.forEach((webhook, place) => {
    const state = stateOf(webhook, states[place]?.failingSince);
    more(endpoints, state, 1);
    more(deliveries, state, states[place]?.waiting ?? 0);
  });
  return { endpoints, deliveries };
}

function stateOf(
  { disabledAt }: WebhookRecord,
  failingSince: UnixMillis | undefined,
): EndpointState {
  if (disabledAt !== undefined) return 'disabled';
  return failingSince === undefined ? 'well' : 'failing';
}

const more = <Name>(counts: Map<Name, number>, name: Name, added: number): void =>
  void counts.set(name, (counts.get(name) ?? 0) + added);

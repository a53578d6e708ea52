import type { Clock } from '../../../shared/clock.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { draftOf } from '../../access/draft.ts';
import { SYSTEM } from '../../access/scopes.ts';
import { type Decision, put, remove, replyOnly, type Store, type Write } from '../../store/port.ts';
import { decrypt } from '../../vault/keys.ts';
import { isDueAt, WAIT_MILLIS_MAX, waitMillisAfter } from '../backoff.ts';
import type { Deliveries } from '../delivery-queue.ts';
import type { NoticeObserver } from '../observer.ts';
import {
  DELIVERIES,
  type DeliveryRecord,
  type DisabledBecause,
  deliveryKey,
  type WebhookRecord,
  type WebhookStateRecord,
  webhookKey,
  webhookStateKey,
} from './record.ts';
import type { Answer, WebhookSender } from './sender.ts';
import { secretContext } from './service.ts';
import { signatures } from './signature.ts';

export interface WebhookDeliveriesParts {
  readonly store: Pick<Store, 'transact' | 'scan'>;
  readonly key: Uint8Array;
  readonly sender: Pick<WebhookSender, 'post'>;
  readonly clock: Clock;
  readonly isStopping: () => boolean;
  /** There is room again for what waits in the log. */
  readonly onRoom: () => void;
  readonly warn: (details: object, message: string) => void;
  readonly observe: Pick<NoticeObserver, 'call' | 'lost'>;
}

const CONCURRENCY = 8;
const PAGE = 200;
/** An endpoint that has done nothing but fail for so long is not tried any more. */
const FAILING_MILLIS_MAX = 3 * 86_400_000;

/** The deliveries that wait: each at least once, in no order that could be relied on. */
export function createWebhookDeliveries(parts: WebhookDeliveriesParts): Deliveries {
  const { store, clock, isStopping, onRoom } = parts;
  return {
    name: 'webhooks',
    concurrency: CONCURRENCY,
    async due(after) {
      const page = await store.scan(DELIVERIES, {
        limit: PAGE,
        ...(after === undefined ? {} : { after }),
      });
      const now = clock.now();
      const due = page.items.filter(({ nextAttemptAt }) => isDueAt(nextAttemptAt, now));
      return { ids: due.map(({ id }) => id), next: page.next };
    },
    async attempt(id) {
      const delivery = await store.transact([deliveryKey(id)], ([record]) => replyOnly(record));
      if (delivery === undefined || !isDueAt(delivery.nextAttemptAt, clock.now())) return;
      const webhook = await store.transact([webhookKey(delivery.webhook)], ([record]) =>
        replyOnly(record),
      );
      const answer = await answerTo(delivery, webhook, parts);
      if (isStopping() && answer?.result === 'failed') return;
      if (answer !== undefined) parts.observe.call(answer.result);
      await settle(delivery, answer, parts);
      onRoom();
    },
  };
}

/** `undefined` where the endpoint is gone, or is to get nothing now. */
async function answerTo(
  { event, body }: DeliveryRecord,
  webhook: WebhookRecord | undefined,
  { key, sender, clock }: WebhookDeliveriesParts,
): Promise<Answer | undefined> {
  if (webhook === undefined || webhook.disabledAt !== undefined) return undefined;
  const { id, url, allowsPrivate = false } = webhook;
  const now = clock.now();
  const secrets = webhook.secrets
    .filter(({ until }) => until === undefined || now < until)
    .map(({ sealed }) => decrypt(key, sealed, secretContext(id)))
    .filter((secret) => secret !== undefined);
  if (secrets.length === 0) return { result: 'failed', failure: 'its secret cannot be opened' };
  const timestamp = Math.floor(now / 1000);
  const headers = {
    'fobd-webhook-id': event,
    'fobd-webhook-timestamp': String(timestamp),
    'fobd-webhook-signature': signatures(secrets, { id: event, timestamp, body }),
  };
  for (const secret of secrets) secret.fill(0);
  return sender.post({ url, allowsPrivate, headers, body });
}

/** What became of it, for whoever looks after fobd. */
type Ended = 'lost' | DisabledBecause | undefined;

async function settle(
  { id, webhook }: DeliveryRecord,
  answer: Answer | undefined,
  { store, clock, warn, observe }: WebhookDeliveriesParts,
): Promise<void> {
  const now = clock.now();
  const keys = [deliveryKey(id), webhookKey(webhook), webhookStateKey(webhook)] as const;
  const ended = await store.transact(keys, ([delivery, record, state]): Decision<Ended> => {
    if (delivery === undefined) return replyOnly(undefined);
    const gone = remove(keys[0]);
    if (record === undefined || state === undefined) {
      return { ...replyOnly(undefined), writes: [gone] };
    }
    if (answer === undefined) {
      const isDisabled = record.disabledAt !== undefined;
      const writes = isDisabled ? [put(keys[0], postponed(delivery, now))] : [];
      return { ...replyOnly(undefined), writes };
    }
    if (answer.result === 'taken') {
      return { ...replyOnly(undefined), writes: [gone, put(keys[2], afterSuccess(state, now))] };
    }
    return afterFailedCall(answer, { delivery, record, state }, now);
  });
  if (ended === 'lost') {
    observe.lost('failing', 1);
    warn({ webhook }, 'an event could not be delivered for three days');
  } else if (ended !== undefined) {
    warn({ webhook, because: ended }, 'a webhook is disabled');
  }
}

/** While its endpoint is disabled: it is looked at again now and then, and waits. */
const postponed = (delivery: DeliveryRecord, now: UnixMillis): DeliveryRecord => ({
  ...delivery,
  nextAttemptAt: (now + WAIT_MILLIS_MAX) as UnixMillis,
});

/** It is tried again, or lost; and its endpoint may be disabled, which loses nothing else. */
function afterFailedCall(
  answer: Exclude<Answer, { readonly result: 'taken' }>,
  { delivery, record, state }: Settled,
  now: UnixMillis,
): Decision<Ended> {
  const failing = afterFailure(state, answer, now);
  const attempts = delivery.attempts + 1;
  const wait = waitMillisAfter(attempts);
  const key = deliveryKey(delivery.id);
  const stateKey = webhookStateKey(record.id);
  const writes: Write[] =
    wait === undefined
      ? [remove(key), put(stateKey, { ...oneLess(failing), lost: state.lost + 1 })]
      : [
          put(key, { ...delivery, attempts, nextAttemptAt: (now + wait) as UnixMillis }),
          put(stateKey, failing),
        ];
  const because = record.disabledAt === undefined ? disabledBy(answer, failing, now) : undefined;
  if (because === undefined) {
    return { ...replyOnly(wait === undefined ? 'lost' : undefined), writes };
  }
  writes.push(put(webhookKey(record.id), { ...record, disabledAt: now, disabledBecause: because }));
  const details = { webhook: record.id, because };
  const draft = draftOf({ principal: SYSTEM, now }, 'disableWebhook', { details });
  return { writes, auditDrafts: [draft], reply: because };
}

interface Settled {
  readonly delivery: DeliveryRecord;
  readonly record: WebhookRecord;
  readonly state: WebhookStateRecord;
}

const oneLess = (state: WebhookStateRecord): WebhookStateRecord => ({
  ...state,
  waiting: Math.max(0, state.waiting - 1),
});

function afterSuccess(state: WebhookStateRecord, now: UnixMillis): WebhookStateRecord {
  const { failingSince: _since, lastFailure: _failure, ...rest } = oneLess(state);
  return { ...rest, delivered: state.delivered + 1, lastDeliveredAt: now };
}

/** What seems to fail since a later moment was written before the clock was set back. */
const afterFailure = (
  state: WebhookStateRecord,
  answer: Exclude<Answer, { readonly result: 'taken' }>,
  now: UnixMillis,
): WebhookStateRecord => ({
  ...state,
  lastFailure: answer.result === 'failed' ? answer.failure : 'status 410',
  failingSince: Math.min(state.failingSince ?? now, now) as UnixMillis,
});

function disabledBy(
  { result }: Answer,
  { failingSince }: WebhookStateRecord,
  now: UnixMillis,
): DisabledBecause | undefined {
  if (result === 'gone') return 'gone';
  const isLasting = failingSince !== undefined && now - failingSince >= FAILING_MILLIS_MAX;
  return isLasting ? 'failing' : undefined;
}

import { FobtwinError, invalidInput } from '../../../shared/errors.ts';
import type { Rng } from '../../../shared/rng.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { draftOf } from '../../access/draft.ts';
import type { Caller } from '../../access/scopes.ts';
import { put, type RecordsOf, remove, replyOnly, type Store } from '../../store/port.ts';
import { encrypt } from '../../vault/keys.ts';
import { checkWebhookUrl } from './address.ts';
import type { WebhookDetail, WebhookService } from './port.ts';
import {
  DELIVERIES,
  deliveryKey,
  type SealedSecret,
  WEBHOOKS,
  WEBHOOKS_MAX,
  type WebhookRecord,
  type WebhookStateRecord,
  webhookKey,
  webhookStateKey,
} from './record.ts';
import { formatSecret, WEBHOOK_SECRET_BYTES } from './signature.ts';

export interface WebhookServiceParts {
  readonly store: Pick<Store, 'scan' | 'transact' | 'auditLog'>;
  /** 32 bytes, derived from the root key for `webhooks`. */
  readonly key: Uint8Array;
  readonly rng: Rng;
  /** One has come, gone or changed. */
  readonly onChange: () => void;
}

const ID_BYTES = 8;
const DAY_MILLIS = 86_400_000;
const OVERLAP_MILLIS_MAX = 30 * DAY_MILLIS;
const PAGE = 200;

export const secretContext = (id: string): string => `fobd/webhook/v1/${id}`;

type Part<Names extends keyof WebhookService> = Pick<WebhookService, Names>;

export function createWebhookService(parts: WebhookServiceParts): WebhookService {
  return { ...createAdding(parts), ...createChanges(parts), ...createRemoval(parts) };
}

const unknownWebhook = (): FobtwinError =>
  new FobtwinError('notFound', 'There is no such webhook.', {
    nextStep: 'Take an id that `fobd webhook list` shows.',
  });

function createAdding({ store, key, rng, onChange }: WebhookServiceParts): Part<'add' | 'list'> {
  const list = async (): Promise<readonly WebhookDetail[]> => {
    const { items } = await store.scan(WEBHOOKS, { limit: WEBHOOKS_MAX });
    const keys = items.map(({ id }) => webhookStateKey(id));
    const states = await store.transact(keys, (found) => replyOnly(found));
    return items.flatMap((webhook, place) => {
      const state = states[place];
      return state === undefined ? [] : [{ webhook, state }];
    });
  };
  let adding: Promise<unknown> = Promise.resolve();
  const addOne: WebhookService['add'] = async ({ url, events, allowsPrivate = false }, caller) => {
    if ((await list()).length >= WEBHOOKS_MAX) throw tooMany();
    const id = Buffer.from(rng.bytes(ID_BYTES)).toString('hex');
    const secret = rng.bytes(WEBHOOK_SECRET_BYTES);
    // Events from here on, this very addition the first of them.
    const { sequence } = (await store.auditLog.bounds()).head;
    const webhook: WebhookRecord = {
      version: 1,
      id,
      url: new URL(url).href,
      ...(events === undefined ? {} : { events: [...new Set(events)] }),
      ...(allowsPrivate ? { allowsPrivate } : {}),
      secrets: [{ sealed: encrypt(key, secret, secretContext(id), rng) }],
      createdAt: caller.now,
    };
    const state: WebhookStateRecord = {
      version: 1,
      sequence,
      waiting: 0,
      delivered: 0,
      lost: 0,
    };
    const keys = [webhookKey(id), webhookStateKey(id)] as const;
    await store.transact(keys, () => ({
      writes: [put(keys[0], webhook), put(keys[1], state)],
      auditDrafts: [draftOf(caller, 'addWebhook', { details: aboutOf(webhook) })],
      reply: undefined,
    }));
    onChange();
    return { webhook, state, secret: formatSecret(secret) };
  };
  return {
    list,
    async add(wanted, caller) {
      checkWebhookUrl(wanted.url, { allowsPrivate: wanted.allowsPrivate === true });
      // One after the other: each counts those before it.
      const mine = adding.then(() => addOne(wanted, caller));
      adding = mine.catch(() => undefined);
      return mine;
    },
  };
}

const tooMany = (): FobtwinError =>
  new FobtwinError('notAllowedNow', `There are ${WEBHOOKS_MAX} webhooks already.`, {
    nextStep: 'Remove one: fobd webhook remove ID.',
  });

/** Which one, and at whose address; a path may hold what only its receiver should know. */
const aboutOf = ({ id, url }: WebhookRecord) => ({ webhook: id, origin: new URL(url).origin });

function createChanges({
  store,
  key,
  rng,
  onChange,
}: WebhookServiceParts): Part<'rotate' | 'enable'> {
  return {
    async rotate(id, { overlapMillis = DAY_MILLIS }, caller) {
      if (!(overlapMillis <= OVERLAP_MILLIS_MAX)) {
        throw invalidInput('/overlap', 'tooLarge', 'An overlap is at most 30 days.');
      }
      const secret = rng.bytes(WEBHOOK_SECRET_BYTES);
      const sealed = encrypt(key, secret, secretContext(id), rng);
      const detail = await change(id, 'rotateWebhook', caller, store, ({ webhook, state }) => {
        const until = (caller.now + overlapMillis) as UnixMillis;
        return { webhook: { ...webhook, secrets: rotated(webhook, sealed, until) }, state };
      });
      return { ...detail, secret: formatSecret(secret) };
    },

    async enable(id, caller) {
      const detail = await change(id, 'enableWebhook', caller, store, ({ webhook, state }) => {
        const { disabledAt, disabledBecause: _because, ...rest } = webhook;
        if (disabledAt === undefined) {
          throw new FobtwinError('notAllowedNow', 'The webhook is not disabled.');
        }
        const { failingSince: _since, ...calm } = state;
        return { webhook: rest, state: calm };
      });
      await makeDue(id, caller.now, store);
      onChange();
      return detail;
    },
  };
}

/** Two sign at most: of an earlier rotation nothing is left. */
function rotated(
  { secrets }: WebhookRecord,
  sealed: string,
  until: UnixMillis,
): readonly SealedSecret[] {
  const [present] = secrets;
  return [{ sealed }, ...(present === undefined ? [] : [{ ...present, until }])];
}

async function change(
  id: string,
  action: string,
  caller: Caller,
  store: WebhookServiceParts['store'],
  make: (before: WebhookDetail) => WebhookDetail,
): Promise<WebhookDetail> {
  const keys = [webhookKey(id), webhookStateKey(id)] as const;
  return store.transact(keys, ([webhook, state]) => {
    const after = make(known(webhook, state));
    return {
      writes: [put(keys[0], after.webhook), put(keys[1], after.state)],
      auditDrafts: [draftOf(caller, action, { details: aboutOf(after.webhook) })],
      reply: after,
    };
  });
}

type Found = RecordsOf<
  readonly [ReturnType<typeof webhookKey>, ReturnType<typeof webhookStateKey>]
>;

function known(...[webhook, state]: Found): WebhookDetail {
  if (webhook === undefined || state === undefined) throw unknownWebhook();
  return { webhook, state };
}

function createRemoval({ store, onChange }: WebhookServiceParts): Part<'remove'> {
  return {
    async remove(id, caller) {
      const keys = [webhookKey(id), webhookStateKey(id)] as const;
      const detail = await store.transact(keys, ([webhook, state]) => {
        const before = known(webhook, state);
        return {
          writes: [remove(keys[0]), remove(keys[1])],
          auditDrafts: [draftOf(caller, 'removeWebhook', { details: aboutOf(before.webhook) })],
          reply: before,
        };
      });
      onChange();
      await removeDeliveries(id, store);
      return detail;
    },
  };
}

/** What waits for an endpoint; a crash in the midst of it leaves the others waiting for an hour. */
async function makeDue(
  id: string,
  now: UnixMillis,
  store: WebhookServiceParts['store'],
): Promise<void> {
  let after: string | undefined;
  do {
    const range = { index: 'webhook', value: id, limit: PAGE };
    const { items, next } = await store.scan(
      DELIVERIES,
      after === undefined ? range : { ...range, after },
    );
    const keys = items.map((each) => deliveryKey(each.id));
    await store.transact(keys, (found) => ({
      ...replyOnly(undefined),
      writes: found.flatMap((each, place) => {
        const key = keys[place];
        if (each === undefined || key === undefined) return [];
        return [put(key, { ...each, nextAttemptAt: now })];
      }),
    }));
    after = next ?? undefined;
  } while (after !== undefined);
}

/** What a crash leaves of them is removed when its turn would come. */
async function removeDeliveries(id: string, store: WebhookServiceParts['store']): Promise<void> {
  for (;;) {
    const range = { index: 'webhook', value: id, limit: PAGE };
    const { items } = await store.scan(DELIVERIES, range);
    if (items.length === 0) return;
    const keys = items.map((each) => deliveryKey(each.id));
    await store.transact(keys, () => ({ ...replyOnly(undefined), writes: keys.map(remove) }));
  }
}

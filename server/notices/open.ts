import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';
import type { Rng } from '../../shared/rng.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { Store } from '../store/port.ts';
import { deriveKey } from '../vault/keys.ts';
import { CLASS_OF } from './classes.ts';
import { type DeliveryQueue, type QueueLog, startDeliveryQueue } from './delivery-queue.ts';
import { createFollower } from './follower.ts';
import { createMailServer, type MailServer } from './mail-server.ts';
import { type NoticeObserver, UNOBSERVED } from './observer.ts';
import type { MailOptions } from './options.ts';
import { createOutbox } from './outbox.ts';
import type { NoticeService, NoticeWriter } from './port.ts';
import { createQueueWatch, type QueueWatch } from './queues.ts';
import type { NoticeRecord } from './record.ts';
import { createNoticeService } from './service.ts';
import { createWebhookDeliveries } from './webhooks/deliveries.ts';
import { createDispatcher } from './webhooks/dispatcher.ts';
import type { WebhookService } from './webhooks/port.ts';
import { createWebhookSender, type WebhookSender } from './webhooks/sender.ts';
import { createWebhookService } from './webhooks/service.ts';
import { createNoticeWriter } from './writer.ts';

/** The room put together: what writes mails, what sends them, and what follows the audit log. */

export interface NoticesParts {
  readonly store: Store;
  readonly lab: boolean;
  /** Undefined: what is written waits for a mail server. */
  readonly mail: MailOptions | undefined;
  readonly clock: Clock;
  /** 32 bytes: keys are derived from it before this returns. */
  readonly rootKey: Uint8Array;
  readonly rng: Rng;
  readonly log: NoticesLog;
  /** Default: nobody counts. */
  readonly observe?: NoticeObserver | undefined;
}

export interface NoticesLog extends QueueLog {
  warn?(details: object, message: string): void;
}

/** Sends while fobd serves. */
export interface NoticeSending {
  readonly name: string;
  /** Resolves once nothing that is decided from now on can go untold. */
  listen(): Promise<void>;
  /** Begins no more; resolves when what is under way has come to its end, or was cut off. */
  close(): Promise<void>;
}

export interface Notices {
  readonly writer: NoticeWriter;
  readonly service: NoticeService;
  readonly webhooks: WebhookService;
  /** What the audit log tells becomes notices. */
  readonly job: { readonly name: string; run(now: UnixMillis): Promise<void> };
  readonly sending: NoticeSending;
  /** What waits, as it was when it was last looked at. */
  readonly queues: QueueWatch;
  /** Retention of the audit log goes through it: see `Dispatcher.removing`. */
  removing(through: number, remove: () => Promise<void>): Promise<void>;
}

export function openNotices(parts: NoticesParts): Notices {
  const { store, lab, mail, rootKey, rng, observe = UNOBSERVED } = parts;
  const key = deriveKey(rootKey, 'notices');
  const webhookKey = deriveKey(rootKey, 'webhooks');
  const worker = new Sending({ ...parts, key, webhookKey, observe });
  const sealing = { key, rng, lab };
  const onWritten = ({ id, template, state }: NoticeRecord): void => {
    observe.mail(CLASS_OF[template], state);
    if (state === 'queued') worker.nudgeMail(id);
  };
  const writer = createNoticeWriter({ ...sealing, onWritten });
  const follower = createFollower({ store, writer, isOn: lab || mail !== undefined });
  worker.follow = follower;
  // A lab is followed from the first moment on, whoever serves it. A store that takes no writes
  // says so to whoever wants to write.
  if (lab) follower.begin().catch(() => undefined);
  return {
    writer,
    service: createNoticeService({
      ...parts,
      key,
      onQueued: onWritten,
      follow: () => follower.run(),
    }),
    webhooks: createWebhookService({
      ...parts,
      key: webhookKey,
      onChange: () => worker.webhooksChanged(),
    }),
    job: { name: 'notices of the audit log', run: () => follower.run() },
    sending: worker,
    queues: createQueueWatch(store),
    removing: (through, remove) => worker.removing(through, remove),
  };
}

type Follow = Pick<ReturnType<typeof createFollower>, 'begin' | 'run'>;

/** Entries that become durable within so long are looked at together: milliseconds. */
const GATHER_MILLIS = 200;
/** What a stopping fobd is in the midst of sending may take so long: milliseconds. */
const STOP_MILLIS_MAX = 5_000;

interface SendingParts extends NoticesParts {
  readonly key: Uint8Array;
  readonly webhookKey: Uint8Array;
  readonly observe: NoticeObserver;
}

class Sending implements NoticeSending {
  readonly name = 'notices';
  follow: Follow | undefined;
  readonly #parts: SendingParts;
  readonly #dispatcher: ReturnType<typeof createDispatcher>;
  readonly #ending = new AbortController();
  #mailServer: MailServer | undefined;
  #webhookSender: WebhookSender | undefined;
  #mails: DeliveryQueue | undefined;
  #calls: DeliveryQueue | undefined;
  #unlisten: () => void = () => undefined;
  #work: Promise<void> | undefined;
  #isWanted = false;

  constructor(parts: SendingParts) {
    this.#parts = parts;
    this.#dispatcher = createDispatcher({
      ...parts,
      onDeliveries: (ids) => {
        for (const id of ids) this.#calls?.nudge(id);
      },
      onRemoved: (webhook, events) => this.#tellRemoved(webhook, events),
    });
  }

  nudgeMail(id: string): void {
    this.#mails?.nudge(id);
  }

  webhooksChanged(): void {
    this.#dispatcher.changed();
    this.#look();
  }

  removing(through: number, remove: () => Promise<void>): Promise<void> {
    return this.#dispatcher.removing(through, remove);
  }

  #tellRemoved(webhook: string, events: number | undefined): void {
    const { log, observe } = this.#parts;
    if (events !== undefined) observe.lost('retention', events);
    if (events === 0) return;
    log.warn?.({ webhook, events }, 'the audit log was cut before a webhook had read it');
  }

  async listen(): Promise<void> {
    const { store, log, mail, lab, key, webhookKey, clock, observe } = this.#parts;
    await this.follow?.begin();
    const isStopping = () => this.#ending.signal.aborted;
    if (mail !== undefined && !lab) {
      const server = createMailServer(mail);
      const { connections } = mail;
      const outbox = createOutbox({ store, key, server, connections, clock, isStopping, observe });
      this.#mailServer = server;
      this.#mails = startDeliveryQueue(outbox, { log });
    }
    const sender = createWebhookSender();
    this.#webhookSender = sender;
    const deliveries = createWebhookDeliveries({
      ...{ store, key: webhookKey, sender, clock, isStopping, observe },
      onRoom: () => this.#look(),
      warn: (details, message) => log.warn?.(details, message),
    });
    this.#calls = startDeliveryQueue(deliveries, { log });
    this.#unlisten = store.auditLog.onDurable(() => this.#look());
    this.#look();
  }

  /** Soon, and once however often it is said meanwhile. */
  #look(): void {
    this.#isWanted = true;
    if (this.#calls === undefined || this.#ending.signal.aborted) return;
    this.#work ??= this.#lookAll().finally(() => {
      this.#work = undefined;
      if (this.#isWanted) this.#look();
    });
  }

  async #lookAll(): Promise<void> {
    const { signal } = this.#ending;
    await delay(GATHER_MILLIS, undefined, { signal, ref: false }).catch(() => undefined);
    this.#isWanted = false;
    if (signal.aborted) return;
    try {
      await this.follow?.run();
      await this.#dispatcher.run();
    } catch (err) {
      if (!signal.aborted) this.#parts.log.error({ err }, 'the audit log could not be followed');
    }
  }

  async close(): Promise<void> {
    this.#ending.abort();
    this.#unlisten();
    const cutOff = setTimeout(() => {
      this.#mailServer?.close();
      void this.#webhookSender?.close();
    }, STOP_MILLIS_MAX);
    await Promise.all([this.#work, this.#mails?.stop(), this.#calls?.stop()]);
    clearTimeout(cutOff);
    this.#mailServer?.close();
    await this.#webhookSender?.close();
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';
import type { Rng } from '../../shared/rng.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { Store } from '../store/port.ts';
import { deriveKey } from '../vault/keys.ts';
import { type DeliveryQueue, type QueueLog, startDeliveryQueue } from './delivery-queue.ts';
import { createFollower } from './follower.ts';
import { createMailServer, type MailServer } from './mail-server.ts';
import type { MailOptions } from './options.ts';
import { createOutbox } from './outbox.ts';
import type { NoticeService, NoticeWriter } from './port.ts';
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
}

export function openNotices(parts: NoticesParts): Notices {
  const { store, lab, mail, rootKey, rng } = parts;
  const key = deriveKey(rootKey, 'notices');
  const webhookKey = deriveKey(rootKey, 'webhooks');
  const worker = new Sending({ ...parts, key, webhookKey });
  const sealing = { key, rng, lab };
  const writer = createNoticeWriter({ ...sealing, onQueued: (id) => worker.nudgeMail(id) });
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
      onQueued: (id) => worker.nudgeMail(id),
      follow: () => follower.run(),
    }),
    webhooks: createWebhookService({
      ...parts,
      key: webhookKey,
      onChange: () => worker.webhooksChanged(),
    }),
    job: { name: 'notices of the audit log', run: () => follower.run() },
    sending: worker,
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
    });
  }

  nudgeMail(id: string): void {
    this.#mails?.nudge(id);
  }

  webhooksChanged(): void {
    this.#dispatcher.changed();
    this.#look();
  }

  async listen(): Promise<void> {
    const { store, log, mail, lab, key, webhookKey, clock } = this.#parts;
    await this.follow?.begin();
    const isStopping = () => this.#ending.signal.aborted;
    if (mail !== undefined && !lab) {
      const server = createMailServer(mail);
      const { connections } = mail;
      const outbox = createOutbox({ store, key, server, connections, clock, isStopping });
      this.#mailServer = server;
      this.#mails = startDeliveryQueue(outbox, { log });
    }
    const sender = createWebhookSender();
    this.#webhookSender = sender;
    const deliveries = createWebhookDeliveries({
      ...{ store, key: webhookKey, sender, clock, isStopping },
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

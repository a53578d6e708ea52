import type { UnixMillis } from '../../../shared/types.ts';
import { type Key, type Kind, keyOf } from '../../store/port.ts';

/** Endpoints at a time. */
export const WEBHOOKS_MAX = 20;

/** A secret that signs, under a key that is not in the store. */
export interface SealedSecret {
  readonly sealed: string;
  /** From this moment on it signs no more; absent: the present one. */
  readonly until?: UnixMillis;
}

/** Where events are delivered to. */
export interface WebhookRecord {
  readonly version: 1;
  /** 16 lower-case hexadecimal digits. */
  readonly id: string;
  readonly url: string;
  /** Types of events, as the audit log names its actions; absent: all. */
  readonly events?: readonly string[];
  /** It may be reached at a private address. */
  readonly allowsPrivate?: true;
  /** The newest first: both sign while a rotation's overlap lasts. */
  readonly secrets: readonly SealedSecret[];
  readonly createdAt: UnixMillis;
  /** Nothing is delivered since: it had failed for too long, or says that it is gone. */
  readonly disabledAt?: UnixMillis;
  readonly disabledBecause?: DisabledBecause;
}

/** `gone`: it answered 410. */
export type DisabledBecause = 'failing' | 'gone';

export const WEBHOOKS: Kind<WebhookRecord> = {
  name: 'webhook',
  indexes: [],
  indexValues: () => [],
};

/** A webhook's hot record: how far it is, and how it does. */
export interface WebhookStateRecord {
  readonly version: 1;
  /** Audit entries up to this one have become deliveries, or were none of its events. */
  readonly sequence: number;
  /** Deliveries that wait. */
  readonly waiting: number;
  readonly delivered: number;
  /** Given up after three days, or removed from the log unread. */
  readonly lost: number;
  /** Of these: removed by retention. Default 0. */
  readonly lostToRetention?: number;
  /** A retention that is under way up to this entry takes so many of its events. */
  readonly removal?: { readonly through: number; readonly events: number };
  readonly lastDeliveredAt?: UnixMillis;
  /** Since when every attempt has failed. */
  readonly failingSince?: UnixMillis;
  readonly lastFailure?: string;
}

export const WEBHOOK_STATES: Kind<WebhookStateRecord> = {
  name: 'webhookState',
  indexes: [],
  indexValues: () => [],
};

/** One event for one endpoint; removed when it was delivered or given up. */
export interface DeliveryRecord {
  readonly version: 1;
  readonly id: string;
  readonly webhook: string;
  /** The event's, the same for every endpoint and however often it is sent. */
  readonly event: string;
  /** What is sent, byte for byte at each attempt. */
  readonly body: string;
  readonly attempts: number;
  readonly nextAttemptAt: UnixMillis;
}

export const DELIVERIES: Kind<DeliveryRecord> = {
  name: 'webhookDelivery',
  indexes: ['webhook'],
  indexValues: (_index, { webhook }) => [webhook],
};

export const WEBHOOK_KINDS = [WEBHOOKS, WEBHOOK_STATES, DELIVERIES] as readonly Kind<unknown>[];

export const webhookKey = (id: string): Key<WebhookRecord> => keyOf(WEBHOOKS, id);
export const webhookStateKey = (id: string): Key<WebhookStateRecord> => keyOf(WEBHOOK_STATES, id);
export const deliveryKey = (id: string): Key<DeliveryRecord> => keyOf(DELIVERIES, id);

import type { AccountId, UnixMillis } from '../../shared/types.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';
import type { NoticeTemplate } from './templates/catalogue.ts';

/** `queued` until the mail server has taken it; `failed` when it was tried to the end. */
export const NOTICE_STATES = ['queued', 'sent', 'captured', 'failed', 'undeliverable'] as const;
export type NoticeState = (typeof NOTICE_STATES)[number];

/** One mail to be sent, to one address or several. It is kept when it was sent. */
export interface NoticeRecord {
  readonly version: 1;
  /** Says what it is about, and that it is the only one: `SO-10001-1-1:expiryReminder:30`. */
  readonly id: string;
  readonly template: NoticeTemplate;
  readonly to: readonly string[];
  readonly account?: AccountId;
  readonly at: UnixMillis;
  /** When it was put into the queue again; absent: never. */
  readonly queuedAt?: UnixMillis;
  /** What the template shows. */
  readonly values: Readonly<Record<string, string>>;
  /** Likewise what nobody else may read: encrypted; taken away once it was sent. */
  readonly sealed?: string;
  readonly state: NoticeState;
  readonly attempts: number;
  /** While it is queued. */
  readonly nextAttemptAt?: UnixMillis;
  readonly sentAt?: UnixMillis;
  /** Of several addresses those that need no further attempt: taken, or refused for good. */
  readonly taken?: readonly string[];
  readonly refused?: readonly string[];
  /** Of the last failure, without addresses. */
  readonly failure?: string;
}

export const NOTICES: Kind<NoticeRecord> = {
  name: 'notice',
  indexes: ['state', 'account', 'captured'],
  indexValues(index, { state, account, at }) {
    if (index === 'state') return [state];
    if (index === 'captured') return state === 'captured' ? [monthOf(at)] : [];
    return account === undefined ? [] : [account];
  },
};

/** The month of `at` in UTC, by which a lab's mails are found in order: `2027-01`. */
export const monthOf = (at: UnixMillis): string => new Date(at).toISOString().slice(0, 7);

/** Since when it waits, while it is queued. */
export const waitsSince = ({ queuedAt, at }: Pick<NoticeRecord, 'queuedAt' | 'at'>): UnixMillis =>
  queuedAt ?? at;

export const noticeKey = (id: string): Key<NoticeRecord> => keyOf(NOTICES, id);

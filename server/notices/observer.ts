import type { NoticeClass } from './classes.ts';
import type { NoticeState } from './record.ts';

/** Why an endpoint never gets an event: three days of failing, or it was removed from the log. */
export type LostBecause = 'failing' | 'retention';

/** Told of mails and webhooks, so that they can be counted. What it does must not throw. */
export interface NoticeObserver {
  /** A mail is in this state from now on. `queued` and `undeliverable`: as it was decided on. */
  mail(about: NoticeClass, state: NoticeState): void;
  /** An endpoint was called, and this came of it. */
  call(result: 'taken' | 'gone' | 'failed'): void;
  /** So many events that an endpoint will never get. */
  lost(because: LostBecause, events: number): void;
}

/** For whoever counts nothing: a command that opens the rooms for itself. */
export const UNOBSERVED: NoticeObserver = {
  mail: () => undefined,
  call: () => undefined,
  lost: () => undefined,
};

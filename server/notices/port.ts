import type { AccountId, UnixMillis } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { AccountRecord } from '../accounts/record.ts';
import type { Write } from '../store/port.ts';
import type { NoticeRecord, NoticeState } from './record.ts';
import type { NoticeTemplate } from './templates/catalogue.ts';

/** What is to be written to somebody. */
export interface NoticeDraft {
  /**
   * 1 to 200 characters; the same id is the same mail, written once. The Message-ID is made of it,
   * so that a reader's program knows a second copy.
   */
  readonly id: string;
  readonly template: NoticeTemplate;
  /** Without one it is recorded as `undeliverable`. */
  readonly to: readonly string[];
  readonly account?: AccountId | undefined;
  readonly at: UnixMillis;
  readonly values: Readonly<Record<string, string>>;
  /** A licence key, a code: encrypted in the store, and gone from it once it was sent. */
  readonly secrets?: Readonly<Record<string, string>> | undefined;
}

/**
 * Writes mails into the outbox within somebody else's decision: give `noticeKey(id)` to `transact`
 * and put what `write` answers among the decision's writes.
 */
export interface NoticeWriter {
  /**
   * None where it is written already.
   *
   * @param present the record of `noticeKey(draft.id)` as the decision finds it
   */
  write(draft: NoticeDraft, present: NoticeRecord | undefined): Write[];
}

/** A mail as people see it, its secrets only in a lab. */
export interface NoticeView {
  readonly notice: NoticeRecord;
  readonly messageId: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface NoticeService {
  list(query: {
    readonly account?: AccountId | undefined;
    readonly state?: NoticeState | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  }): Promise<{ readonly items: readonly NoticeRecord[]; readonly next: string | null }>;
  /** As its reader sees it, but without its secrets. @throws FobtwinError `notFound` */
  get(id: string): Promise<NoticeView>;
  /** Tries one again that has failed. @throws FobtwinError `notFound`, `notAllowedNow` */
  retry(id: string, caller: Caller): Promise<NoticeRecord>;
  /** In a lab: what was captured, as its reader would see it, in order of time. */
  captured(query: { readonly after?: string | undefined; readonly limit: number }): Promise<{
    readonly items: readonly NoticeView[];
    readonly next: string | null;
  }>;
}

/** Where an account is written to: none where it has no address. */
export const addressesOf = ({ email }: Pick<AccountRecord, 'email'>): readonly string[] =>
  email === undefined ? [] : [email];

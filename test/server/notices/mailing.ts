import { randomBytes } from 'node:crypto';
import type { Caller } from '../../../server/access/scopes.ts';
import type { AuditDraft } from '../../../server/audit/entry.ts';
import { KINDS } from '../../../server/kinds.ts';
import type { NoticeObserver } from '../../../server/notices/observer.ts';
import { type Notices, openNotices } from '../../../server/notices/open.ts';
import { createMailOptions, MAIL_FILE, type MailOptions } from '../../../server/notices/options.ts';
import type { NoticeDraft } from '../../../server/notices/port.ts';
import { type NoticeRecord, noticeKey } from '../../../server/notices/record.ts';
import { openMemoryStore } from '../../../server/store/memory.ts';
import { replyOnly, type Store, type Write } from '../../../server/store/port.ts';
import type { AccountId, UnixMillis } from '../../../shared/types.ts';

/** The room over a store in memory, with a clock that a test moves. */

export const START = Date.UTC(2027, 2, 14, 9, 30) as UnixMillis;
export const JENNIFER = 'jennifer' as AccountId;
export const CALLER: Caller = { principal: { actor: 'test', scopes: new Set() }, now: START };

export interface Mailing extends Notices {
  readonly store: Store;
  readonly clock: { at: UnixMillis };
  readonly logged: string[];
  write(draft: NoticeDraft): Promise<void>;
  record(draft: AuditDraft, ...writes: Write[]): Promise<void>;
  notice(id: string): Promise<NoticeRecord | undefined>;
  /** Resolves with the notice once `is` holds of it. */
  until(id: string, is: (notice: NoticeRecord) => boolean): Promise<NoticeRecord>;
  close(): Promise<void>;
}

export const mailTo = (port: number, more: object = {}): MailOptions =>
  createMailOptions(
    MAIL_FILE.schema.parse({
      host: '127.0.0.1',
      port,
      security: 'none',
      from: 'otp@example.com',
      fromName: 'Fob Desk',
      connectSeconds: 1,
      silenceSeconds: 1,
      attemptSeconds: 3,
      ...more,
    }),
    '/nowhere/mail.json',
  );

export async function openMailing(
  options: {
    readonly mail?: MailOptions;
    readonly lab?: boolean;
    readonly store?: Store;
    readonly observe?: NoticeObserver;
  } = {},
): Promise<Mailing> {
  const writer = '0123456789abcdef';
  const { store = await openMemoryStore({ kinds: KINDS, writer, auditKey: new Uint8Array(32) }) } =
    options;
  const clock = { at: START };
  const logged: string[] = [];
  const note = (_details: object, message: string) => void logged.push(message);
  const notices = openNotices({
    store,
    lab: options.lab ?? false,
    mail: options.mail,
    clock: { now: () => clock.at },
    rootKey: new Uint8Array(32).fill(7),
    rng: { bytes: (length) => randomBytes(length), uniform: () => 0.5 },
    log: { error: note, warn: note },
    observe: options.observe,
  });
  const notice = (id: string) => store.transact([noticeKey(id)], ([record]) => replyOnly(record));
  return {
    ...notices,
    store,
    clock,
    logged,
    notice,
    write: (draft) =>
      store.transact([noticeKey(draft.id)], ([present]) => ({
        ...replyOnly(undefined),
        writes: notices.writer.write(draft, present),
      })),
    record: (draft, ...writes) =>
      store.transact(
        writes.map(({ key }) => key),
        () => ({ writes, auditDrafts: [draft], reply: undefined }),
      ),
    async until(id, is) {
      for (;;) {
        const found = await notice(id);
        if (found !== undefined && is(found)) return found;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async close() {
      await notices.sending.close();
      await store.close();
    },
  };
}

export const registered = (id: string, more: Partial<NoticeDraft> = {}): NoticeDraft => ({
  id,
  template: 'tokenRegistered',
  to: ['jennifer@example.com'],
  account: JENNIFER,
  at: START,
  values: { serial: 'FT00000001', at: new Date(START).toISOString() },
  ...more,
});

import { FobtwinError } from '../../shared/errors.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { type AccountRecord, accountKey, NO_ACCOUNT } from '../accounts/record.ts';
import { type Decision, put, replyOnly, type ScanRange, type Store } from '../store/port.ts';
import { type CapturedParts, capturedMails } from './captured.ts';
import { messageIdOf } from './message-id.ts';
import { addressesOf, type NoticeService } from './port.ts';
import { NOTICES, type NoticeRecord, noticeKey } from './record.ts';
import { renderMail } from './templates/render.ts';

export interface NoticeServiceParts extends CapturedParts {
  readonly store: Pick<Store, 'scan' | 'transact' | 'auditLog'>;
  readonly lab: boolean;
  /** Told of one that is to be sent again. */
  readonly onQueued: (notice: NoticeRecord) => void;
  /** In a lab: writes what the audit log has told since. */
  readonly follow: () => Promise<unknown>;
}

export function createNoticeService(parts: NoticeServiceParts): NoticeService {
  const { store, lab, onQueued, follow } = parts;
  return {
    async list({ account, state, after, limit }) {
      const range: ScanRange = {
        ...(after === undefined ? {} : { after }),
        ...(account === undefined ? {} : { index: 'account', value: account }),
        ...(account === undefined && state !== undefined ? { index: 'state', value: state } : {}),
        limit,
      };
      const { items, next } = await store.scan(NOTICES, range);
      return { items: items.filter((each) => state === undefined || each.state === state), next };
    },

    async get(id) {
      const notice = await store.transact([noticeKey(id)], ([record]) => replyOnly(record));
      if (notice === undefined) throw unknownNotice();
      const { writer } = (await store.auditLog.bounds()).head;
      const mail = renderMail(notice.template, notice.values);
      return { notice, messageId: messageIdOf(notice, writer), ...mail };
    },

    async retry(id, caller) {
      const account = await store.transact([noticeKey(id)], ([notice]) =>
        replyOnly(notice?.account ?? NO_ACCOUNT),
      );
      const keys = [noticeKey(id), accountKey(account)] as const;
      const again = await store.transact(keys, ([notice, record]) => {
        if (notice === undefined) throw unknownNotice();
        return tryAgain(notice, record, { lab, caller });
      });
      onQueued(again);
      return again;
    },

    async captured(query) {
      if (lab) await follow();
      return capturedMails(query, parts);
    },
  };
}

const unknownNotice = (): FobtwinError =>
  new FobtwinError('notFound', 'There is no such notice.', {
    nextStep: 'Take an id that `fobd notice list` shows.',
  });

/** One that had no address goes to the one that the account has by now. */
function tryAgain(
  notice: NoticeRecord,
  account: AccountRecord | undefined,
  { lab, caller }: { readonly lab: boolean; readonly caller: Caller },
): Decision<NoticeRecord> {
  const { state } = notice;
  if (state !== 'failed' && state !== 'undeliverable') {
    throw new FobtwinError('notAllowedNow', `The notice is ${state}.`, {
      nextStep: 'Only what has failed, or had no address, is sent again.',
    });
  }
  const to = state === 'failed' || account === undefined ? notice.to : addressesOf(account);
  if (to.length === 0) {
    throw new FobtwinError('notAllowedNow', 'The account has no mail address.', {
      nextStep: 'Give it one: fobd account change ID --email ADDRESS.',
    });
  }
  const { refused: _refused, failure: _failure, ...rest } = notice;
  const again: NoticeRecord = {
    ...rest,
    to,
    attempts: 0,
    ...(lab
      ? { state: 'captured' }
      : { state: 'queued', queuedAt: caller.now, nextAttemptAt: caller.now }),
  };
  const about = notice.account === undefined ? {} : { account: notice.account };
  const draft = draftOf(caller, 'retryNotice', { ...about, details: { notice: notice.id } });
  return { writes: [put(noticeKey(notice.id), again)], auditDrafts: [draft], reply: again };
}

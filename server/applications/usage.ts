import type { ApplicationId, UnixMillis } from '../../shared/types.ts';
import { put, replyOnly, type Store } from '../store/port.ts';
import type { LiveApplication, LiveKey } from './cache.ts';
import { EXPIRY_NOTICE_MILLIS } from './keys.ts';
import type { KeyNotice } from './port.ts';
import { type ApplicationRecord, applicationKey, upgradeApplication } from './record.ts';

/**
 * When keys were last used, and what an operator should hear of them. A use costs no write of its
 * own: memory has it exactly, and the record follows at most once a minute for each key, with
 * whatever group of writes is next. A crash loses at most that minute.
 */

export const LAST_USED_MILLIS = 60_000;

/** A notice is given again after so long, while its cause lasts: milliseconds. */
const NOTICE_MILLIS: Readonly<Record<KeyNotice['notice'], number>> = {
  expiring: 86_400_000,
  expired: 3_600_000,
  addressRefused: 60_000,
};

export interface KeyWatch {
  /** A right key was used, now. */
  used(application: LiveApplication, key: LiveKey, now: UnixMillis): void;
  /** A right key was used, and refused. */
  refused(
    application: LiveApplication,
    key: LiveKey,
    cause: { notice: 'expired' | 'addressRefused'; now: UnixMillis; address?: string | undefined },
  ): void;
}

export function createKeyWatch(
  store: Pick<Store, 'transact'>,
  onNotice: (notice: KeyNotice) => void,
): KeyWatch {
  const notify = (
    application: LiveApplication,
    { number, expiresAt, usage }: LiveKey,
    notice: KeyNotice['notice'],
    { now, address }: { readonly now: UnixMillis; readonly address?: string | undefined },
  ): void => {
    const noticedAt = usage.noticedAt.get(notice);
    if (noticedAt !== undefined && isWithin(now, noticedAt, NOTICE_MILLIS[notice])) return;
    usage.noticedAt.set(notice, now);
    onNotice({
      notice,
      application: application.id,
      name: application.name,
      key: number,
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(address === undefined ? {} : { address }),
    });
  };
  return {
    used(application, key, now) {
      const { usage, expiresAt } = key;
      usage.lastUsedAt = now;
      if (isWithin(now, usage.keptAt, LAST_USED_MILLIS)) return;
      usage.keptAt = now;
      // Nobody waits for it: a store that takes no writes says so to those who need one.
      keepUse(store, application.id, key.number, now).catch(() => undefined);
      if (expiresAt !== undefined && expiresAt - now <= EXPIRY_NOTICE_MILLIS) {
        notify(application, key, 'expiring', { now });
      }
    },
    refused: (application, key, { notice, now, address }) =>
      notify(application, key, notice, { now, address }),
  };
}

/** A clock that was set back is no reason to be silent until it has caught up. */
const isWithin = (now: number, since: number, millis: number): boolean =>
  Math.abs(now - since) < millis;

function keepUse(
  store: Pick<Store, 'transact'>,
  id: ApplicationId,
  number: number,
  lastUsedAt: UnixMillis,
): Promise<void> {
  const key = applicationKey(id);
  return store.transact([key], ([stored]) => {
    if (stored === undefined) return replyOnly(undefined);
    const record = upgradeApplication(stored);
    const keys = record.keys.map((one) => (one.number === number ? { ...one, lastUsedAt } : one));
    return { writes: [put(key, { ...record, keys })], auditDrafts: [], reply: undefined };
  });
}

/** The record with the last uses that memory knows better. */
export function withLastUses(
  record: ApplicationRecord,
  live: LiveApplication | undefined,
): ApplicationRecord {
  if (live === undefined) return record;
  const keys = record.keys.map((key) => {
    const lastUsedAt = live.keys.find(({ number }) => number === key.number)?.usage.lastUsedAt;
    return lastUsedAt === undefined ? key : { ...key, lastUsedAt };
  });
  return { ...record, keys };
}

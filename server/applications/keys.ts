import { FobtwinError } from '../../shared/errors.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { API_KEYS_MAX, type ApiKeyRecord, type ApplicationRecord } from './record.ts';

/** Pure rules on the keys of one application: which of them work, and what a rotation does. */

const DAY_MILLIS = 86_400_000;

/** Before a key expires, lists and logs say so for so long. */
export const EXPIRY_NOTICE_MILLIS = 14 * DAY_MILLIS;
/** How long the old key works beside the new one, unless a rotation says otherwise. */
export const OVERLAP_MILLIS = 7 * DAY_MILLIS;
export const OVERLAP_MILLIS_MAX = 90 * DAY_MILLIS;
/** The longest life that a key may be given; one may also be given none. */
export const LIFETIME_MILLIS_MAX = 3_660 * DAY_MILLIS;

/** `expiring`: it works, and within `EXPIRY_NOTICE_MILLIS` it will not. */
export const KEY_STATES = ['live', 'expiring', 'expired', 'revoked'] as const;
export type KeyState = (typeof KEY_STATES)[number];

export function stateOfKey(
  { expiresAt, revokedAt }: Pick<ApiKeyRecord, 'expiresAt' | 'revokedAt'>,
  now: UnixMillis,
): KeyState {
  if (revokedAt !== undefined) return 'revoked';
  if (expiresAt === undefined) return 'live';
  if (now >= expiresAt) return 'expired';
  return expiresAt - now <= EXPIRY_NOTICE_MILLIS ? 'expiring' : 'live';
}

export const isWorking = (key: ApiKeyRecord, now: UnixMillis): boolean => {
  const state = stateOfKey(key, now);
  return state === 'live' || state === 'expiring';
};

/** What a new key is to be. */
export interface NewKey {
  readonly secretHash: string;
  /** Absent: as long as the key before it was given, or for ever where that was. */
  readonly expiresAt?: UnixMillis | undefined;
}

/**
 * The keys after a rotation: the one that works until then works for `overlapMillis` more and no
 * longer than it would have; what works no more is forgotten.
 *
 * @throws FobtwinError `notAllowedNow` when two keys work already
 */
export function rotateKeys(
  { keys }: Pick<ApplicationRecord, 'keys'>,
  { secretHash, expiresAt }: NewKey,
  { overlapMillis, now }: { readonly overlapMillis: number; readonly now: UnixMillis },
): readonly ApiKeyRecord[] {
  const working = keys.filter((key) => isWorking(key, now));
  if (working.length >= API_KEYS_MAX) {
    throw new FobtwinError('notAllowedNow', `${API_KEYS_MAX} keys of this application work.`, {
      nextStep: 'Revoke the one that is no longer used, or wait until its overlap ends.',
    });
  }
  const overlapEnd = (now + overlapMillis) as UnixMillis;
  const newest = keys.at(-1);
  const end = expiresAt ?? endOfSameLife(newest, now);
  return [
    ...working.map((key) => ({ ...key, expiresAt: earlier(key.expiresAt, overlapEnd) })),
    {
      number: (newest?.number ?? 0) + 1,
      secretHash,
      createdAt: now,
      ...(end === undefined ? {} : { expiresAt: end }),
    },
  ];
}

/** The newest key is never one that a rotation cut short: what it says is what it was given. */
function endOfSameLife(newest: ApiKeyRecord | undefined, now: UnixMillis): UnixMillis | undefined {
  if (newest?.expiresAt === undefined) return undefined;
  return (now + newest.expiresAt - newest.createdAt) as UnixMillis;
}

const earlier = (end: UnixMillis | undefined, other: UnixMillis): UnixMillis =>
  end === undefined || other < end ? other : end;

/**
 * The keys after one of them was revoked.
 *
 * @throws FobtwinError `notFound`, or `revoked` when it already is
 */
export function revokeKey(
  { keys }: Pick<ApplicationRecord, 'keys'>,
  number: number,
  now: UnixMillis,
): readonly ApiKeyRecord[] {
  const found = keys.find((key) => key.number === number);
  if (found === undefined) {
    throw new FobtwinError('notFound', `This application has no key ${number}.`, {
      nextStep: `It has ${keys.map((key) => key.number).join(' and ')}.`,
    });
  }
  if (found.revokedAt !== undefined) {
    throw new FobtwinError('revoked', `Key ${number} of this application is revoked already.`);
  }
  return keys.map((key) => (key === found ? { ...key, revokedAt: now } : key));
}

import type { AccountId, Hold, Serial, UnixMillis } from '../../shared/types.ts';
import type { IssuedProof } from '../accounts/issued-codes.ts';
import { phonesKey } from '../phones/record.ts';
import type { Key } from '../store/port.ts';
import {
  type BonusEnd,
  bonusEnd,
  entitlingKeys,
  type Unentitled,
  unentitled,
} from '../tokens/issued.ts';
import { type TokenRecord, tokenKey } from '../tokens/record.ts';
import { expiryAt } from '../tokens/standing.ts';

/**
 * What lies beneath a strength above the password's: a token, or a code that fobd gave out itself,
 * with the phone that it was sent to, the credential that entitled to it and the token that the
 * phone came with. Pure: the keys that are read, and whether what they hold bears it.
 */
export interface Beneath {
  readonly serial?: Serial | undefined;
  readonly issued?: IssuedProof | undefined;
}

/** Why it proves nothing any more. `locked` is none: strangers can lock. */
export type WeakCause =
  | Exclude<Hold, 'locked'>
  | 'tokenGone'
  | 'phoneGone'
  | BonusEnd
  /** `expired`: its subscription has ended, or the time that the helpdesk gave its code. */
  | Unentitled;

const WEAKENING_HOLDS = ['lost', 'disabled', 'adminLocked', 'suspended'] as const;

/** The records that it lies on. */
export function keysBeneath(
  account: AccountId,
  { serial, issued }: Beneath,
): readonly Key<unknown>[] {
  const keys: Key<unknown>[] = serial === undefined ? [] : [tokenKey(serial)];
  if (issued?.by === 'phone') keys.push(phonesKey(account));
  if (issued?.credential !== undefined) keys.push(...entitlingKeys(issued.credential));
  if (issued?.bonusOf !== undefined) keys.push(tokenKey(issued.bonusOf));
  return keys;
}

/** One of the records that were read. */
export type Read = <T>(key: Key<T>) => T | undefined;

const nameOf = ({ kind, id }: Key<unknown>): string => `${kind.name}:${id}`;

/** @param records in the order of `keys` */
export function readerOf(keys: readonly Key<unknown>[], records: readonly unknown[]): Read {
  const found = new Map(keys.map((key, place) => [nameOf(key), records[place]]));
  return <T>(key: Key<T>) => found.get(nameOf(key)) as T | undefined;
}

/** Whether `keys` are all that it lies on. */
export function areRead(
  keys: readonly Key<unknown>[],
  account: AccountId,
  beneath: Beneath,
): boolean {
  const names = new Set(keys.map(nameOf));
  return keysBeneath(account, beneath).every((key) => names.has(nameOf(key)));
}

/** Why it proves the account no longer; undefined while it does. */
export function weaknessOf(
  account: AccountId,
  { serial, issued }: Beneath,
  read: Read,
  now: UnixMillis,
): WeakCause | undefined {
  if (serial !== undefined) return weaknessOfToken(account, read(tokenKey(serial)), now);
  return issued && weaknessOfIssued(account, issued, read, now);
}

function weaknessOfToken(
  account: AccountId,
  token: TokenRecord | undefined,
  now: UnixMillis,
): WeakCause | undefined {
  if (token === undefined) return 'tokenGone';
  if (token.life === 'revoked') return 'revoked';
  if (token.life !== 'registered' || token.account !== account) return 'otherAccount';
  const held = WEAKENING_HOLDS.find((hold) => token.holds.includes(hold));
  return held ?? (expiryAt(token, now) === undefined ? undefined : 'expired');
}

function weaknessOfIssued(
  account: AccountId,
  { by, phone, credential: id, bonusOf, until }: IssuedProof,
  read: Read,
  now: UnixMillis,
): WeakCause | undefined {
  if (until !== undefined && now >= until) return 'expired';
  if (by === 'phone') {
    const phones = read(phonesKey(account))?.phones ?? [];
    const isThere = phones.some((each) => each.id === phone && each.verifiedAt !== undefined);
    if (!isThere) return 'phoneGone';
  }
  const end = bonusOf && bonusEnd(read(tokenKey(bonusOf)), account, id !== undefined);
  if (id === undefined || end !== undefined) return end;
  const [credential, subscription] = entitlingKeys(id);
  const entitling = { credential: read(credential), subscription: read(subscription) };
  return unentitled(entitling, account, now);
}

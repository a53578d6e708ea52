import type { AccountId, Hold, Serial, UnixMillis } from '../../shared/types.ts';
import type { IssuedProof } from '../accounts/issued-codes.ts';
import { phonesKey } from '../phones/record.ts';
import type { Also } from '../store/port.ts';
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
 * phone came with. Pure: whether the records that are read bear it.
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

/** Why it proves the account no longer; undefined while it does. */
export function weaknessOf(
  account: AccountId,
  { serial, issued }: Beneath,
  also: Also,
  now: UnixMillis,
): WeakCause | undefined {
  if (serial !== undefined) return weaknessOfToken(account, also(tokenKey(serial)), now);
  return issued && weaknessOfIssued(account, issued, also, now);
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
  also: Also,
  now: UnixMillis,
): WeakCause | undefined {
  if (until !== undefined && now >= until) return 'expired';
  if (by === 'phone') {
    const phones = also(phonesKey(account))?.phones ?? [];
    const isThere = phones.some((each) => each.id === phone && each.verifiedAt !== undefined);
    if (!isThere) return 'phoneGone';
  }
  const end = bonusOf && bonusEnd(also(tokenKey(bonusOf)), account, id !== undefined);
  if (id === undefined || end !== undefined) return end;
  const [credential, subscription] = entitlingKeys(id);
  const entitling = { credential: also(credential), subscription: also(subscription) };
  return unentitled(entitling, account, now);
}

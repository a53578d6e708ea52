import type { Clock } from '../../shared/clock.ts';
import { passwordKey } from '../accounts/password-record.ts';
import { accountKey, isDisabled } from '../accounts/record.ts';
import { weaknessOf } from '../sessions/judge.ts';
import type { SessionService } from '../sessions/port.ts';
import { replyOnly, type Store } from '../store/port.ts';
import { tokenKey } from '../tokens/record.ts';
import type { GrantBasis } from './record.ts';

export interface BasisParts {
  readonly store: Pick<Store, 'transact'>;
  readonly sessions: Pick<SessionService, 'list'>;
  /** The time that decisions are taken at. */
  readonly clock: Clock;
}

/**
 * Whether everything stands that a grant rests on: its account and the password, the token whose
 * code gave it its strength, and its session, which only `offline_access` outlives. Judged at each
 * look.
 */
export async function basisStands(
  basis: GrantBasis,
  { store, sessions, clock }: BasisParts,
): Promise<boolean> {
  const { account, serial, session, offline, passwordSetAt } = basis;
  const keys = [accountKey(account), passwordKey(account)] as const;
  const { owner, setAt } = await store.transact(keys, ([record, password]) =>
    replyOnly({ owner: record, setAt: password?.setAt }),
  );
  if (owner === undefined || isDisabled(owner) || setAt !== passwordSetAt) return false;
  if (serial !== undefined) {
    const token = await store.transact([tokenKey(serial)], ([record]) => replyOnly(record));
    if (weaknessOf(account, token) !== undefined) return false;
  }
  if (offline) return true;
  const live = await sessions.list(account, clock.now());
  return live.some(({ id }) => id === session);
}

import type { Clock } from '../../shared/clock.ts';
import { passwordKey } from '../accounts/password-record.ts';
import { accountKey, isDisabled } from '../accounts/record.ts';
import { weaknessOf } from '../sessions/beneath.ts';
import type { SessionService } from '../sessions/port.ts';
import { replyOnly, type Store } from '../store/port.ts';
import type { GrantBasis } from './record.ts';

export interface BasisParts {
  readonly store: Pick<Store, 'transact'>;
  readonly sessions: Pick<SessionService, 'list'>;
  /** The time that decisions are taken at. */
  readonly clock: Clock;
}

/**
 * Whether everything stands that a grant rests on: its account and the password, what gave it
 * its strength, and its session, which only `offline_access` outlives. Judged at each
 * look.
 */
export async function basisStands(
  basis: GrantBasis,
  { store, sessions, clock }: BasisParts,
): Promise<boolean> {
  const { account, session, offline, passwordSetAt } = basis;
  const now = clock.now();
  const keys = [accountKey(account), passwordKey(account)] as const;
  const isBorne = await store.transact(keys, ([owner, password], also) => {
    const isSame = owner !== undefined && !isDisabled(owner) && password?.setAt === passwordSetAt;
    const weakness = weaknessOf(account, basis, also, now);
    return replyOnly(isSame && weakness === undefined);
  });
  if (!isBorne) return false;
  if (offline) return true;
  const live = await sessions.list(account, now);
  return live.some(({ id }) => id === session);
}

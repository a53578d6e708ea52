import type { AccountId, Serial } from '../../shared/types.ts';
import { NO_ACCOUNT } from '../accounts/record.ts';
import { replyOnly, type Store } from '../store/port.ts';
import { tokenKey } from './record.ts';

/**
 * Whose tokens are, as far as it was asked: a token that has an account keeps it for good. So a
 * decision on a serial reads its account's record along with the token's own, in one go. A serial
 * that is asked about for the first time is looked up, whether it exists or not: the same work.
 */
export interface Owners {
  /** `NO_ACCOUNT` where it had none when it was looked up. */
  of(serial: Serial, store: Pick<Store, 'transact'>): AccountId | Promise<AccountId>;
  note(serial: Serial, account: AccountId): void;
}

/** About 20 MB; then it is learnt anew. */
const OWNERS_MAX = 200_000;

export function createOwners(): Owners {
  const owners = new Map<Serial, AccountId>();
  const note = (serial: Serial, account: AccountId): void => {
    if (owners.size >= OWNERS_MAX) owners.clear();
    owners.set(serial, account);
  };
  return {
    note,
    of(serial, store) {
      const known = owners.get(serial);
      if (known !== undefined) return known;
      const looked = store.transact([tokenKey(serial)], ([token]) =>
        replyOnly(token?.account ?? NO_ACCOUNT),
      );
      return looked.then((account) => {
        note(serial, account);
        return account;
      });
    },
  };
}

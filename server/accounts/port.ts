import type { AccountId } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { AccountProfile, AccountRecord } from './record.ts';

export interface NewAccount extends AccountProfile {
  readonly id: AccountId;
}

/** What is to be changed of a profile: `null` takes a field away, what is absent stays. */
export type ProfileChange = {
  readonly [Field in keyof AccountProfile]?: AccountProfile[Field] | null;
};

export interface AccountService {
  /** @throws FobtwinError `exists`, also when another account has the name to sign in with */
  add(account: NewAccount, caller: Caller): Promise<AccountRecord>;
  /** @throws FobtwinError `notFound` */
  get(id: AccountId): Promise<AccountRecord>;
  /**
   * The account that somebody means who types `user`: its id, another name of it, or what a
   * directory calls it (`DOMAIN\\user`, `user@domain`). Letters' case is not looked at.
   */
  resolve(user: string): Promise<AccountId | undefined>;
  /** The same with its record, for whoever needs both. */
  find(user: string): Promise<AccountRecord | undefined>;
  /** @throws FobtwinError `notFound` */
  change(id: AccountId, change: ProfileChange, caller: Caller): Promise<AccountRecord>;
  /**
   * Whoever is disabled signs in nowhere, and what rests on the account ends.
   *
   * @throws FobtwinError `notFound`, or `notAllowedNow` when it is so already
   */
  setDisabled(
    id: AccountId,
    disabled: boolean,
    why: { readonly reason?: string | undefined },
    caller: Caller,
  ): Promise<AccountRecord>;
  list(query: { after?: string | undefined; limit: number }): Promise<{
    items: readonly AccountRecord[];
    next: string | null;
  }>;
}

import type { AccountId, AccountRole, Serial, UnixMillis } from '../../shared/types.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';
import { NO_FAILURES } from '../verification/failures.ts';
import type { Failures } from '../verification/types.ts';

/** Who the person is; every field may be absent. */
export interface AccountProfile {
  /** For people: how the account is called on screen. */
  readonly name?: string;
  /** As it stands in a passport. */
  readonly legalName?: string;
  readonly organisation?: string;
  readonly email?: string;
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country?: string;
  /** Absent: `user`. */
  readonly roles?: readonly AccountRole[];
}

/** An address that took another's place, or none's. */
export interface EarlierEmail {
  readonly email: string;
  readonly until: UnixMillis;
}

export const EARLIER_EMAILS_MAX = 5;

export interface AccountRecord extends AccountProfile {
  readonly version: 1;
  readonly id: AccountId;
  readonly createdAt: UnixMillis;
  /** Present while it is disabled here; a directory's own word is asked at each sign-in. */
  readonly disabledAt?: UnixMillis;
  /**
   * Present while its directory has refused the person as disabled; its next good sign-in there
   * takes it away.
   */
  readonly directoryDisabledAt?: UnixMillis;
  /** The directory's entry that the account was made for, by what never changes of it. */
  readonly directoryId?: string;
  /** Addresses that it had before, the newest last: notices of what matters still reach them. */
  readonly earlierEmails?: readonly EarlierEmail[];
  /** What else it signs in as, folded: what its directory calls it. At most `OTHER_NAMES_MAX`. */
  readonly otherNames?: readonly string[];
  /** Registered tokens, oldest registration first; at most `ACCOUNT_TOKENS_MAX`. */
  readonly serials: readonly Serial[];
}

/** An account's hot record: failures by account, and its failed registrations. */
export interface AccountFailuresRecord {
  readonly version: 1;
  readonly failures: Failures;
  /** When pairs failed to register, oldest first; only the last 24 hours are kept. */
  readonly failedRegistrations: readonly UnixMillis[];
}

/** Of an account on which nothing has been counted yet. */
export const NO_ACCOUNT_FAILURES: AccountFailuresRecord = {
  version: 1,
  failures: NO_FAILURES,
  failedRegistrations: [],
};

/** Whether the account signs in nowhere: what rests on it has ended. */
export const isDisabled = (account: AccountRecord): boolean =>
  account.disabledAt !== undefined || account.directoryDisabledAt !== undefined;

/** Read where nobody has the name or the id that is meant; no account's id is spelled so. */
export const NO_ACCOUNT = '-' as AccountId;

/** Names beside its id that an account signs in with. */
export const OTHER_NAMES_MAX = 16;

/** Tokens registered to one account at a time. */
export const ACCOUNT_TOKENS_MAX = 32;

export const ACCOUNTS: Kind<AccountRecord> = {
  name: 'account',
  indexes: [],
  indexValues: () => [],
};

export const ACCOUNT_FAILURES: Kind<AccountFailuresRecord> = {
  name: 'accountFailures',
  indexes: [],
  indexValues: () => [],
};

export const accountKey = (id: AccountId): Key<AccountRecord> => keyOf(ACCOUNTS, id);
export const accountFailuresKey = (id: AccountId): Key<AccountFailuresRecord> =>
  keyOf(ACCOUNT_FAILURES, id);

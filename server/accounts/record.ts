import type { AccountId, Serial, UnixMillis } from '../../shared/types.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';
import { NO_FAILURES } from '../verification/failures.ts';
import type { Failures } from '../verification/types.ts';

export interface AccountRecord {
  readonly version: 1;
  readonly id: AccountId;
  readonly name?: string;
  readonly createdAt: UnixMillis;
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

import type { Rng } from '../../shared/rng.ts';
import type { NoticeWriter } from '../notices/port.ts';
import type { Store } from '../store/port.ts';
import { deriveKey } from '../vault/keys.ts';
import type { Directory } from './directory/port.ts';
import { createHashing, type HashingOptions } from './hashing.ts';
import type { DirectoryPatience } from './password-failures.ts';
import {
  createPasswordLimits,
  type PasswordLimitOptions,
  type PasswordLimitSurroundings,
} from './password-limits.ts';
import { createPasswordService } from './passwords.ts';
import type { PasswordService } from './passwords-port.ts';
import type { AccountService } from './port.ts';
import { createAccountService } from './service.ts';

type Elapsed = Pick<PasswordLimitSurroundings, 'elapsedMillis'>;

export interface AccountsOptions {
  readonly store: Pick<Store, 'transact' | 'scan'>;
  /** 32 bytes; keys are derived from it before this returns. */
  readonly rootKey: Uint8Array;
  readonly rng: Rng;
  /** Default: nobody is asked but fobd itself. */
  readonly directory?: Directory | undefined;
  /** Default `DEFAULT_DIRECTORY_PATIENCE`. */
  readonly patience?: DirectoryPatience | undefined;
  /** Default: none, as in a lab. */
  readonly limits?: (PasswordLimitOptions & Elapsed) | undefined;
  /** Tells an address that it is the account's no more. Default: nobody is told. */
  readonly notices?: NoticeWriter | undefined;
  /** Default: what fobd serves with. */
  readonly hashing?: HashingOptions | undefined;
}

export interface Accounts {
  readonly accounts: AccountService;
  readonly passwords: PasswordService;
}

export function openAccounts({
  store,
  rootKey,
  rng,
  directory,
  patience,
  limits,
  notices,
  hashing,
}: AccountsOptions): Accounts {
  const accounts = createAccountService({
    store,
    notices: notices && { writer: notices, rng },
  });
  const passwords = createPasswordService({
    store,
    accounts,
    hashing: createHashing({ key: deriveKey(rootKey, 'passwords'), rng }, hashing),
    countingKey: deriveKey(rootKey, 'wrongPasswords'),
    directory,
    patience,
    limits: limits && createPasswordLimits(limits, { rng, ...limits }),
  });
  return { accounts, passwords };
}

import type { Clock } from '../shared/clock.ts';
import type { Rng } from '../shared/rng.ts';
import type { PasswordService } from './accounts/passwords-port.ts';
import type { AccountService } from './accounts/port.ts';
import type { BusinessOptions } from './business-settings.ts';
import type { HttpLog } from './http/dependencies.ts';
import type { DueJob } from './lab/port.ts';
import type { SessionService } from './sessions/port.ts';
import type { Store } from './store/port.ts';
import type { TokenService } from './tokens/port.ts';
import type { Vault } from './vault/port.ts';

/**
 * The life of a credential, from purchase to revocation: the rooms of the business put together
 * over tokens and accounts. Each room opens itself; here they only meet.
 */

/** What the rooms are made from. */
export interface BusinessParts {
  readonly store: Store;
  readonly vault: Vault;
  readonly tokens: TokenService;
  readonly accounts: AccountService;
  readonly passwords: PasswordService;
  readonly sessions: SessionService;
  readonly options: BusinessOptions;
  /** In a lab mails and texts are captured, and nothing is sent. */
  readonly lab: boolean;
  readonly clock: Clock;
  /** 32 bytes: keys are derived from it before this returns. */
  readonly rootKey: Uint8Array;
  readonly rng: Rng;
  readonly log: HttpLog;
}

export interface Business {
  /** In this order. */
  readonly dueJobs: readonly DueJob[];
}

export function openBusiness(_parts: BusinessParts): Business {
  return { dueJobs: [] };
}

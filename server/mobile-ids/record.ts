import type { AccountId, CredentialId, Serial, UnixMillis } from '../../shared/types.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';

/** A Mobile ID that was shown and waits for two codes of the app: one an account at a time. */
export interface MobileIdSetupRecord {
  readonly version: 1;
  readonly account: AccountId;
  readonly serial: Serial;
  /** Absent: for staff, who need not buy theirs. */
  readonly credential?: CredentialId;
  readonly createdAt: UnixMillis;
  /** From this moment on it can be confirmed no more. */
  readonly expiresAt: UnixMillis;
}

/** How long an app may wait for its two codes. */
export const SETUP_MILLIS = 86_400_000;

export const MOBILE_ID_SETUPS: Kind<MobileIdSetupRecord> = {
  name: 'mobileIdSetup',
  indexes: [],
  indexValues: () => [],
};

export const setupKey = (account: AccountId): Key<MobileIdSetupRecord> =>
  keyOf(MOBILE_ID_SETUPS, account);

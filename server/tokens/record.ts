import type {
  AccountId,
  Hold,
  Life,
  Serial,
  TokenParameters,
  UnixMillis,
} from '../../shared/types.ts';
import type { Entitlement } from '../credentials/record.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';
import type { SealedSeed } from '../vault/port.ts';
import type { FactorRecord } from '../verification/types.ts';

/** A token's cold record: what changes seldom. */
export interface TokenRecord {
  readonly version: 1;
  readonly serial: Serial;
  readonly life: Life;
  readonly holds: readonly Hold[];
  readonly parameters: TokenParameters;
  readonly sealedSeed: SealedSeed;
  readonly manufacturer?: string;
  readonly model?: string;
  /**
   * Its seed file says that an emulator made it. `marked` tokens do not reach `hardwareToken`;
   * `accepted` ones do: a lab takes them so, or an administrator did when he imported them.
   */
  readonly emulated?: 'marked' | 'accepted';
  /** A Mobile ID: made here, and shown to an authenticator app once. Absent: a hardware token. */
  readonly mobileId?: true;
  /** Of the credential that it is the authenticator of; absent: it never expires. */
  readonly entitlement?: Entitlement;
  readonly account?: AccountId;
  /** Whom its seed file says it was made for: a suggestion, until two codes register it. */
  readonly intendedAccount?: AccountId;
  readonly importedAt: UnixMillis;
  /** Which import it came with. It is as if absent until that one's record is active. */
  readonly importId?: string;
  readonly registeredAt?: UnixMillis;
  readonly revokedAt?: UnixMillis;
  readonly ownWord?: OwnWord;
}

/** What its own person has said of it: see `own-word.ts`. */
export interface OwnWord {
  /** Since when it is `lost` by its person's word; absent where it is by somebody else's. */
  readonly lostAt?: UnixMillis;
  /** When its person had found it again, within a day; the oldest first. */
  readonly foundAt: readonly UnixMillis[];
}

export const TOKENS: Kind<TokenRecord> = {
  name: 'token',
  indexes: ['life', 'hold', 'account', 'import'],
  indexValues(index, record) {
    if (index === 'life') return [record.life];
    if (index === 'hold') return record.holds;
    const value = index === 'account' ? record.account : record.importId;
    return value === undefined ? [] : [value];
  },
};

/** A token's hot record, by serial. */
export const FACTORS: Kind<FactorRecord> = {
  name: 'factor',
  indexes: [],
  indexValues: () => [],
};

export const tokenKey = (serial: Serial): Key<TokenRecord> => keyOf(TOKENS, serial);
export const factorKey = (serial: Serial): Key<FactorRecord> => keyOf(FACTORS, serial);

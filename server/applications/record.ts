import type { ApplicationId, Strength, UnixMillis } from '../../shared/types.ts';
import type { Role } from '../access/roles.ts';
import type { Scope } from '../access/scopes.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';

/** One API key of an application. */
export interface ApiKeyRecord {
  /** 1, 2, 3 … in the application; a number is never used again. */
  readonly number: number;
  /** SHA-256 of the API key's secret, lower-case hexadecimal. */
  readonly secretHash: string;
  readonly createdAt: UnixMillis;
  /** From this moment on it is refused: it expired, or its overlap after a rotation ended. */
  readonly expiresAt?: UnixMillis;
  readonly revokedAt?: UnixMillis;
  /** To a minute: what is less than `LAST_USED_MILLIS` newer is in memory only. */
  readonly lastUsedAt?: UnixMillis;
}

/** Keys that work at the same time: the new one, and the old one until its overlap ends. */
export const API_KEYS_MAX = 2;

/** A system that asks fobd for a decision, with its own API keys and scopes. */
export interface ApplicationRecord {
  readonly version: 2;
  readonly id: ApplicationId;
  readonly name: string;
  /** All that it may do: those it was given, and those its roles had when it was added. */
  readonly scopes: readonly Scope[];
  /** What it was added with, for people; absent when none was named. */
  readonly roles?: readonly Role[];
  /** At most `API_KEYS_MAX`, by number; the newest is the last. */
  readonly keys: readonly ApiKeyRecord[];
  /** Ranges that it may be called from, canonical; absent: from anywhere. */
  readonly allow?: readonly string[];
  /** What a code must prove for it; absent: any will do. */
  readonly requiredStrength?: Strength;
  /** Its credential must have been proofed. */
  readonly requiresProofing?: true;
  readonly createdAt: UnixMillis;
  readonly revokedAt?: UnixMillis;
}

/** As data format 2 has it: one key, which never expires. */
export interface ApplicationRecord1 {
  readonly version: 1;
  readonly id: ApplicationId;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly secretHash: string;
  readonly createdAt: UnixMillis;
  readonly revokedAt?: UnixMillis;
}

/** Both forms are read; whatever writes an application writes the newer. */
export type StoredApplication = ApplicationRecord | ApplicationRecord1;

export const APPLICATIONS: Kind<StoredApplication> = {
  name: 'application',
  indexes: [],
  indexValues: () => [],
};

export const applicationKey = (id: ApplicationId): Key<StoredApplication> =>
  keyOf(APPLICATIONS, id);

/** The record in its newest form; one that has it already is given back as it is. */
export function upgradeApplication(record: StoredApplication): ApplicationRecord {
  if (record.version === 2) return record;
  const { secretHash, ...rest } = record;
  const key: ApiKeyRecord = { number: 1, secretHash, createdAt: record.createdAt };
  return { ...rest, version: 2, keys: [key] };
}

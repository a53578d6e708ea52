import type { ApplicationId, UnixMillis } from '../../shared/types.ts';
import type { Scope } from '../access/scopes.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';

/** A system that asks fobd for a decision, with its own API key and scopes. */
export interface ApplicationRecord {
  readonly version: 1;
  readonly id: ApplicationId;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the API key's secret, lower-case hexadecimal. */
  readonly secretHash: string;
  readonly createdAt: UnixMillis;
  readonly revokedAt?: UnixMillis;
}

export const APPLICATIONS: Kind<ApplicationRecord> = {
  name: 'application',
  indexes: [],
  indexValues: () => [],
};

export const applicationKey = (id: ApplicationId): Key<ApplicationRecord> =>
  keyOf(APPLICATIONS, id);

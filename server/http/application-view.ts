import { formatTime } from '../../shared/time.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { ReplyOf } from '../../shared/wire/operations.ts';
import { stateOfKey } from '../applications/keys.ts';
import type { ApiKeyRecord, ApplicationRecord } from '../applications/record.ts';
import { timeOrNone } from './moment.ts';

type View = ReplyOf<'getApplication'>['application'];

/** From a record to what /v1 shows of it at `now`: never a key or its hash. */
export function viewApplication(record: ApplicationRecord, now: UnixMillis): View {
  const isRevoked = record.revokedAt !== undefined;
  const uses = record.keys.flatMap(({ lastUsedAt }) => lastUsedAt ?? []);
  return {
    id: record.id,
    name: record.name,
    scopes: [...record.scopes],
    roles: record.roles && [...record.roles],
    allow: record.allow && [...record.allow],
    requiredStrength: record.requiredStrength,
    requiresProofing: record.requiresProofing,
    keys: record.keys.map((key) => ({
      ...viewKey(key, now),
      ...(isRevoked ? { state: 'revoked' as const } : {}),
    })),
    lastUsedAt: timeOrNone(uses.toSorted((a, b) => b - a)[0]),
    createdAt: formatTime(record.createdAt),
    revokedAt: timeOrNone(record.revokedAt),
  };
}

const viewKey = (key: ApiKeyRecord, now: UnixMillis): View['keys'][number] => ({
  number: key.number,
  state: stateOfKey(key, now),
  createdAt: formatTime(key.createdAt),
  expiresAt: timeOrNone(key.expiresAt),
  revokedAt: timeOrNone(key.revokedAt),
  lastUsedAt: timeOrNone(key.lastUsedAt),
});

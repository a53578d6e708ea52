import type { UnixMillis } from '../../shared/types.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';

/** The key that checkpoints are signed with; one record. */
export interface AuditKeyRecord {
  readonly version: 1;
  readonly keyId: string;
  /** PEM. */
  readonly publicKey: string;
  /** The private key's 32 bytes under a key derived from the root key: see `wrapKey`. */
  readonly wrapped: string;
  readonly createdAt: UnixMillis;
}

export const AUDIT_KEYS: Kind<AuditKeyRecord> = {
  name: 'auditKey',
  indexes: [],
  indexValues: () => [],
};
export const AUDIT_KEY: Key<AuditKeyRecord> = keyOf(AUDIT_KEYS, 'checkpoints');

/** How far the log has been forwarded to one destination. */
export interface AuditCursorRecord {
  readonly version: 1;
  /** As it was given, for people. */
  readonly destination: string;
  /** Entries up to this one have been taken by the destination. */
  readonly sequence: number;
}

const AUDIT_CURSORS: Kind<AuditCursorRecord> = {
  name: 'auditCursor',
  indexes: [],
  indexValues: () => [],
};

/** @param id of the destination: see `Destination` */
export const auditCursorKey = (id: string): Key<AuditCursorRecord> => keyOf(AUDIT_CURSORS, id);

/** What this room keeps in the store beside the log. */
export const AUDIT_KINDS = [AUDIT_KEYS, AUDIT_CURSORS] as readonly Kind<unknown>[];

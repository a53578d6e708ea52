import type { UnixMillis } from '../../shared/types.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';

/**
 * One import of a seed file. Its tokens carry its id, and are there for everybody from the moment
 * this one record is `active`; until then they are as if absent.
 */
export interface ImportRecord {
  readonly version: 1;
  /** `1`, `2`, `3` … in order of their beginning. */
  readonly id: string;
  readonly state: 'staging' | 'active';
  readonly startedAt: UnixMillis;
  /** Who asked, as the audit log names it. */
  readonly by: string;
  /** Rows so far. */
  readonly imported: number;
  readonly skipped: number;
  readonly refused: number;
}

export const IMPORTS: Kind<ImportRecord> = {
  name: 'import',
  indexes: [],
  indexValues: () => [],
};

export const importKey = (id: string): Key<ImportRecord> => keyOf(IMPORTS, id);

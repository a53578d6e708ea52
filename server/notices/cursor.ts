import { type Key, type Kind, keyOf } from '../store/port.ts';

/** How far the audit log has been told to people. */
export interface NoticeCursorRecord {
  readonly version: 1;
  /** What these entries tell has been written. */
  readonly sequence: number;
}

export const NOTICE_CURSORS: Kind<NoticeCursorRecord> = {
  name: 'noticeCursor',
  indexes: [],
  indexValues: () => [],
};

/** Of the only record of its kind. */
export const NOTICE_CURSOR: Key<NoticeCursorRecord> = keyOf(NOTICE_CURSORS, 'audit');

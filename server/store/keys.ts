import type { KeyRange } from './backend.ts';
import { misuse } from './misuse.ts';

/**
 * How everything in a store is laid out. Parts of a key are joined by NUL, which no id, index value
 * or name contains, so no part can be mistaken for another; a range ends below the next byte.
 *
 *     r KIND ID                    record, as JSON
 *     i KIND INDEX VALUE ID        index entry, empty
 *     a SEQUENCE                   audit segment from that sequence on: a line an entry
 *     x FIELD RUN BUCKET           a part of the audit index: see audit-run.ts
 *     h                            sealed audit head
 *     b                            sealed audit base, once retention has removed entries
 *     ~                            the last write of the journal that is in here: see journaled.ts
 *
 * What a store holds begins with a letter; the journal's row lies behind all of it, so that neither
 * a dump nor the question whether a store is empty meets it.
 */

const SEPARATOR = '\u0000';
/** The first character after the separator: below it end the keys under one prefix. */
const AFTER_SEPARATOR = '\u0001';

export const HEAD_KEY = 'h';
export const BASE_KEY = 'b';
export const JOURNAL_KEY = '~';
/** `2 ** 53 - 1` has sixteen digits, so text order is number order. */
const SEQUENCE_DIGITS = 16;

/** A well-formed text of 1 to 200 characters, none of them a control character. */
const PART = /^[^\p{Cc}\p{Cs}]{1,200}$/u;

/** @throws FobtwinError `internal`: what an edge lets through has been parsed long before */
export function checkPart(text: string, what: string): void {
  if (PART.test(text)) return;
  throw misuse(`${what} must be 1 to 200 characters without control characters`);
}

const join = (...parts: readonly string[]): string => parts.join(SEPARATOR);

/** Keys under `prefix`, with what follows the prefix greater than `after`. */
function under(prefix: string, after: string, limit: number): KeyRange {
  return { above: prefix + SEPARATOR + after, below: prefix + AFTER_SEPARATOR, limit };
}

/** What comes after the last separator. */
export const lastPart = (key: string): string => key.slice(key.lastIndexOf(SEPARATOR) + 1);

export const recordKey = (kind: string, id: string): string =>
  `r${SEPARATOR}${kind}${SEPARATOR}${id}`;

export const recordsAfter = (kind: string, after: string, limit: number): KeyRange =>
  under(join('r', kind), after, limit);

export const indexKey = (kind: string, index: string, value: string, id: string): string =>
  join('i', kind, index, value, id);

export const indexedAfter = (
  kind: string,
  index: string,
  value: string,
  after: string,
  limit: number,
): KeyRange => under(join('i', kind, index, value), after, limit);

const sequenceText = (sequence: number): string => String(sequence).padStart(SEQUENCE_DIGITS, '0');

export const sequenceOf = (key: string): number => Number(lastPart(key));

export const segmentKey = (first: number): string => `a${SEPARATOR}${sequenceText(first)}`;

/** Segments that begin at `from` or later. */
export const segmentsFrom = (from: number, limit: number): KeyRange => ({
  from: segmentKey(from),
  below: `a${AFTER_SEPARATOR}`,
  limit,
});

/** The one segment that begins at `sequence` or is the nearest before it. */
export const segmentHolding = (sequence: number): KeyRange => ({
  from: `a${SEPARATOR}`,
  below: segmentKey(sequence + 1),
  limit: 1,
  reverse: true,
});

/** The fields of an entry by which pages can be asked for. */
export const AUDIT_FIELDS = ['serial', 'account', 'application'] as const;
export type AuditField = (typeof AUDIT_FIELDS)[number];
/** What else the index tells of a run: between what moments it lies, and its blocks. */
export const AUDIT_INDEXES = [...AUDIT_FIELDS, 'time', 'timeBlocks'] as const;
export type AuditIndexName = (typeof AUDIT_INDEXES)[number];

export const auditIndexKey = (name: AuditIndexName, run: number, bucket: number): string =>
  join('x', name, sequenceText(run), String(bucket));

/** The rows of an index from run `from` on, and of those before run `below`. */
export const auditIndexRows = (
  name: AuditIndexName,
  from: number,
  below: number,
  limit: number,
): KeyRange => ({
  from: join('x', name, sequenceText(from)),
  below: join('x', name, sequenceText(below)),
  limit,
});

/** The run that a key of the index belongs to. */
export const runOfKey = (key: string): number => Number(key.split(SEPARATOR)[2]);

/** Segments that begin before `sequence`. */
export const segmentsBefore = (sequence: number, limit: number): KeyRange => ({
  from: `a${SEPARATOR}`,
  below: segmentKey(sequence),
  limit,
});

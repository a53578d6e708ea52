import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { AuditDraft, AuditEntry, AuditHead, SealedAuditHead } from './entry.ts';

/**
 * The chain: each entry carries the SHA-256 of the stored line before it. What is stored and hashed
 * is canonical JSON (RFC 8785), so an entry has one text only.
 */

/** What the chain itself needs of an entry. */
export type ChainLink = Pick<AuditEntry, 'writer' | 'sequence' | 'previousHash'>;

/** What the first entry has for `previousHash`. */
export const NO_HASH = '0'.repeat(64);

/** The head of a log that has no entry yet. */
export const emptyHead = (writer: string): AuditHead => ({ writer, sequence: 0, hash: NO_HASH });

export const hashLine = (line: string): string => hash('sha256', line, 'hex');

/** The next entry as stored, and the head that it makes. Throws when the draft is not JSON. */
export function stamp(
  draft: AuditDraft,
  previous: AuditHead,
): { readonly line: string; readonly head: AuditHead } {
  const { writer } = previous;
  const sequence = previous.sequence + 1;
  const line = canonicalEntry(draft, { writer, sequence, previousHash: previous.hash });
  return { line, head: { writer, sequence, hash: hashLine(line) } };
}

/**
 * Canonical JSON of an entry: a draft with its link. The members are known and few, so they are
 * written in order by hand, at a fraction of the general function's cost; whatever needs more than
 * that goes to the general one.
 */
export function canonicalEntry(draft: AuditDraft, link: ChainLink): string {
  const { account, application, details, outcome, serial } = draft;
  let text = account === undefined ? '{"action":"' : `{"account":"${inside(account)}","action":"`;
  text += `${inside(draft.action)}","actor":"${inside(draft.actor)}",`;
  if (application !== undefined) text += `"application":"${inside(application)}",`;
  text += `"at":${integer(draft.at)},`;
  if (details !== undefined) text += `"details":${detailsText(details)},`;
  if (outcome !== undefined) text += `"outcome":"${outcome}",`;
  text += `"previousHash":"${link.previousHash}","sequence":${integer(link.sequence)},`;
  if (serial !== undefined) text += `"serial":"${inside(serial)}",`;
  return `${text}"writer":"${inside(link.writer)}"}`;
}

/** Of an accepted code there is one detail, its factor: on the way of every login. */
function detailsText(details: NonNullable<AuditDraft['details']>): string | undefined {
  const [name, ...more] = Object.keys(details);
  const value = details['factor'];
  const isFactor = name === 'factor' && more.length === 0 && Number.isSafeInteger(value);
  return isFactor ? `{"factor":${value}}` : canonicalize(details);
}

/** Printable ASCII without quotation mark and backslash: the same in JSON as outside. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** What stands between the quotation marks. */
const inside = (text: string): string =>
  PLAIN.test(text) ? text : String(canonicalize(text)).slice(1, -1);

function integer(value: number): string {
  if (!Number.isSafeInteger(value)) throw new TypeError('an audit entry has an integer here');
  return String(value);
}

/** What a seal is for: one of a head never passes for one of a base. */
export type SealPurpose = 'head' | 'base';

/** The head, or the base, with its MAC, as the store keeps it. */
export function sealHead(
  { writer, sequence, hash }: AuditHead,
  key: Uint8Array,
  purpose: SealPurpose = 'head',
): SealedAuditHead {
  const sealed = { writer, sequence, hash };
  // A head's text has no purpose: heads of format 2 were sealed so.
  const forWhat = purpose === 'head' ? '' : `"purpose":"${purpose}",`;
  const where = `"sequence":${integer(sequence)},"writer":"${inside(writer)}"`;
  const text = `{"hash":"${inside(hash)}",${forWhat}${where}}`;
  const mac = createHmac('sha256', key).update(text).digest('hex');
  return { ...sealed, mac };
}

/** Whether it was sealed with this key, for this purpose, and is as it was then. */
export function isGenuineHead(
  sealed: SealedAuditHead,
  key: Uint8Array,
  purpose: SealPurpose = 'head',
): boolean {
  const expected = Buffer.from(sealHead(sealed, key, purpose).mac);
  const actual = Buffer.from(sealed.mac);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** The sealed head or base that `text` holds, genuine or not; `undefined` when it holds none. */
export function parseSealedHead(text: string): SealedAuditHead | undefined {
  const value = parseObject(text);
  if (value === undefined) return undefined;
  const { writer, sequence, hash, mac } = value;
  if (typeof writer !== 'string' || typeof hash !== 'string' || typeof mac !== 'string') {
    return undefined;
  }
  if (!isSequence(sequence)) return undefined;
  return { writer, sequence, hash, mac };
}

/** The entry's link in the chain; `undefined` when the line is not that of an entry. */
export function parseLink(line: string): ChainLink | undefined {
  const value = parseObject(line);
  if (value === undefined) return undefined;
  const { writer, sequence, previousHash } = value;
  if (typeof writer !== 'string' || typeof previousHash !== 'string') return undefined;
  return isSequence(sequence) ? { writer, sequence, previousHash } : undefined;
}

export const isSequence = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

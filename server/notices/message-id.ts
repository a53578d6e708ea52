import { createHash } from 'node:crypto';
import type { NoticeRecord } from './record.ts';

/** No two notices of a store have the same, and the header fits on one line. */
const DIGITS = 32;

/**
 * The Message-ID of a notice (RFC 5322 section 3.6.4), the same however often it is sent, so that a
 * reader's program knows a second copy. It is made of what the mail says as well: a store that was
 * restored from a backup gives ids again that mails of the lost one had.
 *
 * @param writer the store's id
 */
export function messageIdOf(
  { id, template, values }: Pick<NoticeRecord, 'id' | 'template' | 'values'>,
  writer: string,
): string {
  const said = JSON.stringify([writer, id, template, Object.entries(values).sort()]);
  const hash = createHash('sha256').update(said).digest('hex').slice(0, DIGITS);
  return `<${hash}@${writer.replace(/[^A-Za-z0-9-]/g, '')}.fobd>`;
}

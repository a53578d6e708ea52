import { formatTime } from '../../../shared/time.ts';
import { canonicalEntry, hashLine } from '../../audit/chain.ts';
import type { AuditEntry } from '../../audit/entry.ts';

/** What an endpoint is told of an audit entry, in JSON. */
export function eventBody(entry: AuditEntry): string {
  const { action, at, actor, outcome, account, serial, application, details } = entry;
  return JSON.stringify({
    ...details,
    id: eventId(entry),
    type: action,
    at: formatTime(at),
    actor,
    outcome,
    account,
    serial,
    application,
  });
}

/** Enough of the entry's hash to tell two of the same place apart. */
const HASH_DIGITS = 16;

/**
 * The entry's place in the log and the beginning of its hash: the same however often it is
 * delivered. The place alone would be another event's too: a log that was restored from a backup
 * goes on with numbers that the lost one had used.
 */
export function eventId(entry: AuditEntry): string {
  const { writer, sequence } = entry;
  const hash = hashLine(canonicalEntry(entry, entry)).slice(0, HASH_DIGITS);
  return `audit-${writer}-${sequence}-${hash}`;
}

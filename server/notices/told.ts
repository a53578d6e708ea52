import { formatTime } from '../../shared/time.ts';
import type { AccountId } from '../../shared/types.ts';
import type { AuditEntry } from '../audit/entry.ts';
import type { TokenRecord } from '../tokens/record.ts';
import type { NoticeDraft } from './port.ts';

/** What of the audit log is told to the person that it is about: pure. */

/** A notice that its address is still to be found for. */
export type Told = Omit<NoticeDraft, 'to' | 'account'> & { readonly account: AccountId };

type Telling = (
  entry: AuditEntry,
  token: TokenRecord | undefined,
) => Pick<NoticeDraft, 'template'> & { readonly values?: Readonly<Record<string, string>> };

const says =
  (template: NoticeDraft['template']): Telling =>
  () => ({ template });

/** By action; those with an outcome only where it is `accepted`. */
const TOLD: Readonly<Record<string, Telling>> = {
  lock: says('tokenLocked'),
  resync: says('tokenResynced'),
  lost: says('tokenLost'),
  found: says('tokenFound'),
  register: (_entry, token) => ({
    template: token?.mobileId === true ? 'mobileIdAdded' : 'tokenRegistered',
  }),
  replace: ({ details }) => ({
    template: 'tokenReplaced',
    values: { newSerial: String(details?.['with']) },
  }),
  revoke: says('tokenRevoked'),
  verifyPhone: ({ details }) => ({ template: 'phoneAdded', values: phoneOf(details) }),
  removePhone: ({ details }) => ({ template: 'phoneRemoved', values: phoneOf(details) }),
  setPassword: says('passwordSet'),
};

const phoneOf = (details: AuditEntry['details']) => ({ phone: String(details?.['phone']) });

/** Whether anything is told of it at all: what is not need not be looked at further. */
export const isTold = (entry: AuditEntry): boolean => tellingOf(entry) !== undefined;

/**
 * What the account's owner is told of an entry, if anything. The notice's id is the entry's place
 * in the log, so that it is told once however often the log is read.
 *
 * @param token the entry's, where there is one
 */
export function toldOf(entry: AuditEntry, token: TokenRecord | undefined): Told | undefined {
  const { account, at, writer, sequence } = entry;
  const serial = serialsOf(entry);
  const telling = tellingOf(entry);
  if (telling === undefined || account === undefined) return undefined;
  const { template, values } = telling(entry, token);
  const about = { at: formatTime(at), ...(serial === undefined ? {} : { serial }) };
  const id = `audit-${writer}-${sequence}`;
  return { id, template, account, at, values: { ...about, ...values } };
}

/** A failure by account may have held several tokens at once. */
function serialsOf({ serial, details = {} }: AuditEntry): string | undefined {
  const also = details['sets'] === undefined ? '' : String(details['also'] ?? '');
  if (serial === undefined || also === '') return serial;
  return [serial, ...also.split(' ')].join(', ');
}

function tellingOf({
  account,
  action,
  outcome,
  serial,
  actor,
  details = {},
}: AuditEntry): Telling | undefined {
  if (account === undefined) return undefined;
  // A failure that reached a limit, whatever was being tried.
  const sets = String(details['sets'] ?? '').split(' ');
  if (sets.includes('disabled') && serial !== undefined) return says('tokenDisabled');
  if (sets.includes('locked') && serial !== undefined) return says('tokenLocked');
  if (outcome !== undefined && outcome !== 'accepted') return undefined;
  // Its own mail says that a subscription is over.
  if (action === 'revoke' && actor === 'system') return undefined;
  // The new token's entry; the old one's says the same.
  if (action === 'replace' && details['with'] === undefined) return undefined;
  // A refusal that has no outcome.
  if (details['refused'] !== undefined) return undefined;
  return Object.hasOwn(TOLD, action) ? TOLD[action] : undefined;
}

import { invalidInput } from '../../../shared/errors.ts';
import { parseSpan } from '../../../shared/span.ts';
import { parseTime } from '../../../shared/time.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import type { AuditHead } from '../../audit/entry.ts';
import type { AppDependencies } from '../dependencies.ts';
import { viewAuditEntry } from '../views.ts';
import { type Handlers, Streamed } from './handler.ts';

type AuditIds =
  | 'listAudit'
  | 'verifyAudit'
  | 'getAuditCheckpoint'
  | 'getAuditPublicKey'
  | 'exportAudit'
  | 'planAuditRetention'
  | 'retainAudit'
  | 'reindexAudit';

export function auditHandlers({
  store,
  audit,
}: Pick<AppDependencies, 'store' | 'audit'>): Handlers<AuditIds> {
  return {
    async listAudit({ query: { after, from, to, limit, ...values } }) {
      const page = await store.auditPage({
        after: after ?? 0,
        limit,
        ...known({ ...values, from: moment('from', from), to: moment('to', to) }),
      });
      // The cursor of this list is open: it is `after`, a sequence.
      const nextCursor = page.next === null ? null : String(page.next);
      return { items: page.items.map(viewAuditEntry), nextCursor };
    },
    async verifyAudit({ query: { sequence, hash } }) {
      const isGiven = sequence !== undefined && hash !== undefined;
      const verdict = await store.verifyAudit(isGiven ? { sequence, hash } : undefined);
      const { head, base, ...found } = verdict;
      return {
        ...found,
        head: head && placeOf(head),
        ...(base === undefined ? {} : { base: placeOf(base) }),
      };
    },
    getAuditCheckpoint: ({ caller }) => audit.checkpoint(caller),
    getAuditPublicKey: ({ caller }) => audit.publicKey(caller),
    exportAudit: async ({ query, caller }) => new Streamed(await audit.export(query, caller)),
    planAuditRetention({ query: { keep, before }, caller }) {
      return audit.planRetention({ keepMillis: spanOf(keep), before }, caller);
    },
    retainAudit: ({ body, caller }) => audit.retain(body, caller),
    reindexAudit: ({ caller }) => audit.reindex(caller),
  };
}

const placeOf = ({ sequence, hash }: AuditHead) => ({ sequence, hash });

/** Without the members that are `undefined`. */
type Known<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };
const known = <T extends object>(given: T): Known<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Known<T>;

/** The schema knows a time's shape; whether it is in the calendar is known here. */
function moment(name: 'from' | 'to', text: string | undefined): UnixMillis | undefined {
  if (text === undefined) return undefined;
  const millis = parseTime(text);
  if (millis !== undefined) return millis;
  throw invalidInput(`/query/${name}`, 'badFormat', 'There is no such moment.');
}

function spanOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const millis = parseSpan(text);
  if (millis !== undefined) return millis;
  throw invalidInput('/query/keep', 'tooLarge', 'A span cannot be so long.');
}

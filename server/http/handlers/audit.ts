import type { AppDependencies } from '../dependencies.ts';
import { viewAuditEntry } from '../views.ts';
import type { Handlers } from './handler.ts';

export function auditHandlers({
  store,
}: Pick<AppDependencies, 'store'>): Handlers<'listAudit' | 'verifyAudit'> {
  return {
    async listAudit({ query: { after, serial, account, limit } }) {
      const page = await store.auditPage({
        after: after ?? 0,
        limit,
        ...(serial === undefined ? {} : { serial }),
        ...(account === undefined ? {} : { account }),
      });
      // The cursor of this list is open: it is `after`, a sequence.
      const nextCursor = page.next === null ? null : String(page.next);
      return { items: page.items.map(viewAuditEntry), nextCursor };
    },
    async verifyAudit() {
      const verdict = await store.verifyAudit();
      const { entries } = verdict;
      const head = verdict.head && { sequence: verdict.head.sequence, hash: verdict.head.hash };
      if (verdict.sound) return { sound: true, entries, head };
      return { sound: false, entries, head, fault: verdict.fault, faultAt: verdict.faultAt };
    },
  };
}

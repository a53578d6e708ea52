import type { AuditDraft } from '../audit/entry.ts';
import type { Caller } from './scopes.ts';

/** What an audit draft says besides when it was and who asked. */
export type AuditSubject = Omit<AuditDraft, 'at' | 'actor' | 'action'>;

/**
 * An audit draft in the caller's name. `application` is the one that asked, unless `subject` names
 * the one that the decision is about. What is `undefined` is not written.
 */
export function draftOf(
  { principal, now }: Caller,
  action: string,
  { outcome, serial, account, application = principal.application, details }: AuditSubject,
): AuditDraft {
  return {
    at: now,
    actor: principal.actor,
    action,
    outcome,
    serial,
    account,
    application,
    details,
  };
}

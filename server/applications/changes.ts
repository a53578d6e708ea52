import { FobtwinError } from '../../shared/errors.ts';
import { formatTime } from '../../shared/time.ts';
import type { ApplicationId } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import { refuseLacking } from '../access/grant.ts';
import type { Caller } from '../access/scopes.ts';
import type { AuditDraft } from '../audit/entry.ts';
import { put, type Store } from '../store/port.ts';
import { type NewKey, revokeKey, rotateKeys } from './keys.ts';
import type { Demand, Revocation } from './port.ts';
import { type ApplicationRecord, applicationKey, upgradeApplication } from './record.ts';

/** What changes an application: each one decision, with its audit entry. */

export function addApplication(
  store: Store,
  record: ApplicationRecord,
  caller: Caller,
): Promise<void> {
  const key = applicationKey(record.id);
  return store.transact([key], ([present]) => {
    if (present !== undefined) {
      throw new FobtwinError('exists', 'An application has this id already.', {
        nextStep: 'Try again: ids are drawn at random.',
      });
    }
    const { name, scopes, roles, allow, requiredStrength, requiresProofing } = record;
    const details = detailsOf({
      name,
      scopes: scopes.join(' '),
      roles: roles?.join(' '),
      allow: allow?.join(' '),
      requiredStrength,
      requiresProofing,
      expiresAt: expiryOf(record),
    });
    const draft = draftOf(caller, 'addApplication', { application: record.id, details });
    return { writes: [put(key, record)], auditDrafts: [draft], reply: undefined };
  });
}

export function rotateApplication(
  store: Store,
  id: ApplicationId,
  { newKey, overlapMillis }: { readonly newKey: NewKey; readonly overlapMillis: number },
  caller: Caller,
): Promise<ApplicationRecord> {
  return change(store, id, caller, (record) => {
    // Whoever gets the new key can do all that the application can.
    refuseLacking(record.scopes, caller);
    const rotated = {
      ...record,
      keys: rotateKeys(record, newKey, { overlapMillis, now: caller.now }),
    };
    const old = rotated.keys.length > 1 ? rotated.keys[0] : undefined;
    const details = detailsOf({
      key: rotated.keys.at(-1)?.number,
      expiresAt: expiryOf(rotated),
      oldKey: old?.number,
      oldKeyUntil: old?.expiresAt === undefined ? undefined : formatTime(old.expiresAt),
    });
    return { record: rotated, action: 'rotateApplication', details };
  });
}

/** @param ranges canonical; none: from anywhere */
export function allowApplication(
  store: Store,
  id: ApplicationId,
  { ranges, reason }: { readonly ranges: readonly string[]; readonly reason: string | undefined },
  caller: Caller,
): Promise<ApplicationRecord> {
  return change(store, id, caller, ({ allow: before, ...rest }) => {
    // A wider list may let in somebody who holds a key, and with it all that it is good for.
    refuseLacking(rest.scopes, caller);
    const record: ApplicationRecord = ranges.length === 0 ? rest : { ...rest, allow: ranges };
    const details = detailsOf({ from: textOf(before), to: textOf(record.allow), reason });
    return { record, action: 'allowApplication', details };
  });
}

const textOf = (ranges: readonly string[] | undefined): string => ranges?.join(' ') ?? 'anywhere';

export function demandOfApplication(
  store: Store,
  id: ApplicationId,
  { requiredStrength, requiresProofing, reason }: Demand,
  caller: Caller,
): Promise<ApplicationRecord> {
  return change(store, id, caller, (found) => {
    const { requiredStrength: before, requiresProofing: proofed, ...rest } = found;
    // A smaller demand lets in whom it kept out, and with them all that it is good for.
    refuseLacking(rest.scopes, caller);
    const needsProofing = requiresProofing ?? proofed ?? false;
    const record: ApplicationRecord = {
      ...rest,
      ...(requiredStrength === undefined ? {} : { requiredStrength }),
      ...(needsProofing ? { requiresProofing: true as const } : {}),
    };
    const isOther = needsProofing !== (proofed ?? false);
    const details = detailsOf({
      from: before ?? 'any',
      to: requiredStrength ?? 'any',
      requiresProofing: isOther ? needsProofing : undefined,
      reason,
    });
    return { record, action: 'demandOfApplication', details };
  });
}

export function revokeApplication(
  store: Store,
  id: ApplicationId,
  { key, reason }: Revocation,
  caller: Caller,
): Promise<ApplicationRecord> {
  return change(store, id, caller, (record) => {
    const details = detailsOf({ key, reason });
    return key === undefined
      ? { record: { ...record, revokedAt: caller.now }, action: 'revokeApplication', details }
      : {
          record: { ...record, keys: revokeKey(record, key, caller.now) },
          action: 'revokeApplicationKey',
          details,
        };
  });
}

interface Change {
  readonly record: ApplicationRecord;
  readonly action: string;
  readonly details: AuditDraft['details'];
}

/** @throws FobtwinError `notFound`, or `revoked`: an application that has ended stays as it is */
function change(
  store: Store,
  id: ApplicationId,
  caller: Caller,
  decide: (record: ApplicationRecord) => Change,
): Promise<ApplicationRecord> {
  const key = applicationKey(id);
  return store.transact([key], ([stored]) => {
    if (stored === undefined) throw noApplication();
    if (stored.revokedAt !== undefined) {
      throw new FobtwinError('revoked', 'This application is revoked already.');
    }
    const { record, action, details } = decide(upgradeApplication(stored));
    const draft = draftOf(caller, action, { application: id, details });
    return { writes: [put(key, record)], auditDrafts: [draft], reply: record };
  });
}

export const noApplication = (): FobtwinError =>
  new FobtwinError('notFound', 'There is no application of this id.', {
    nextStep: 'See: fobd application list',
  });

function expiryOf({ keys }: ApplicationRecord): string | undefined {
  const expiresAt = keys.at(-1)?.expiresAt;
  return expiresAt === undefined ? undefined : formatTime(expiresAt);
}

/** An entry has only what there is to say. */
function detailsOf(
  given: Readonly<Record<string, string | number | boolean | undefined>>,
): AuditDraft['details'] {
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  return said.length === 0 ? undefined : (Object.fromEntries(said) as AuditDraft['details']);
}

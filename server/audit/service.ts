import { FobtwinError, invalidInput } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { formatTime } from '../../shared/time.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import type { AuditBounds } from '../store/audit-port.ts';
import { put, replyOnly, type Store } from '../store/port.ts';
import { KEY_BYTES, unwrapKey, wrapKey } from '../vault/keys.ts';
import { hashLine } from './chain.ts';
import { createSigningKey, type SigningKey, signCheckpoint } from './checkpoint.ts';
import type { AuditHead } from './entry.ts';
import { exportPieces } from './export.ts';
import type {
  AuditService,
  ExportRange,
  Retention,
  RetentionLimits,
  RetentionPlan,
} from './port.ts';
import { AUDIT_KEY, AUDIT_KEYS, type AuditKeyRecord, auditCursorKey } from './record.ts';

/** What no retention removes, whatever it was asked for. */
export interface RetentionPolicy {
  /** Entries younger than this stay; milliseconds. */
  readonly keepMillis: number;
  /** So many of the newest stay; at least 1. */
  readonly keepEntries: number;
}

export interface AuditServiceParts {
  readonly store: Pick<Store, 'auditLog' | 'scan' | 'transact'>;
  /** 32 bytes, derived from the root key for this alone: wraps the private key. */
  readonly wrappingKey: Uint8Array;
  readonly rng: Rng;
  readonly policy: RetentionPolicy;
  /** Where entries are forwarded to: what it has not yet taken is not removed. Default nowhere. */
  readonly forwardedTo?: string | undefined;
  /**
   * Carries a removal up to the entry `through` out, once whoever reads the log has taken note of
   * it. Default: nobody reads.
   */
  readonly removing?: ((through: number, remove: () => Promise<void>) => Promise<void>) | undefined;
}

const KEY_PURPOSE = 'auditSigning';

export function createAuditService(parts: AuditServiceParts): AuditService {
  const { store, policy, removing = (_through, remove) => remove() } = parts;
  const signingKey = (caller: Caller) => openSigningKey(parts, caller);
  const plan = async (limits: RetentionLimits, { now }: Caller): Promise<RetentionPlan> => {
    const bounds = await store.auditLog.bounds();
    const { keepMillis = 0, before = Number.MAX_SAFE_INTEGER } = limits;
    const newest = bounds.head.sequence - policy.keepEntries;
    const through = Math.max(0, Math.min(before - 1, newest));
    const olderThan = (now - Math.max(keepMillis, policy.keepMillis)) as UnixMillis;
    return planOf(bounds, await store.auditLog.reach({ through, olderThan }));
  };
  return {
    async checkpoint(caller) {
      const key = await signingKey(caller);
      const { head } = await store.auditLog.bounds();
      return signCheckpoint(head, formatTime(caller.now), key);
    },
    async publicKey(caller) {
      const { keyId, publicKey } = await signingKey(caller);
      return { keyId, publicKey };
    },
    async export(range, caller) {
      const key = await signingKey(caller);
      const bounds = await store.auditLog.bounds();
      const { after, until } = checkRange(range, bounds);
      return exportPieces(store.auditLog.lines({ after, until }), {
        after: await headAt(store, bounds.base, after),
        until,
        publicKey: key.publicKey,
        sign: (last) => signCheckpoint(last, formatTime(caller.now), key),
      });
    },
    planRetention: plan,
    async retain(retention, caller) {
      const planned = await plan({ before: retention.through + 1 }, caller);
      await refuseUnplanned(parts, retention, planned);
      const { through, hash, exported } = retention;
      const details = { through, hash, entries: planned.entries, exported };
      const { head } = await store.auditLog.bounds();
      const base = { writer: head.writer, sequence: through, hash };
      const draft = draftOf(caller, 'retain', { details });
      await removing(through, () => store.auditLog.retain(base, draft));
      return planned;
    },
    reindex: () => store.auditLog.reindex(),
  };
}

const planOf = ({ base }: AuditBounds, { sequence, hash }: AuditHead): RetentionPlan => ({
  base: base.sequence,
  through: sequence,
  hash,
  entries: sequence - base.sequence,
});

function checkRange(
  { after, until }: ExportRange,
  { head, base }: AuditBounds,
): { readonly after: number; readonly until: number } {
  const from = after ?? base.sequence;
  const to = until ?? head.sequence;
  if (from < base.sequence) {
    throw invalidInput('/query/after', 'tooSmall', `The log begins after ${base.sequence}.`, {
      nextStep: 'What came before was removed by retention: look into the exports made then.',
    });
  }
  if (from > head.sequence) {
    throw invalidInput('/query/after', 'tooLarge', `The log ends at ${head.sequence}.`);
  }
  if (to < from || to > head.sequence) {
    const code = to < from ? 'tooSmall' : 'tooLarge';
    throw invalidInput('/query/until', code, `The log has ${from} to ${head.sequence}.`);
  }
  return { after: from, until: to };
}

/** An entry of the log by its sequence, or the base. */
async function headAt(
  store: AuditServiceParts['store'],
  base: AuditHead,
  sequence: number,
): Promise<AuditHead> {
  if (sequence === base.sequence) return base;
  const range = { after: sequence - 1, until: sequence };
  for await (const { line } of store.auditLog.lines(range)) {
    return { writer: base.writer, sequence, hash: hashLine(line) };
  }
  throw new FobtwinError('dataDirectoryDamaged', 'The audit log is damaged.', {
    detail: `audit entry ${sequence} is not there`,
    nextStep: 'Run `fobd audit verify` to see what is wrong.',
  });
}

async function refuseUnplanned(
  { store, forwardedTo }: AuditServiceParts,
  { through, hash }: Retention,
  planned: RetentionPlan,
): Promise<void> {
  if (planned.entries === 0 || planned.through !== through) {
    throw new FobtwinError('notAllowedNow', `Entries up to ${through} cannot be removed.`, {
      nextStep: `Plan again: at most those up to ${planned.through} can go now.`,
    });
  }
  if (planned.hash !== hash) {
    throw invalidInput('/hash', 'notAllowed', `Entry ${through} has another hash.`, {
      nextStep: 'Export and verify the log of this very server.',
    });
  }
  if (forwardedTo === undefined) return;
  const cursor = await store.transact([auditCursorKey(forwardedTo)], ([record]) =>
    replyOnly(record),
  );
  const taken = cursor?.sequence ?? 0;
  if (taken >= through) return;
  throw new FobtwinError('notAllowedNow', `Entries after ${taken} have not been forwarded yet.`, {
    nextStep: 'Look into the log of fobd why, or serve without --audit-forward.',
  });
}

/** Made with its first use: a data directory of an older version has none. */
async function openSigningKey(parts: AuditServiceParts, caller: Caller): Promise<SigningKey> {
  const { store } = parts;
  // A store that takes no writes any more can still tell what its log was signed with.
  const [stored] = (await store.scan(AUDIT_KEYS, { limit: 1 })).items;
  const { wrapped } = stored ?? (await makeSigningKey(parts, caller));
  return createSigningKey(unwrapKey(parts.wrappingKey, wrapped, KEY_PURPOSE));
}

function makeSigningKey(
  { store, wrappingKey, rng }: AuditServiceParts,
  caller: Caller,
): Promise<AuditKeyRecord> {
  return store.transact([AUDIT_KEY], ([found]) => {
    if (found !== undefined) return replyOnly(found);
    const bytes = rng.bytes(KEY_BYTES);
    const { keyId, publicKey } = createSigningKey(bytes);
    const made: AuditKeyRecord = {
      version: 1,
      keyId,
      publicKey,
      wrapped: wrapKey(wrappingKey, bytes, KEY_PURPOSE, rng),
      createdAt: caller.now,
    };
    const draft = draftOf(caller, 'createAuditKey', { details: { keyId } });
    return { writes: [put(AUDIT_KEY, made)], auditDrafts: [draft], reply: made };
  });
}

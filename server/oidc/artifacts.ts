import { hash } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { draftOf } from '../access/draft.ts';
import type { AuditDraft } from '../audit/entry.ts';
import { put, remove, replyOnly, type Store } from '../store/port.ts';
import { removeOver } from '../store/sweep.ts';
import {
  type GrantBasis,
  OIDC_ARTIFACTS,
  type OidcArtifactRecord,
  oidcArtifactKey,
} from './record.ts';

/** Codes, tokens, grants, sessions and interactions of the provider, kept in the store. */

type Payload = Readonly<Record<string, unknown>>;

/** One model of the provider's, as its adapter. */
export interface Artifacts {
  upsert(id: string, payload: object, expiresIn?: number): Promise<void>;
  find(id: string): Promise<Record<string, unknown> | undefined>;
  findByUid(uid: string): Promise<Record<string, unknown> | undefined>;
  /** Nothing of ours has a user code. */
  findByUserCode(): Promise<undefined>;
  /**
   * Notes that it was used, once.
   *
   * @throws FobtwinError `revoked` when it was used before: its grant has then ended
   */
  consume(id: string): Promise<void>;
  destroy(id: string): Promise<void>;
  revokeByGrantId(grantId: string): Promise<void>;
}

export interface ArtifactStore {
  model(name: string): Artifacts;
  basisOf(grantId: string): Promise<GrantBasis | undefined>;
  /** Says what a grant rests on, and records that it was given. */
  rest(grantId: string, basis: GrantBasis, draft: AuditDraft): Promise<void>;
}

export interface ArtifactParts {
  readonly store: Pick<Store, 'transact' | 'scan'>;
  /** The computer's: what the provider counts by. */
  readonly systemClock: Clock;
  /** The time that decisions are taken at, for the audit log. */
  readonly clock: Clock;
  /** Whether what a grant rests on still stands. */
  readonly stands: (basis: GrantBasis) => Promise<boolean>;
}

/** What the provider gives no life to has this one; none of what is used here. */
const LIFE_SECONDS = 86_400;
/** Of one artifact's JSON: a request's head, which it is made of, has 16 KiB at most. */
const CHARACTERS_MAX = 65_536;
/** A page of the index by grants, and so many of them at most. */
const REVOKED_AT_ONCE = 100;
const REVOKED_ROUNDS_MAX = 1000;

/** What ends with a grant. Sessions and interactions belong to none. */
const OF_GRANTS = ['AuthorizationCode', 'AccessToken', 'RefreshToken'];

const hashed = (id: string): string => hash('sha256', id, 'hex');
/** What it is stored under: whoever reads the store cannot tell what opens it. */
const nameOf = (model: string, id: string): string => `${model}:${hashed(id)}`;

export function createArtifactStore(parts: ArtifactParts): ArtifactStore {
  const { store } = parts;
  const sweep = createSweep(parts);
  const read = (model: string, id: string) =>
    store.transact([oidcArtifactKey(nameOf(model, id))], ([record]) => replyOnly(record));
  return {
    model: (name) => createModel(name, parts, { sweep, read: (id) => read(name, id) }),
    async basisOf(grantId) {
      return (await read('Grant', grantId))?.basis;
    },
    rest(grantId, basis, draft) {
      const key = oidcArtifactKey(nameOf('Grant', grantId));
      return store.transact([key], ([record]) => {
        if (record === undefined) throw gone();
        const writes = [put(key, { ...record, basis })];
        return { writes, auditDrafts: [draft], reply: undefined };
      });
    },
  };
}

const gone = (): FobtwinError =>
  new FobtwinError('unavailable', 'This sign-in has just ended.', { nextStep: 'Begin it again.' });

interface Tools {
  readonly sweep: () => Promise<void>;
  readonly read: (id: string) => Promise<OidcArtifactRecord | undefined>;
}

function createModel(model: string, parts: ArtifactParts, { sweep, read }: Tools): Artifacts {
  const { store, systemClock, stands } = parts;
  const keyOf = (id: string) => oidcArtifactKey(nameOf(model, id));
  const drop = (id: string): Promise<void> =>
    store.transact([keyOf(id)], () => ({
      writes: [remove(keyOf(id))],
      auditDrafts: [],
      reply: undefined,
    }));
  return {
    async upsert(id, payload, expiresIn = LIFE_SECONDS) {
      await sweep();
      const record = recordOf(model, id, payload, systemClock.now() + expiresIn * 1000);
      await store.transact([keyOf(id)], ([before]) => {
        const basis = before?.basis;
        const kept = basis === undefined ? record : { ...record, basis };
        return { writes: [put(keyOf(id), kept)], auditDrafts: [], reply: undefined };
      });
    },

    async find(id) {
      const record = await read(id);
      if (record === undefined) return undefined;
      if (model === 'Grant' && !(record.basis !== undefined && (await stands(record.basis)))) {
        // A grant without a basis was not finished; one whose basis fell is over for good.
        if (record.basis !== undefined) await drop(id);
        return undefined;
      }
      return payloadOf(record, id);
    },

    async findByUid(uid) {
      const range = { index: 'uid', value: hashed(uid), limit: 1 };
      const [record] = (await store.scan(OIDC_ARTIFACTS, range)).items;
      return record === undefined ? undefined : payloadOf(record, undefined);
    },

    findByUserCode: async () => undefined,

    async consume(id) {
      const seconds = Math.floor(systemClock.now() / 1000);
      const used = await store.transact([keyOf(id)], ([record]) => {
        if (record === undefined) return replyOnly({ isFirst: false, grant: undefined });
        const grant = record.payload['grantId'];
        if (record.consumed !== undefined) return replyOnly({ isFirst: false, grant });
        const writes = [put(keyOf(id), { ...record, consumed: seconds })];
        return { writes, auditDrafts: [], reply: { isFirst: true, grant } };
      });
      if (used.isFirst) return;
      if (typeof used.grant === 'string') await endGrant(parts, used.grant);
      throw new FobtwinError('revoked', 'It was used before.');
    },

    destroy: drop,

    revokeByGrantId: (grantId) => removeOfGrant(parts, model, grantId),
  };
}

/** What works once was used twice: somebody has it who should not (RFC 9700 section 4.14.2). */
async function endGrant(parts: ArtifactParts, grantId: string): Promise<void> {
  const { store, clock } = parts;
  const key = oidcArtifactKey(nameOf('Grant', grantId));
  await store.transact([key], ([record]) => {
    if (record === undefined) return replyOnly(undefined);
    const { basis, payload } = record;
    const draft = draftOf(
      { principal: { actor: `oidc:${payload['clientId']}`, scopes: new Set() }, now: clock.now() },
      'endOidcGrant',
      {
        ...(basis === undefined ? {} : { account: basis.account }),
        details: { why: 'usedTwice' },
      },
    );
    return { writes: [remove(key)], auditDrafts: [draft], reply: undefined };
  });
  for (const model of OF_GRANTS) await removeOfGrant(parts, model, grantId);
}

async function removeOfGrant(
  { store }: ArtifactParts,
  model: string,
  grantId: string,
): Promise<void> {
  const range = { index: 'grant', value: nameOf(model, grantId), limit: REVOKED_AT_ONCE };
  for (let round = 0; round < REVOKED_ROUNDS_MAX; round += 1) {
    const { items } = await store.scan(OIDC_ARTIFACTS, range);
    if (items.length === 0) return;
    await removeAll(store, items);
  }
}

const removeAll = (
  store: ArtifactParts['store'],
  items: readonly OidcArtifactRecord[],
): Promise<void> => {
  const keys = items.map(({ id }) => oidcArtifactKey(id));
  return store.transact(keys, () => ({
    writes: keys.map((key) => remove(key)),
    auditDrafts: [],
    reply: undefined,
  }));
};

/**
 * The id stands in a payload as `jti`, and a session's also in the interactions that began in it:
 * both are left out.
 */
function recordOf(model: string, id: string, given: object, expiresAt: number): OidcArtifactRecord {
  const text = JSON.stringify(given);
  if (text.length > CHARACTERS_MAX) {
    throw new FobtwinError('invalidInput', 'This request is too long.', { detail: model });
  }
  const { jti: _, session, ...payload } = JSON.parse(text) as Record<string, unknown>;
  const { grantId, uid } = payload;
  return {
    version: 1,
    id: nameOf(model, id),
    payload: session === undefined ? payload : { ...payload, session: withoutCookie(session) },
    expiresAt,
    ...(typeof grantId === 'string' && OF_GRANTS.includes(model)
      ? { grant: nameOf(model, grantId) }
      : {}),
    ...(typeof uid === 'string' && model === 'Session' ? { uid: hashed(uid) } : {}),
  };
}

function withoutCookie(session: unknown): unknown {
  if (typeof session !== 'object' || session === null) return session;
  const { cookie: _, ...rest } = session as Payload;
  return rest;
}

/** A copy: the provider changes what it is given. */
function payloadOf(
  { payload, consumed }: OidcArtifactRecord,
  id: string | undefined,
): Record<string, unknown> {
  return {
    ...structuredClone(payload),
    ...(id === undefined ? {} : { jti: id }),
    ...(consumed === undefined ? {} : { consumed }),
  };
}

/** Expired artifacts looked for at a time, once for so many that are written. */
const SLICE = 256;
const WRITES_A_SLICE = 64;

/**
 * Removes what has expired, a slice at a time as others are written: all of them are looked at
 * before a quarter as many are new, and no request waits for more than one slice.
 */
function createSweep({ store, systemClock }: ArtifactParts): () => Promise<void> {
  let writes = 0;
  let after: string | undefined;
  return async () => {
    writes += 1;
    if (writes % WRITES_A_SLICE !== 0) return;
    const range = after === undefined ? { limit: SLICE } : { after, limit: SLICE };
    const { items, next } = await store.scan(OIDC_ARTIFACTS, range);
    after = next ?? undefined;
    const now = systemClock.now();
    const expired = items.filter(({ expiresAt }) => expiresAt <= now);
    if (expired.length > 0) await removeAll(store, expired);
  };
}

/**
 * After a restore no code and no token of the backup is good: what was used or ended since must not
 * come back. Whoever used them signs in again.
 *
 * @returns how many there were
 */
export const endRestoredArtifacts = (store: ArtifactParts['store']): Promise<number> =>
  removeOver(store, OIDC_ARTIFACTS, () => true);

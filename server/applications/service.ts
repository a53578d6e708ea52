import { FobtwinError, invalidInput } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { type ApplicationId, parseApplicationId } from '../../shared/types.ts';
import {
  API_KEY_SECRET_BYTES,
  APPLICATION_ID_BYTES,
  formatApiKey,
  hashApiKeySecret,
  makeApiKey,
  parseApiKey,
  sameHash,
} from '../access/api-key.ts';
import { draftOf } from '../access/draft.ts';
import { type Caller, type Principal, parseScope, type Scope } from '../access/scopes.ts';
import { put, type Store } from '../store/port.ts';
import { createApplicationCache } from './cache.ts';
import type { ApplicationService } from './port.ts';
import { APPLICATIONS, type ApplicationRecord, applicationKey } from './record.ts';

export interface ApplicationServiceOptions {
  readonly store: Store;
  /** From a cryptographic source: API keys are made of it. */
  readonly rng: Rng;
}

/** What a wrong or malformed key is compared with: no text hashes to it. */
const NO_HASH = Buffer.alloc(32);

export function createApplicationService({
  store,
  rng,
}: ApplicationServiceOptions): ApplicationService {
  const cache = createApplicationCache(store);
  return {
    async add({ name, scopes }, caller) {
      const granted = grantable(scopes, caller);
      const live = await cache.live();
      live.checkRoom();
      const apiKey = makeApiKey(drawId(rng), rng.bytes(API_KEY_SECRET_BYTES));
      const record: ApplicationRecord = {
        version: 1,
        id: apiKey.id,
        name,
        scopes: granted,
        secretHash: hashApiKeySecret(apiKey.secret).toString('hex'),
        createdAt: caller.now,
      };
      await insert(store, record, caller);
      live.put(record);
      return { id: record.id, apiKey: formatApiKey(apiKey) };
    },

    async revoke(id, caller) {
      const live = await cache.live();
      const revoked = await markRevoked(store, id, caller);
      live.drop(id);
      return revoked;
    },

    list: ({ after, limit }) =>
      store.scan(APPLICATIONS, after === undefined ? { limit } : { after, limit }),

    async authenticate(text): Promise<Principal | undefined> {
      const live = cache.loaded() ?? (await cache.live());
      const apiKey = parseApiKey(text);
      const known = apiKey && live.get(apiKey.id);
      // A key of the wrong form and an unknown id cost the same hash and the same comparison.
      const given = hashApiKeySecret(apiKey?.secret ?? '');
      const same = sameHash(given, known?.secretHash ?? NO_HASH);
      return same ? known?.principal : undefined;
    },
  };
}

/**
 * Scopes that exist, each once, and that the caller holds: who may add applications must not
 * become more than he is by it.
 */
function grantable(scopes: readonly Scope[], { principal }: Caller): readonly Scope[] {
  const unknown = scopes.findIndex((scope) => parseScope(scope) === undefined);
  if (unknown !== -1) {
    throw invalidInput(`/scopes/${unknown}`, 'notAllowed', 'There is no scope of this name.');
  }
  if (scopes.length === 0) {
    throw invalidInput('/scopes', 'required', 'An application needs at least one scope.');
  }
  const missing = scopes.find((scope) => !principal.scopes.has(scope));
  if (missing !== undefined) {
    throw new FobtwinError(
      'forbidden',
      `You cannot grant scope ${missing}: you lack it yourself.`,
      {
        nextStep: 'Add this application with a key that holds every scope it is to have.',
      },
    );
  }
  return [...new Set(scopes)];
}

function drawId(rng: Rng): ApplicationId {
  const id = parseApplicationId(Buffer.from(rng.bytes(APPLICATION_ID_BYTES)).toString('hex'));
  if (id === undefined) throw new FobtwinError('internal', 'The random source gave too little.');
  return id;
}

function insert(store: Store, record: ApplicationRecord, caller: Caller): Promise<void> {
  const key = applicationKey(record.id);
  return store.transact([key], ([present]) => {
    if (present !== undefined) {
      throw new FobtwinError('exists', 'An application has this id already.', {
        nextStep: 'Try again: ids are drawn at random.',
      });
    }
    const details = { name: record.name, scopes: record.scopes.join(' ') };
    const draft = draftOf(caller, 'addApplication', { application: record.id, details });
    return { writes: [put(key, record)], auditDrafts: [draft], reply: undefined };
  });
}

function markRevoked(store: Store, id: ApplicationId, caller: Caller): Promise<ApplicationRecord> {
  const key = applicationKey(id);
  return store.transact([key], ([record]) => {
    if (record === undefined) {
      throw new FobtwinError('notFound', 'There is no application of this id.');
    }
    if (record.revokedAt !== undefined) {
      throw new FobtwinError('revoked', 'This application is revoked already.');
    }
    const revoked: ApplicationRecord = { ...record, revokedAt: caller.now };
    const draft = draftOf(caller, 'revokeApplication', { application: id });
    return { writes: [put(key, revoked)], auditDrafts: [draft], reply: revoked };
  });
}

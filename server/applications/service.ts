import { FobtwinError, invalidInput } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { type ApplicationId, parseApplicationId, type UnixMillis } from '../../shared/types.ts';
import { isAllowed } from '../access/address.ts';
import {
  API_KEY_SECRET_BYTES,
  APPLICATION_ID_BYTES,
  formatApiKey,
  hashApiKeySecret,
  idNamedBy,
  makeApiKey,
  parseApiKey,
  sameHash,
} from '../access/api-key.ts';
import type { Caller } from '../access/scopes.ts';
import { replyOnly, type Store } from '../store/port.ts';
import {
  type ApplicationCache,
  createApplicationCache,
  type LiveApplication,
  type LiveApplications,
  type LiveKey,
} from './cache.ts';
import {
  addApplication,
  allowApplication,
  demandOfApplication,
  noApplication,
  revokeApplication,
  rotateApplication,
} from './changes.ts';
import { canonicalRanges, checkExpiry, grantableScopes } from './grant.ts';
import { OVERLAP_MILLIS, OVERLAP_MILLIS_MAX } from './keys.ts';
import type { ApplicationService, Authentication, KeyNotice, KeyUse } from './port.ts';
import {
  API_KEYS_MAX,
  APPLICATIONS,
  type ApiKeyRecord,
  type ApplicationRecord,
  applicationKey,
  upgradeApplication,
} from './record.ts';
import { createKeyWatch, type KeyWatch, withLastUses } from './usage.ts';

export interface ApplicationServiceOptions {
  readonly store: Store;
  /** From a cryptographic source: API keys are made of it. */
  readonly rng: Rng;
  /** Told what an operator should hear of a key, seldom; default nobody is. */
  readonly onKeyNotice?: ((notice: KeyNotice) => void) | undefined;
}

/** What a wrong or malformed key is compared with: no text hashes to it. */
const NO_HASH = Buffer.alloc(32);
const WRONG: Authentication = { result: 'wrong' };
const EXPIRED: Authentication = { result: 'expired' };

export function createApplicationService(options: ApplicationServiceOptions): ApplicationService {
  const { store, onKeyNotice = () => undefined } = options;
  const cache = createApplicationCache(store);
  const watch = createKeyWatch(store, onKeyNotice);
  return {
    ...createChanges(options, cache),
    ...createReads(store, cache),
    ...createAuthentication(cache, watch),
  };
}

type Part<Names extends keyof ApplicationService> = Pick<ApplicationService, Names>;

function createChanges(
  { store, rng }: ApplicationServiceOptions,
  cache: ApplicationCache,
): Part<'add' | 'rotate' | 'allow' | 'demand' | 'revoke'> {
  return {
    async add(application, caller) {
      const { name, scopes, roles = [], allow = [], requiredStrength, expiresAt } = application;
      const granted = grantableScopes({ scopes, roles }, caller);
      const ranges = canonicalRanges(allow);
      checkExpiry(expiresAt, caller.now);
      const live = await cache.live();
      live.checkRoom();
      const apiKey = makeApiKey(drawId(rng), rng.bytes(API_KEY_SECRET_BYTES));
      const { id, secret } = apiKey;
      const record: ApplicationRecord = {
        version: 2,
        id,
        name,
        scopes: granted,
        ...(roles.length === 0 ? {} : { roles: [...new Set(roles)] }),
        keys: [firstKey(secret, expiresAt, caller)],
        ...(ranges.length === 0 ? {} : { allow: ranges }),
        ...(requiredStrength === undefined ? {} : { requiredStrength }),
        ...(application.requiresProofing === true ? { requiresProofing: true as const } : {}),
        createdAt: caller.now,
      };
      await addApplication(store, record, caller);
      live.put(record);
      return { id, apiKey: formatApiKey(apiKey) };
    },

    async rotate(id, { overlapMillis = OVERLAP_MILLIS, expiresAt }, caller) {
      if (!(overlapMillis <= OVERLAP_MILLIS_MAX)) {
        throw invalidInput('/overlap', 'tooLarge', 'An overlap is at most 90 days.');
      }
      checkExpiry(expiresAt, caller.now);
      const live = await cache.live();
      const apiKey = makeApiKey(id, rng.bytes(API_KEY_SECRET_BYTES));
      const secretHash = hashApiKeySecret(apiKey.secret).toString('hex');
      const newKey = { secretHash, expiresAt };
      const record = await rotateApplication(store, id, { newKey, overlapMillis }, caller);
      live.put(record);
      const application = withLastUses(record, live.get(id));
      return { apiKey: formatApiKey(apiKey), application };
    },

    async allow(id, { allow, reason }, caller) {
      const ranges = canonicalRanges(allow);
      const live = await cache.live();
      const record = await allowApplication(store, id, { ranges, reason }, caller);
      live.put(record);
      return withLastUses(record, live.get(id));
    },

    async demand(id, demand, caller) {
      const live = await cache.live();
      const record = await demandOfApplication(store, id, demand, caller);
      live.put(record);
      return withLastUses(record, live.get(id));
    },

    async revoke(id, revocation, caller) {
      const live = await cache.live();
      const record = await revokeApplication(store, id, revocation, caller);
      const shown = withLastUses(record, live.get(id));
      live.put(record);
      return shown;
    },
  };
}

const firstKey = (
  secret: string,
  expiresAt: UnixMillis | undefined,
  { now }: Caller,
): ApiKeyRecord => ({
  number: 1,
  secretHash: hashApiKeySecret(secret).toString('hex'),
  createdAt: now,
  ...(expiresAt === undefined ? {} : { expiresAt }),
});

function createReads(store: Store, cache: ApplicationCache): Part<'get' | 'list'> {
  return {
    async get(id) {
      const live = await cache.live();
      const stored = await store.transact([applicationKey(id)], ([record]) => replyOnly(record));
      if (stored === undefined) throw noApplication();
      return withLastUses(upgradeApplication(stored), live.get(id));
    },

    async list({ after, limit }) {
      const live = await cache.live();
      const range = after === undefined ? { limit } : { after, limit };
      const { items, next } = await store.scan(APPLICATIONS, range);
      const shown = items.map((item) => withLastUses(upgradeApplication(item), live.get(item.id)));
      return { items: shown, next };
    },
  };
}

function createAuthentication(
  cache: ApplicationCache,
  watch: KeyWatch,
): Part<'authenticate' | 'mayBeRight'> {
  const judge = (
    live: LiveApplications,
    text: string,
    { now, address }: KeyUse,
  ): Authentication => {
    const apiKey = parseApiKey(text);
    const application = apiKey && live.get(apiKey.id);
    const key = keyThatFits(application, apiKey?.secret ?? '');
    if (application === undefined || key === undefined) return WRONG;
    const { allow } = application;
    if (allow !== undefined && !isAllowed(address, allow)) {
      watch.refused(application, key, { notice: 'addressRefused', now, address });
      return WRONG;
    }
    if (key.expiresAt !== undefined && now >= key.expiresAt) {
      watch.refused(application, key, { notice: 'expired', now });
      return EXPIRED;
    }
    watch.used(application, key, now);
    return key.known;
  };
  return {
    authenticate(text, use) {
      const live = cache.loaded();
      if (live !== undefined) return judge(live, text, use);
      return cache.live().then((loaded) => judge(loaded, text, use));
    },

    mayBeRight(text) {
      const live = cache.loaded();
      if (live === undefined) return true;
      return live.get(idNamedBy(text)) !== undefined;
    },
  };
}

/**
 * A key of the wrong form, an unknown id and an application with one key cost the same hash and the
 * same comparisons as any other.
 */
function keyThatFits(
  application: LiveApplication | undefined,
  secret: string,
): LiveKey | undefined {
  const given = hashApiKeySecret(secret);
  let fitting: LiveKey | undefined;
  for (let place = 0; place < API_KEYS_MAX; place += 1) {
    const key = application?.keys[place];
    if (sameHash(given, key?.secretHash ?? NO_HASH)) fitting = key;
  }
  return fitting;
}

function drawId(rng: Rng): ApplicationId {
  const id = parseApplicationId(Buffer.from(rng.bytes(APPLICATION_ID_BYTES)).toString('hex'));
  if (id === undefined) throw new FobtwinError('internal', 'The random source gave too little.');
  return id;
}

import { FobtwinError } from '../../shared/errors.ts';
import type { ApplicationId, UnixMillis } from '../../shared/types.ts';
import { type AddressRange, parseAddressRange } from '../access/address.ts';
import type { Principal } from '../access/scopes.ts';
import type { Store } from '../store/port.ts';
import type { Authentication } from './port.ts';
import {
  APPLICATIONS,
  type ApiKeyRecord,
  type ApplicationRecord,
  upgradeApplication,
} from './record.ts';

/**
 * Every application that is not revoked, in memory: a request is then authenticated without
 * reading the store, and an id that does not exist costs what one that does costs. Right as long
 * as one process owns the store, since every change goes through the service that holds this.
 */

/** Applications not revoked, at a time. */
export const APPLICATIONS_MAX = 10_000;

const PAGE = 500;

export interface LiveApplication {
  readonly id: ApplicationId;
  readonly name: string;
  readonly keys: readonly LiveKey[];
  /** Undefined: from anywhere. */
  readonly allow: readonly AddressRange[] | undefined;
}

/** A key that is not revoked; it may have expired. */
export interface LiveKey {
  readonly number: number;
  /** 32 bytes. */
  readonly secretHash: Buffer;
  readonly expiresAt: UnixMillis | undefined;
  /** What a caller with this key is told, made once. */
  readonly known: Authentication;
  readonly usage: KeyUsage;
}

/** What memory knows of a key's use; it stays when the application's record changes. */
export interface KeyUsage {
  /** Exact. */
  lastUsedAt: UnixMillis | undefined;
  /** The last use that the record has. */
  keptAt: number;
  /** When each notice was last given. */
  readonly noticedAt: Map<string, number>;
}

export interface LiveApplications {
  get(id: ApplicationId): LiveApplication | undefined;
  /** Takes the record over as it is now; one that is revoked is dropped. */
  put(record: ApplicationRecord): void;
  /** @throws FobtwinError `notAllowedNow` when there are `APPLICATIONS_MAX` */
  checkRoom(): void;
}

export interface ApplicationCache {
  /** Read from the store the first time. */
  live(): Promise<LiveApplications>;
  /** What has been read, for those who would rather not wait a turn. */
  loaded(): LiveApplications | undefined;
}

export function createApplicationCache(store: Pick<Store, 'scan'>): ApplicationCache {
  let loading: Promise<LiveApplications> | undefined;
  let loaded: LiveApplications | undefined;
  return {
    loaded: () => loaded,
    live() {
      loading ??= load(store).then(
        (applications) => {
          loaded = applications;
          return applications;
        },
        (error: unknown) => {
          loading = undefined;
          throw error;
        },
      );
      return loading;
    },
  };
}

async function load(store: Pick<Store, 'scan'>): Promise<LiveApplications> {
  const live = createLiveApplications();
  let after = '';
  for (;;) {
    const page = await store.scan(APPLICATIONS, { after, limit: PAGE });
    for (const record of page.items) live.put(upgradeApplication(record));
    if (page.next === null) return live;
    after = page.next;
  }
}

function createLiveApplications(): LiveApplications {
  const applications = new Map<ApplicationId, LiveApplication>();
  return {
    get: (id) => applications.get(id),
    put(record) {
      const { id } = record;
      if (record.revokedAt !== undefined) applications.delete(id);
      else applications.set(id, liveApplication(record, applications.get(id)));
    },
    checkRoom() {
      if (applications.size < APPLICATIONS_MAX) return;
      throw new FobtwinError('notAllowedNow', `There are ${APPLICATIONS_MAX} applications.`, {
        nextStep: 'Revoke those that are no longer used.',
      });
    },
  };
}

function liveApplication(
  record: ApplicationRecord,
  before: LiveApplication | undefined,
): LiveApplication {
  const { id, name, scopes, keys, allow } = record;
  const principal: Principal = {
    actor: `application:${id}`,
    application: id,
    scopes: new Set(scopes),
    ...demandsOf(record),
  };
  const usageBefore = (number: number) => before?.keys.find((key) => key.number === number)?.usage;
  return {
    id,
    name,
    keys: keys
      .filter(({ revokedAt }) => revokedAt === undefined)
      .map((key) => liveKey(key, principal, usageBefore(key.number))),
    // A range that cannot be read lets nobody in, rather than everybody.
    allow: allow?.flatMap((text) => parseAddressRange(text) ?? []),
  };
}

/** What it demands of whoever gives it a code. */
export const demandsOf = ({
  requiredStrength,
  requiresProofing,
}: Pick<ApplicationRecord, 'requiredStrength' | 'requiresProofing'>) => ({
  ...(requiredStrength === undefined ? {} : { requiredStrength }),
  ...(requiresProofing === undefined ? {} : { requiresProofing }),
});

function liveKey(
  { number, secretHash, expiresAt, lastUsedAt }: ApiKeyRecord,
  principal: Principal,
  usage: KeyUsage = {
    lastUsedAt,
    keptAt: lastUsedAt ?? Number.NEGATIVE_INFINITY,
    noticedAt: new Map(),
  },
): LiveKey {
  return {
    number,
    secretHash: Buffer.from(secretHash, 'hex'),
    expiresAt,
    known: { result: 'known', principal },
    usage,
  };
}

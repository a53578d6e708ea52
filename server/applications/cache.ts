import { FobtwinError } from '../../shared/errors.ts';
import type { ApplicationId } from '../../shared/types.ts';
import type { Principal } from '../access/scopes.ts';
import type { Store } from '../store/port.ts';
import { APPLICATIONS, type ApplicationRecord } from './record.ts';

/**
 * Every application that is not revoked, in memory: a request is then authenticated without
 * reading the store, and an id that does not exist costs what one that does costs. Right as long
 * as one process owns the store, since every change goes through the service that holds this.
 */

/** Applications not revoked, at a time. */
export const APPLICATIONS_MAX = 10_000;

const PAGE = 500;

export interface LiveApplication {
  readonly principal: Principal;
  /** 32 bytes. */
  readonly secretHash: Buffer;
}

export interface LiveApplications {
  get(id: ApplicationId): LiveApplication | undefined;
  put(record: ApplicationRecord): void;
  drop(id: ApplicationId): void;
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
  const applications = new Map<ApplicationId, LiveApplication>();
  const live: LiveApplications = {
    get: (id) => applications.get(id),
    put: (record) => void applications.set(record.id, liveApplication(record)),
    drop: (id) => void applications.delete(id),
    checkRoom() {
      if (applications.size < APPLICATIONS_MAX) return;
      throw new FobtwinError('notAllowedNow', `There are ${APPLICATIONS_MAX} applications.`, {
        nextStep: 'Revoke those that are no longer used.',
      });
    },
  };
  let after = '';
  for (;;) {
    const page = await store.scan(APPLICATIONS, { after, limit: PAGE });
    for (const record of page.items) {
      if (record.revokedAt === undefined) live.put(record);
    }
    if (page.next === null) return live;
    after = page.next;
  }
}

function liveApplication({ id, scopes, secretHash }: ApplicationRecord): LiveApplication {
  const principal = { actor: `application:${id}`, application: id, scopes: new Set(scopes) };
  return { principal, secretHash: Buffer.from(secretHash, 'hex') };
}

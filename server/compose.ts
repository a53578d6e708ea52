import type Koa from 'koa';
import { type Clock, elapsedBy } from '../shared/clock.ts';
import type { Rng } from '../shared/rng.ts';
import type { UnixMillis } from '../shared/types.ts';
import type { NotReadyReason } from '../shared/wire/schemas.ts';
import { LOCAL_OWNER, SCOPES } from './access/scopes.ts';
import { createApplicationService } from './applications/service.ts';
import type { Audit } from './audit/open.ts';
import { openBackups } from './backup/open.ts';
import type { FobdConfig } from './config.ts';
import { createDataDirectory } from './data-directory/create.ts';
import { type DataDirectory, readDataDirectory } from './data-directory/data-directory.ts';
import { describeMasterKeySource, masterKeySource } from './data-directory/master-key.ts';
import { type EdgeListener, openEdges } from './edges.ts';
import { type Housekeeping, startHousekeeping } from './housekeeping.ts';
import { createApp } from './http/app.ts';
import type { AppDependencies, HttpLog, RequestSight } from './http/dependencies.ts';
import { createLimits, type Limits } from './http/limits.ts';
import { KINDS } from './kinds.ts';
import { createLabClock } from './lab/clock.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Queues } from './notices/queues.ts';
import { createReadiness, type DiskWatch } from './readiness.ts';
import { openServices } from './services.ts';
import { createChallenges } from './sessions/challenges.ts';
import { openLevelStore } from './store/level.ts';
import type { Store, StoreObserver } from './store/port.ts';
import type { KeyService } from './vault/key-service.ts';
import { deriveKey, wipe } from './vault/keys.ts';
import { addFirstDataKey } from './vault/open.ts';

/** The only place where the parts of fobd are put together. */

/** What an edge hands in. */
export interface Surroundings {
  /** The computer's clock; in a lab the lab's clock is made from it. */
  readonly clock: Clock;
  /** A cryptographic source. */
  readonly rng: Rng;
}

/** What a serving fobd is watched by; a command that opens one for itself has none of it. */
export interface Watchers {
  readonly metrics?: Metrics;
  readonly observe?: (sight: RequestSight) => void;
  readonly disk?: DiskWatch;
}

export interface Fobd {
  /** /v1 for everybody, by API key. */
  readonly app: Koa;
  /** /v1 for the owner of the data directory, for a socket that only he can open. */
  readonly ownerApp: Koa;
  readonly store: Store;
  /** The time that decisions are taken at. */
  readonly clock: Clock;
  readonly lab: boolean;
  /** Data and master keys; `resume` goes on with what was broken off. */
  readonly keys: KeyService;
  /** Empty while requests are taken. */
  readonly notReady: () => readonly NotReadyReason[];
  /** Resolves when the store can no longer be written: the process must then end. */
  readonly failed: Promise<Error>;
  /** Makes checkpoints and forwards entries, as the configuration says, from now on. */
  readonly startAuditDuties: Audit['startDuties'];
  /** What waits to be sent, as it was when it was last looked at. */
  readonly queues: () => Queues | undefined;
  /** Removes what is over, from now on. */
  readonly startHousekeeping: () => Housekeeping;
  /** RADIUS and the like: what is not HTTP. */
  readonly listeners: readonly EdgeListener[];
  /** From now on readiness fails, and connections end with their next reply. */
  stop(): void;
  /** Makes durable what is queued, and lets go of the data directory. */
  close(): Promise<void>;
}

/** Warnings come before anything is served; who has no use for them leaves them out. */
export interface OpeningLog extends HttpLog {
  warn?(details: object, message: string): void;
}

type Edge = Surroundings & Watchers & { readonly log: OpeningLog };

/**
 * Opens the data directory of `config` and puts fobd together over it. Nothing listens yet.
 *
 * @throws FobtwinError that says what is wrong with the data directory
 */
export async function openFobd(config: FobdConfig, edge: Edge): Promise<Fobd> {
  const { log, metrics } = edge;
  const onKeyCommand = (line: string) => log.warn?.({ line }, 'said by the master key command');
  const directory = await readDataDirectory(config.data, { ...config, onKeyCommand });
  const store = await openStore(directory, { createIfMissing: false, observer: metrics?.store });
  try {
    return await composeOver(store, directory, config, edge);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function composeOver(
  store: Store,
  directory: DataDirectory,
  config: FobdConfig,
  edge: Edge,
): Promise<Fobd> {
  const { clock: computerClock, rng, log, metrics, observe, disk } = edge;
  const { rootKey } = directory;
  const services = await openServices(store, directory, config, edge);
  const { clock, lab, keys, audit, isClockSteady, queues } = services;
  const readiness = createReadiness({
    store,
    isClockSteady,
    isDiskNearlyFull: disk?.isNearlyFull,
    isMailHeldUp: () => queues.isMailHeldUp(clock.now()),
  });
  const elapsedMillis = elapsedBy(computerClock);
  const challenges = createChallenges({ rng, elapsedMillis });
  const limits = directory.lab ? undefined : openLimits(config, computerClock, rng);
  const shared = { config, elapsedMillis, challenges, limits, rng, rootKey, log, metrics };
  const edges = openEdges({ ...services, ...shared });
  const dependencies: AppDependencies = {
    ...services,
    audit: audit.service,
    backups: openBackups(directory, { store, keys, audit: audit.service }),
    limits,
    trustedProxies: config.trustedProxies,
    ...(lab === undefined ? {} : { lab }),
    status: readiness.status,
    isStopping: readiness.isStopping,
    notReady: readiness.reasons,
    warnings: readiness.warnings,
    metrics: metrics?.text,
    observe,
    elapsedMillis: computerClock.elapsedMillis?.bind(computerClock),
    oidc: edges.oidc,
    mounts: edges.mounts,
    cookieKeys: edges.cookieKeys,
    log,
    rng,
  };
  // What is derived from it has been derived.
  wipe(rootKey);
  return {
    ...appsOf(dependencies),
    store,
    clock,
    lab: directory.lab,
    notReady: readiness.reasons,
    failed: store.failed,
    stop: readiness.stop,
    keys,
    startAuditDuties: audit.startDuties,
    listeners: [...edges.listeners, ...services.listeners],
    queues: queues.last,
    startHousekeeping: () =>
      startHousekeeping(services.chores, { clock, log, observe: metrics?.chore }),
    async close() {
      await keys.stop();
      await services.accountDirectory?.close();
      await store.close();
    },
  };
}

const appsOf = (dependencies: AppDependencies): Pick<Fobd, 'app' | 'ownerApp'> => ({
  app: createApp(dependencies),
  ownerApp: createApp(dependencies, { localOwner: true }),
});

/** By the computer's clock: abuse happens in real time. */
const openLimits = ({ limits }: FobdConfig, clock: Clock, rng: Rng): Limits =>
  createLimits(limits, {
    elapsedMillis: elapsedBy(clock),
    rng,
  });

export interface InitOptions {
  readonly lab: boolean;
  /** The lab's first instant; default the computer's. */
  readonly labClock?: UnixMillis | undefined;
}

export interface Initialised {
  /** The data directory, absolute. */
  readonly data: string;
  /** Where the master key comes from, for people. */
  readonly masterKey: string;
  /** Holds every scope; the API key is kept nowhere but here. */
  readonly administrator: { readonly id: string; readonly apiKey: string };
}

/** Makes a data directory with its keys and its administrator, whole or not at all. */
export async function initFobd(
  config: FobdConfig,
  { lab, labClock }: InitOptions,
  { clock: systemClock, rng }: Surroundings,
): Promise<Initialised> {
  const { data } = config;
  const options = { ...config, lab, rng };
  const administrator = await createDataDirectory(data, options, async (staged) => {
    const store = await openStore(staged, { createIfMissing: true });
    try {
      await addFirstDataKey(staged.masterKey, { store, rng, now: systemClock.now() });
      const clock = lab
        ? await createLabClock({ store, systemClock, startAt: labClock })
        : systemClock;
      const applications = createApplicationService({ store, rng });
      const caller = { principal: LOCAL_OWNER, now: clock.now() };
      return await applications.add({ name: 'administrator', scopes: SCOPES }, caller);
    } finally {
      await store.close();
    }
  });
  const masterKey = describeMasterKeySource(masterKeySource(data, config));
  return { data, masterKey, administrator };
}

export const openStore = (
  { storePlace, storeId, rootKey }: DataDirectory,
  { createIfMissing, observer }: { readonly createIfMissing: boolean; observer?: StoreObserver },
): Promise<Store> =>
  openLevelStore(storePlace, {
    kinds: KINDS,
    writer: storeId,
    auditKey: deriveKey(rootKey, 'audit'),
    createIfMissing,
    ...(observer === undefined ? {} : { observer }),
  });

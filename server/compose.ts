import { createHmac } from 'node:crypto';
import type Koa from 'koa';
import type { Clock } from '../shared/clock.ts';
import { FobtwinError } from '../shared/errors.ts';
import { createOtp, type OtpCrypto } from '../shared/otp.ts';
import type { Rng } from '../shared/rng.ts';
import type { UnixMillis } from '../shared/types.ts';
import type { HealthStatus } from '../shared/wire/schemas.ts';
import { LOCAL_OWNER, SCOPES } from './access/scopes.ts';
import { ACCOUNT_FAILURES, ACCOUNTS } from './accounts/record.ts';
import { createAccountService } from './accounts/service.ts';
import { APPLICATIONS } from './applications/record.ts';
import { createApplicationService } from './applications/service.ts';
import type { FobdConfig } from './config.ts';
import { createDataDirectory } from './data-directory/create.ts';
import {
  type DataDirectory,
  masterKeyPlace,
  readDataDirectory,
} from './data-directory/data-directory.ts';
import { createApp } from './http/app.ts';
import type { AppDependencies, HttpLog } from './http/dependencies.ts';
import { createLabClock, LAB_CLOCK } from './lab/clock.ts';
import { openLevelStore } from './store/level.ts';
import { type Kind, put, type Store } from './store/port.ts';
import { FACTORS, TOKENS } from './tokens/record.ts';
import { createTokenService } from './tokens/service.ts';
import { SHADOWS } from './tokens/shadows.ts';
import { deriveKey, unwrapKey, wrapKey } from './vault/keys.ts';
import { DATA_KEYS, dataKeyKey } from './vault/record.ts';
import { createVault } from './vault/vault.ts';
import { watchClock } from './watched-clock.ts';

/** The only place where the parts of fobd are put together. */

/** Every kind of record there is. */
const KINDS: readonly Kind<unknown>[] = [
  TOKENS,
  FACTORS,
  SHADOWS,
  ACCOUNTS,
  ACCOUNT_FAILURES,
  APPLICATIONS,
  DATA_KEYS,
  LAB_CLOCK,
] as readonly Kind<unknown>[];

const nodeCrypto: OtpCrypto = {
  hmac: (algorithm, key, message) => createHmac(algorithm, key).update(message).digest(),
};

/** What an edge hands in. */
export interface Surroundings {
  /** The computer's clock; in a lab the lab's clock is made from it. */
  readonly clock: Clock;
  /** A cryptographic source. */
  readonly rng: Rng;
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
  /** Resolves when the store can no longer be written: the process must then end. */
  readonly failed: Promise<Error>;
  /** From now on readiness fails, and connections end with their next reply. */
  stop(): void;
  /** Makes durable what is queued, and lets go of the data directory. */
  close(): Promise<void>;
}

/**
 * Opens the data directory of `config` and puts fobd together over it. Nothing listens yet.
 *
 * @throws FobtwinError that says what is wrong with the data directory
 */
export async function openFobd(
  config: FobdConfig,
  { clock: computerClock, rng, log }: Surroundings & { readonly log: HttpLog },
): Promise<Fobd> {
  const directory = await readDataDirectory(config.data, config);
  const systemClock = watchClock(computerClock);
  const store = await openStore(directory, { createIfMissing: false });
  try {
    const vault = await openVault(directory, { store, rng });
    // A store that was tampered with takes no writes, and can be read and verified all the same.
    const isSound = (await failureOf(store)) === undefined;
    const lab = directory.lab && isSound ? await createLabClock({ store, systemClock }) : undefined;
    const clock = lab ?? systemClock;
    const otp = createOtp(nodeCrypto);
    let status: HealthStatus = 'ok';
    void store.failed.then(() => {
      status = 'unavailable';
    });
    const dependencies: AppDependencies = {
      tokens: createTokenService({
        store,
        vault,
        otp,
        policy: config.policy,
        lab: directory.lab,
        learns: systemClock.isSteady,
      }),
      accounts: createAccountService({ store }),
      applications: createApplicationService({ store, rng }),
      store,
      clock,
      ...(lab === undefined ? {} : { lab }),
      status: () => (status === 'ok' && !systemClock.isSteady() ? 'unavailable' : status),
      log,
      rng,
    };
    return {
      app: createApp(dependencies),
      ownerApp: createApp(dependencies, { localOwner: true }),
      store,
      clock,
      lab: directory.lab,
      failed: store.failed,
      stop() {
        status = 'stopping';
      },
      close: () => store.close(),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

export interface InitOptions {
  readonly lab: boolean;
  /** The lab's first instant; default the computer's. */
  readonly labClock?: UnixMillis | undefined;
}

export interface Initialised {
  /** The data directory, absolute. */
  readonly data: string;
  /** Where the master key is, absolute. */
  readonly masterKeyFile: string;
  /** Holds every scope; the API key is kept nowhere but here. */
  readonly administrator: { readonly id: string; readonly apiKey: string };
}

/** Makes a data directory with its keys and its administrator, whole or not at all. */
export async function initFobd(
  config: FobdConfig,
  { lab, labClock }: InitOptions,
  { clock: systemClock, rng }: Surroundings,
): Promise<Initialised> {
  const { data, masterKeyFile } = config;
  const options = { lab, masterKeyFile, rng };
  const administrator = await createDataDirectory(data, options, async (staged) => {
    const store = await openStore(staged, { createIfMissing: true });
    try {
      await addDataKey(staged, { store, rng });
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
  return { data, masterKeyFile: masterKeyPlace(data, config), administrator };
}

const openStore = (
  { storePlace, storeId, rootKey }: DataDirectory,
  { createIfMissing }: { readonly createIfMissing: boolean },
): Promise<Store> =>
  openLevelStore(storePlace, {
    kinds: KINDS,
    writer: storeId,
    auditKey: deriveKey(rootKey, 'audit'),
    createIfMissing,
  });

interface StoreAndRng {
  readonly store: Store;
  readonly rng: Rng;
}

const DATA_KEY_BYTES = 32;
const DATA_KEY_ID_BYTES = 4;
const DATA_KEY_PURPOSE = 'dataKey';
/** As many as rotation ever leaves in use at once. */
const DATA_KEYS_MAX = 100;

/** The first data key: random, and wrapped by the master key in the store. */
async function addDataKey(directory: DataDirectory, { store, rng }: StoreAndRng): Promise<void> {
  const id = Buffer.from(rng.bytes(DATA_KEY_ID_BYTES)).toString('hex');
  const wrapped = wrapKey(directory.masterKey, rng.bytes(DATA_KEY_BYTES), DATA_KEY_PURPOSE, rng);
  const key = dataKeyKey(id);
  await store.transact([key], () => ({
    writes: [put(key, { version: 1, id, wrapped })],
    auditDrafts: [],
    reply: undefined,
  }));
}

async function openVault(
  { place, masterKey, rootKey }: DataDirectory,
  { store, rng }: StoreAndRng,
) {
  const { items } = await store.scan(DATA_KEYS, { limit: DATA_KEYS_MAX });
  const current = items.at(-1);
  if (current === undefined) {
    throw new FobtwinError('dataDirectoryDamaged', `The store in ${place} has lost its data key`, {
      nextStep: 'Restore the data directory from a backup.',
    });
  }
  const dataKeys = new Map(
    items.map(({ id, wrapped }) => [id, unwrapKey(masterKey, wrapped, DATA_KEY_PURPOSE)]),
  );
  return createVault({ rootKey, dataKeys, currentDataKey: current.id, rng });
}

/** Why the store takes no writes, or undefined where it does. */
export const failureOf = ({ failed }: Pick<Store, 'failed'>): Promise<Error | undefined> =>
  Promise.race([failed, Promise.resolve(undefined)]);

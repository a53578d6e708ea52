import { createHmac } from 'node:crypto';
import { type Clock, elapsedBy } from '../shared/clock.ts';
import { createOtp, type OtpCrypto } from '../shared/otp.ts';
import type { Rng } from '../shared/rng.ts';
import { openDirectory } from './accounts/directory/ldap.ts';
import type { Directory } from './accounts/directory/port.ts';
import { openAccounts } from './accounts/open.ts';
import type { PasswordService } from './accounts/passwords-port.ts';
import type { AccountService } from './accounts/port.ts';
import { logKeyNotice } from './applications/notices.ts';
import type { ApplicationService } from './applications/port.ts';
import { createApplicationService } from './applications/service.ts';
import { type Audit, openAudit } from './audit/open.ts';
import { type Business, openBusiness } from './business.ts';
import type { FobdConfig } from './config.ts';
import type { DataDirectory } from './data-directory/data-directory.ts';
import { openKeys } from './data-directory/open-keys.ts';
import type { Chore } from './housekeeping.ts';
import type { HttpLog } from './http/dependencies.ts';
import { createLabClock } from './lab/clock.ts';
import type { DueJob, LabClock } from './lab/port.ts';
import type { Metrics } from './metrics/metrics.ts';
import { type Notices, openNotices } from './notices/open.ts';
import type { SessionService } from './sessions/port.ts';
import { createSessionService } from './sessions/service.ts';
import type { Store } from './store/port.ts';
import { removeOver } from './store/sweep.ts';
import { createExplainService, type ExplainService } from './tokens/explain.ts';
import { IDEMPOTENT_ANSWERS, isCurrent } from './tokens/idempotency.ts';
import { openImports } from './tokens/imports.ts';
import type { TokenService } from './tokens/port.ts';
import { createTokenService } from './tokens/service.ts';
import type { KeyService } from './vault/key-service.ts';
import { deriveKey } from './vault/keys.ts';
import { createPlace } from './vault/place.ts';
import { watchClock } from './watched-clock.ts';

/** The business rooms' services over a store that is open: what every edge asks. */
export interface Services extends Business {
  readonly store: Store;
  readonly tokens: TokenService;
  readonly explanations: ExplainService;
  readonly accounts: AccountService;
  readonly passwords: PasswordService;
  /** Whose passwords people have, where it is not fobd alone. Whoever opened it closes it. */
  readonly accountDirectory: Directory | undefined;
  readonly sessions: SessionService;
  readonly applications: ApplicationService;
  readonly keys: KeyService;
  readonly audit: Audit;
  /** The time that decisions are taken at; in a lab the lab's clock itself. */
  readonly clock: Clock;
  /** The computer's, in a lab too: what others count by. */
  readonly systemClock: Clock;
  readonly lab: LabClock | undefined;
  readonly isClockSteady: () => boolean;
  /** What waits to be sent. */
  readonly queues: Notices['queues'];
  /** What is to be tidied up while fobd serves. */
  readonly chores: readonly Chore[];
}

interface Given {
  /** The computer's. */
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: HttpLog;
  readonly metrics?: Metrics;
}

const digestBytes = createPlace('latin1', (bytes) => bytes);

/**
 * A digest is made as text of a character a byte and written to one place: a buffer of its own
 * would cost a fifth more, and a wrong code is worth some fifty of them. It is read before the next
 * is made.
 */
const nodeCrypto: OtpCrypto = {
  hmac(algorithm, key, message) {
    return digestBytes(createHmac(algorithm, key).update(message).digest('binary'));
  },
};

export async function openServices(
  store: Store,
  directory: DataDirectory,
  config: FobdConfig,
  { clock: computerClock, rng, log, metrics }: Given,
): Promise<Services> {
  const { policy, limits, audit: auditOptions, edges, business: options, hostName } = config;
  const systemClock = watchClock(computerClock);
  // A store that was tampered with takes no writes, and can be read and verified all the same.
  const isSound = (await failureOf(store)) === undefined;
  const lab = directory.lab && isSound ? await createLabClock({ store, systemClock }) : undefined;
  const clock = lab ?? systemClock;
  const onFailure = (error: unknown) => log.error({ err: error }, 'rotating the keys stopped');
  const { vault, keys } = await openKeys(directory, { store, clock, rng, isSound, onFailure });
  const { rootKey } = directory;
  const deciding = { store, vault, otp: createOtp(nodeCrypto), policy };
  const tokens = createTokenService({
    ...deciding,
    lab: directory.lab,
    learns: systemClock.isSteady,
    imports: await openImports(store, { isSound }),
    observe: metrics?.acceptance,
    issuedCodesKey: deriveKey(rootKey, 'issuedCodes'),
  });
  const accountDirectory =
    edges.directory && openDirectory(edges.directory, { now: () => computerClock.now() });
  const sessions = createSessionService({ store, tokens, rng, ...config.sessions });
  const surroundings = { store, clock, rootKey, rng, log, lab: directory.lab };
  const noticed = openNotices({ ...surroundings, mail: options.mail, observe: metrics?.notices });
  const accounts = openAccounts({
    ...{ store, rootKey, rng, notices: noticed.writer },
    directory: accountDirectory,
    patience: edges.directory?.patience,
    limits: directory.lab ? undefined : { ...limits, elapsedMillis: elapsedBy(computerClock) },
  });
  const business = openBusiness({
    ...surroundings,
    ...{ vault, tokens, sessions, options, systemClock, noticed },
    ...accounts,
    observePhones: metrics?.phones,
  });
  const { queues, removing } = noticed;
  return {
    store,
    tokens,
    sessions,
    explanations: createExplainService(deciding),
    ...accounts,
    ...business,
    accountDirectory,
    applications: createApplicationService({ store, rng, onKeyNotice: logKeyNotice(log) }),
    keys,
    audit: openAudit({ store, rootKey, rng, clock, options: auditOptions, hostName, removing }),
    clock,
    systemClock,
    lab,
    isClockSteady: systemClock.isSteady,
    queues,
    chores: [
      answersChore(store),
      sessionsChore(sessions),
      { name: 'what waits to be sent', everyMillis: MINUTE_MILLIS, run: () => queues.look() },
      ...business.dueJobs.map((job) => dueChore(job, { stepwise: directory.lab })),
    ],
  };
}

const MINUTE_MILLIS = 60_000;

const answersChore = (store: Store): Chore => ({
  name: 'answers under idempotency keys',
  everyMillis: MINUTE_MILLIS,
  run: (now) => removeOver(store, IDEMPOTENT_ANSWERS, (answer) => !isCurrent(answer, now)),
});

const sessionsChore = (sessions: SessionService): Chore => ({
  name: 'sessions',
  everyMillis: 10 * MINUTE_MILLIS,
  run: (now) => sessions.sweep(now),
});

const dueChore = ({ name, run }: DueJob, options: { readonly stepwise: boolean }): Chore => ({
  name,
  everyMillis: MINUTE_MILLIS,
  run: (now) => run(now, options),
});

/** Why the store takes no writes, or undefined where it does. */
export const failureOf = ({ failed }: Pick<Store, 'failed'>): Promise<Error | undefined> =>
  Promise.race([failed, Promise.resolve(undefined)]);

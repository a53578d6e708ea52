import type { Clock } from '../../shared/clock.ts';
import type { Rng } from '../../shared/rng.ts';
import type { HealthStatus } from '../../shared/wire/schemas.ts';
import type { AccountService } from '../accounts/port.ts';
import type { ApplicationService } from '../applications/port.ts';
import type { LabClock } from '../lab/port.ts';
import type { Store } from '../store/port.ts';
import type { TokenService } from '../tokens/port.ts';

/** What the HTTP edge logs to; a pino logger is one. Never given a seed, a code or an API key. */
export interface HttpLog {
  error(details: object, message: string): void;
}

/** Everything the HTTP edge is made from. */
export interface AppDependencies {
  readonly tokens: TokenService;
  readonly accounts: AccountService;
  readonly applications: ApplicationService;
  /** For the audit log's two endpoints only. */
  readonly store: Pick<Store, 'auditPage' | 'verifyAudit'>;
  /** The time every decision is taken at; in a lab the lab's clock itself. */
  readonly clock: Clock;
  /** Present in a lab and only there: opens `/lab/*` and marks every reply `Fobd-Lab: true`. */
  readonly lab?: LabClock;
  /** Asked at each request: `stopping` fails readiness and closes connections after their reply. */
  readonly status: () => HealthStatus;
  readonly log: HttpLog;
  /** For request ids. */
  readonly rng: Rng;
}

export interface AppOptions {
  /**
   * The application for the owner's own socket: every request is `LOCAL_OWNER`, without an API
   * key. Default false.
   */
  readonly localOwner?: boolean;
}

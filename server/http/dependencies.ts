import type Koa from 'koa';
import type { Clock } from '../../shared/clock.ts';
import type { Rng } from '../../shared/rng.ts';
import type { OperationId } from '../../shared/wire/operations.ts';
import type { HealthStatus, HealthWarning, NotReadyReason } from '../../shared/wire/schemas.ts';
import type { AddressRange } from '../access/address.ts';
import type { PasswordService } from '../accounts/passwords-port.ts';
import type { AccountService } from '../accounts/port.ts';
import type { ApplicationService } from '../applications/port.ts';
import type { AuditService } from '../audit/port.ts';
import type { BackupService } from '../backup/port.ts';
import type { CredentialService } from '../credentials/port.ts';
import type { HelpdeskService } from '../helpdesk/port.ts';
import type { DueJob, LabClock } from '../lab/port.ts';
import type { MobileIdService } from '../mobile-ids/port.ts';
import type { NoticeService } from '../notices/port.ts';
import type { WebhookService } from '../notices/webhooks/port.ts';
import type { OidcAdministration } from '../oidc/port.ts';
import type { PaymentProcessor } from '../orders/payments/port.ts';
import type { OrderService } from '../orders/port.ts';
import type { CapturedTexts } from '../phones/open.ts';
import type { PhoneService } from '../phones/port.ts';
import type { ProofingService } from '../proofing/port.ts';
import type { SessionService } from '../sessions/port.ts';
import type { Store } from '../store/port.ts';
import type { SubscriptionService } from '../subscriptions/port.ts';
import type { ExplainService } from '../tokens/explain.ts';
import type { TokenService } from '../tokens/port.ts';
import type { KeyService } from '../vault/key-service.ts';
import type { Limits } from './limits.ts';

/** What the HTTP edge logs to; a pino logger is one. Never given a seed, a code or an API key. */
export interface HttpLog {
  warn?(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** One request that was answered: what is counted and logged of it, and no more. */
export interface RequestSight {
  readonly requestId: string;
  /** Absent where nothing of /v1 was asked for. */
  readonly operation?: OperationId | undefined;
  /** Who asked, as the audit log names it; absent for strangers. */
  readonly actor?: string | undefined;
  readonly status: number;
  /** As the caller was told it, where the reply has one. */
  readonly outcome?: string | undefined;
  /** From the head of the request to its whole reply, or to where it broke off. */
  readonly millis: number;
  /** The caller hung up before it had its reply. */
  readonly aborted: boolean;
}

/** Another edge below a path of its own, in the same Koa application. */
export interface Mount {
  /** Such as `/oidc`; the path that it sees begins behind it. `/` sees all that /v1 has not. */
  readonly path: string;
  readonly app: Koa;
}

/** Everything the HTTP edge is made from. */
export interface AppDependencies {
  readonly tokens: TokenService;
  readonly accounts: AccountService;
  readonly passwords: PasswordService;
  readonly sessions: SessionService;
  readonly notices: NoticeService;
  readonly webhooks: WebhookService;
  readonly credentials: CredentialService;
  readonly subscriptions: SubscriptionService;
  readonly mobileIds: MobileIdService;
  readonly helpdesk: HelpdeskService;
  readonly proofing: ProofingService;
  readonly phones: PhoneService;
  /** What a lab would have sent. */
  readonly texts: CapturedTexts;
  readonly keys: KeyService;
  readonly applications: ApplicationService;
  readonly orders: OrderService;
  /** Who tells of payments by card. Default: nobody. */
  readonly paymentProcessor?: PaymentProcessor | undefined;
  /** Clients and keys of the OpenID Connect provider, whether it is on or not. */
  readonly oidc: OidcAdministration;
  readonly backups: BackupService;
  readonly explanations: ExplainService;
  readonly audit: AuditService;
  /** For pages and verdicts of the audit log only. */
  readonly store: Pick<Store, 'auditPage' | 'verifyAudit'>;
  /** The time every decision is taken at; in a lab the lab's clock itself. */
  readonly clock: Clock;
  /** What falls due when a lab's clock is moved. */
  readonly dueJobs: readonly DueJob[];
  /** Present in a lab and only there: opens `/lab/*` and marks every reply `Fobd-Lab: true`. */
  readonly lab?: LabClock;
  /** Asked at each request: `stopping` fails readiness and closes connections after their reply. */
  readonly status: () => HealthStatus;
  /** Whether `status` is `stopping`, which is all that most requests ask. Default: as it says. */
  readonly isStopping?: (() => boolean) | undefined;
  /** Why `status` is not ok; for those who look after fobd. Default: it is not said. */
  readonly notReady?: () => readonly NotReadyReason[];
  /** What should be seen to although `status` is ok; for the same. Default: nothing. */
  readonly warnings?: (() => readonly HealthWarning[]) | undefined;
  /** The text of `/metrics`. Default: there is none, and it answers `unavailable`. */
  readonly metrics?: (() => Promise<string>) | undefined;
  /** Milliseconds since some moment, which nobody can set. Default: `clock`'s own time. */
  readonly elapsedMillis?: (() => number) | undefined;
  /** Told of each request when its reply has gone. Default: nobody is told. */
  readonly observe?: ((sight: RequestSight) => void) | undefined;
  /** Absent in a lab, where years pass in seconds and only this machine asks: no limits there. */
  readonly limits?: Limits | undefined;
  /** Peers whose X-Forwarded-For is believed. Default none. */
  readonly trustedProxies?: readonly AddressRange[] | undefined;
  /** Not for the owner's own socket. Default none. */
  readonly mounts?: readonly Mount[] | undefined;
  /** What cookies are signed with, the newest first. Default: none are signed. */
  readonly cookieKeys?: readonly string[] | undefined;
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

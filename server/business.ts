import type { Clock } from '../shared/clock.ts';
import type { Rng } from '../shared/rng.ts';
import type { PasswordService } from './accounts/passwords-port.ts';
import type { AccountService } from './accounts/port.ts';
import type { BusinessOptions } from './business-settings.ts';
import type { CredentialService } from './credentials/port.ts';
import { createCredentialService } from './credentials/service.ts';
import { type Helpdesk, openHelpdesk } from './helpdesk/open.ts';
import type { HttpLog } from './http/dependencies.ts';
import type { DueJob } from './lab/port.ts';
import { type MobileIds, openMobileIds } from './mobile-ids/open.ts';
import type { NoticeSending, Notices } from './notices/open.ts';
import type { NoticeService } from './notices/port.ts';
import type { WebhookService } from './notices/webhooks/port.ts';
import { type Orders, openOrders } from './orders/open.ts';
import type { PhoneObserver } from './phones/observer.ts';
import { openPhones, type Phones } from './phones/open.ts';
import { openProofing } from './proofing/open.ts';
import type { ProofingService } from './proofing/port.ts';
import type { SessionService } from './sessions/port.ts';
import type { Store } from './store/port.ts';
import type { SubscriptionService } from './subscriptions/port.ts';
import { createSubscriptionService, subscriptionsDue } from './subscriptions/service.ts';
import type { TokenService } from './tokens/port.ts';
import type { Vault } from './vault/port.ts';

/**
 * The life of a credential, from purchase to revocation: the rooms of the business put together
 * over tokens and accounts. Each room opens itself; here they only meet.
 */

/** What the rooms are made from. */
export interface BusinessParts {
  readonly store: Store;
  readonly vault: Vault;
  readonly tokens: TokenService;
  readonly accounts: AccountService;
  readonly passwords: PasswordService;
  readonly sessions: SessionService;
  readonly noticed: Notices;
  readonly options: BusinessOptions;
  /** In a lab mails and texts are captured, and nothing is sent. */
  readonly lab: boolean;
  readonly clock: Clock;
  /** The computer's, in a lab too: what others outside go by. */
  readonly systemClock: Clock;
  /** 32 bytes: keys are derived from it before this returns. */
  readonly rootKey: Uint8Array;
  readonly rng: Rng;
  readonly log: HttpLog;
  /** Default: nobody counts. */
  readonly observePhones?: PhoneObserver | undefined;
}

export interface Business extends Omit<Orders, 'ordersDue'> {
  readonly mobileIds: MobileIds['mobileIds'];
  readonly helpdesk: Helpdesk['helpdesk'];
  readonly subscriptions: SubscriptionService;
  readonly credentials: CredentialService;
  readonly phones: Phones['phones'];
  readonly texts: Phones['texts'];
  readonly proofing: ProofingService;
  readonly notices: NoticeService;
  readonly webhooks: WebhookService;
  /** What works by itself while fobd serves. */
  readonly listeners: readonly NoticeSending[];
  /** In this order. */
  readonly dueJobs: readonly DueJob[];
}

export function openBusiness(parts: BusinessParts): Business {
  const { store } = parts;
  const { noticed } = parts;
  // Every room that writes to people is given these `notices`.
  const { writer: notices } = noticed;
  const subscriptions = createSubscriptionService({ store, notices });
  const credentials = createCredentialService({ ...parts, notices });
  const proofing = openProofing({ ...parts, notices, options: parts.options.proofing });
  const { payments } = parts.options;
  const { ordersDue, ...orders } = openOrders({ ...parts, notices, subscriptions, payments });
  const { mobileIdJob, ...mobile } = openMobileIds(parts);
  const { helpdeskJob, ...desk } = openHelpdesk({ ...parts, notices, credentials });
  return {
    ...mobile,
    ...desk,
    subscriptions,
    credentials,
    ...openPhones({ ...parts, credentials, observe: parts.observePhones }),
    proofing,
    ...orders,
    notices: noticed.service,
    webhooks: noticed.webhooks,
    listeners: [noticed.sending],
    // The last tells what the others have recorded.
    dueJobs: [mobileIdJob, helpdeskJob, ordersDue, subscriptionsDue(subscriptions), noticed.job],
  };
}

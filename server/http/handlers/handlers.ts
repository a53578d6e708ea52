import type { AppDependencies } from '../dependencies.ts';
import { accountHandlers } from './accounts.ts';
import { applicationHandlers } from './applications.ts';
import { auditHandlers } from './audit.ts';
import { backupHandlers } from './backups.ts';
import { credentialHandlers } from './credentials.ts';
import { explanationHandlers } from './explanations.ts';
import type { Handlers } from './handler.ts';
import { healthHandlers } from './health.ts';
import { helpdeskHandlers } from './helpdesk.ts';
import { keyHandlers } from './keys.ts';
import { labHandlers } from './lab.ts';
import { mobileIdHandlers } from './mobile-ids.ts';
import { noticeHandlers, webhookHandlers } from './notices.ts';
import { oidcHandlers } from './oidc.ts';
import { orderHandlers } from './orders.ts';
import { phoneHandlers } from './phones.ts';
import { proofingHandlers } from './proofing.ts';
import { seedFileHandlers } from './seed-files.ts';
import { sessionHandlers } from './sessions.ts';
import { tokenHandlers } from './tokens.ts';
import { verifyHandlers } from './verify.ts';

/** Every operation has its handler: an operation without one does not compile. */
export function createHandlers(dependencies: AppDependencies): Handlers {
  return {
    ...healthHandlers(dependencies),
    ...verifyHandlers(dependencies),
    ...seedFileHandlers(dependencies),
    ...tokenHandlers(dependencies),
    ...accountHandlers(dependencies),
    ...sessionHandlers(dependencies),
    ...credentialHandlers(dependencies),
    ...mobileIdHandlers(dependencies),
    ...helpdeskHandlers(dependencies),
    ...phoneHandlers(dependencies),
    ...applicationHandlers(dependencies),
    ...oidcHandlers(dependencies),
    ...orderHandlers(dependencies),
    ...noticeHandlers(dependencies),
    ...webhookHandlers(dependencies),
    ...auditHandlers(dependencies),
    ...backupHandlers(dependencies),
    ...explanationHandlers(dependencies),
    ...proofingHandlers(dependencies),
    ...keyHandlers(dependencies),
    ...labHandlers(dependencies),
  };
}

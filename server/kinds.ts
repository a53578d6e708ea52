import { ISSUED_CODES } from './accounts/issued-codes.ts';
import { ACCOUNT_NAMES } from './accounts/names.ts';
import { PASSWORD_FAILURES, PASSWORDS } from './accounts/password-record.ts';
import { ACCOUNT_FAILURES, ACCOUNTS } from './accounts/record.ts';
import { APPLICATIONS } from './applications/record.ts';
import { AUDIT_KINDS } from './audit/record.ts';
import { CREDENTIALS } from './credentials/record.ts';
import { APPROVALS, CALLER_CHECKS } from './helpdesk/record.ts';
import { LAB_CLOCK } from './lab/clock.ts';
import { MOBILE_ID_SETUPS } from './mobile-ids/record.ts';
import { NOTICE_CURSORS } from './notices/cursor.ts';
import { NOTICES } from './notices/record.ts';
import { WEBHOOK_KINDS } from './notices/webhooks/record.ts';
import { OIDC_KINDS } from './oidc/record.ts';
import { LICENCE_KEYS } from './orders/licence-key.ts';
import { ORDER_PACES } from './orders/pace.ts';
import { CARTS, OPEN_ORDERS, ORDER_NUMBERS, ORDERS } from './orders/record.ts';
import { CAPTURED_HEADS, CAPTURED_TEXTS } from './phones/captured.ts';
import { PHONES } from './phones/record.ts';
import { PHONE_SPENDING } from './phones/spending.ts';
import { PROOFINGS } from './proofing/record.ts';
import { SESSIONS } from './sessions/record.ts';
import type { Kind } from './store/port.ts';
import { DUE_CURSORS } from './subscriptions/due-cursor.ts';
import { SUBSCRIPTIONS } from './subscriptions/record.ts';
import { IDEMPOTENT_ANSWERS } from './tokens/idempotency.ts';
import { IMPORTS } from './tokens/import-record.ts';
import { FACTORS, TOKENS } from './tokens/record.ts';
import { SHADOWS } from './tokens/shadows.ts';
import { DATA_KEYS, ROTATIONS } from './vault/record.ts';

/** Every kind of record there is. */
export const KINDS: readonly Kind<unknown>[] = [
  TOKENS,
  FACTORS,
  IMPORTS,
  SHADOWS,
  IDEMPOTENT_ANSWERS,
  ACCOUNTS,
  ACCOUNT_FAILURES,
  ACCOUNT_NAMES,
  PASSWORDS,
  PASSWORD_FAILURES,
  ISSUED_CODES,
  SESSIONS,
  CREDENTIALS,
  SUBSCRIPTIONS,
  DUE_CURSORS,
  ORDERS,
  ORDER_NUMBERS,
  OPEN_ORDERS,
  ORDER_PACES,
  CARTS,
  LICENCE_KEYS,
  PROOFINGS,
  PHONES,
  PHONE_SPENDING,
  CAPTURED_TEXTS,
  CAPTURED_HEADS,
  MOBILE_ID_SETUPS,
  CALLER_CHECKS,
  APPROVALS,
  NOTICES,
  NOTICE_CURSORS,
  ...WEBHOOK_KINDS,
  APPLICATIONS,
  ...OIDC_KINDS,
  DATA_KEYS,
  ROTATIONS,
  ...AUDIT_KINDS,
  LAB_CLOCK,
] as readonly Kind<unknown>[];

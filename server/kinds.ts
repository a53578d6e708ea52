import { ISSUED_CODES } from './accounts/issued-codes.ts';
import { ACCOUNT_NAMES } from './accounts/names.ts';
import { PASSWORD_FAILURES, PASSWORDS } from './accounts/password-record.ts';
import { ACCOUNT_FAILURES, ACCOUNTS } from './accounts/record.ts';
import { APPLICATIONS } from './applications/record.ts';
import { AUDIT_KINDS } from './audit/record.ts';
import { CREDENTIALS } from './credentials/record.ts';
import { APPROVALS, CALLER_CHECKS } from './helpdesk/record.ts';
import { LAB_CLOCK } from './lab/clock.ts';
import { NOTICES } from './notices/record.ts';
import { OIDC_KINDS } from './oidc/record.ts';
import { LICENCE_KEYS } from './orders/licence-key.ts';
import { CARTS, ORDER_NUMBERS, ORDERS } from './orders/record.ts';
import { PHONES } from './phones/record.ts';
import { PROOFINGS } from './proofing/record.ts';
import { SESSIONS } from './sessions/record.ts';
import type { Kind } from './store/port.ts';
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
  ORDERS,
  ORDER_NUMBERS,
  CARTS,
  LICENCE_KEYS,
  PROOFINGS,
  PHONES,
  CALLER_CHECKS,
  APPROVALS,
  NOTICES,
  APPLICATIONS,
  ...OIDC_KINDS,
  DATA_KEYS,
  ROTATIONS,
  ...AUDIT_KINDS,
  LAB_CLOCK,
] as readonly Kind<unknown>[];

import { ResultCodeError } from 'ldapts';
import type { DirectoryKind } from './options.ts';
import type { DirectoryReason } from './port.ts';

/** What a directory said to a bind with somebody's password. */
export type BindVerdict =
  | { readonly verdict: 'accepted' }
  /** Only said to the right password. */
  | { readonly verdict: 'disabled'; readonly reason: DirectoryReason }
  | { readonly verdict: 'wrongPassword'; readonly reason?: DirectoryReason };

/** RFC 4511 appendix A: the answers that are about the person and not about the directory. */
const INVALID_CREDENTIALS = 49;
const REFUSALS = new Set([
  INVALID_CREDENTIALS,
  // constraintViolation, unwillingToPerform: 389 Directory Server to whoever it has locked.
  19,
  53,
  // noSuchObject, inappropriateAuthentication, insufficientAccessRights: nothing to bind by.
  32,
  48,
  50,
]);

/**
 * Windows error codes, in hexadecimal, behind `data` in Active Directory's diagnostics. All but
 * 775 are said to the right password only; 775 is said to any.
 */
const WINDOWS_REASONS: Readonly<Record<string, DirectoryReason>> = {
  '530': 'restricted',
  '531': 'restricted',
  '532': 'passwordExpired',
  '533': 'disabled',
  '701': 'expired',
  '773': 'passwordExpired',
};
const WINDOWS_LOCKED = '775';

/** Undefined where the error is not about the person: then nobody knows about the password. */
export function verdictOf(error: unknown, kind: DirectoryKind): BindVerdict | undefined {
  if (!(error instanceof ResultCodeError) || !REFUSALS.has(error.code)) return undefined;
  const [, data = ''] = /\bdata ([0-9a-f]{1,8})\b/i.exec(error.message) ?? [];
  const isWindows = kind === 'activeDirectory' && error.code === INVALID_CREDENTIALS;
  const reason = isWindows ? WINDOWS_REASONS[data.toLowerCase()] : undefined;
  if (reason !== undefined) return { verdict: 'disabled', reason };
  const isLocked = isWindows && data === WINDOWS_LOCKED;
  return isLocked ? { verdict: 'wrongPassword', reason: 'locked' } : { verdict: 'wrongPassword' };
}

/**
 * What the drop-in API says when it cannot do what was asked: privacyIDEA's numbers, each with the
 * HTTP status that it comes with (facts 2.1; privacyidea/lib/error.py).
 */
const STATUSES = {
  /** Nobody's fault but fobd's: another server may be asked, and nobody has been refused. */
  [-500]: 500,
  /** Token administration. */
  301: 400,
  /** Not allowed. */
  303: 403,
  /** Validation. */
  401: 400,
  /** Authentication: wrong credentials, or none. */
  4031: 401,
  /** There is no such thing. */
  601: 404,
  /** There is no such user. */
  904: 400,
  /** Parameters. */
  905: 400,
} as const;
export type CompatErrorCode = keyof typeof STATUSES;
export const COMPAT_ERROR_CODES = Object.keys(STATUSES).map(Number) as CompatErrorCode[];

export class CompatError extends Error {
  override readonly name = 'CompatError';
  readonly code: CompatErrorCode;
  readonly status: number;

  /** @param message public; no seed, code or password */
  constructor(code: CompatErrorCode, message: string) {
    super(message);
    this.code = code;
    this.status = STATUSES[code];
  }
}

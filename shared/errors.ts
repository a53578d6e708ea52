/**
 * Exceptions are misuse or broken infrastructure; an expected result is an outcome, a value. Every
 * error has a stable code, a public text, and may have a private detail that only the log sees.
 */

/** Stable codes of errors; each edge owns a total `Record<ErrorCode, …>`. */
export const ERROR_CODES = [
  'malformedBody',
  'unauthenticated',
  'forbidden',
  'notFound',
  'methodNotAllowed',
  'alreadyRegistered',
  'revoked',
  'notAllowedNow',
  'exists',
  'bodyTooLarge',
  'unsupportedMediaType',
  'invalidInput',
  'licenceKeyUnknown',
  'licenceKeyUsed',
  'wrongProduct',
  'orderUnpaid',
  'disclaimerRequired',
  'renewalNotOffered',
  'renewInstead',
  'purchaseInstead',
  'revokeFirst',
  'outsideWarranty',
  'confirmationRequired',
  'activationRefused',
  'proofingRequired',
  'methodNotOffered',
  'nameMismatch',
  'attemptsSpent',
  'phoneUnusable',
  'phoneCountryMismatch',
  'phonesFull',
  'codeExpired',
  'strengthTooLow',
  'callerCheckRequired',
  'approvalRequired',
  'tooManyRequests',
  'unavailable',
  'internal',
  'dataDirectoryExists',
  'dataDirectoryMissing',
  'dataDirectoryInUse',
  'dataDirectoryUnwritable',
  'dataDirectoryNewer',
  'dataDirectoryOlder',
  'dataDirectoryDamaged',
  'wrongMasterKey',
  'masterKeyUnavailable',
  'certificateUnusable',
  'backupDamaged',
  'deviceNotFound',
  'deviceExists',
  'deviceBusy',
  'deviceDamaged',
  'deviceNewer',
  'drawerUnusable',
  'drawerDamaged',
  'drawerNewer',
  'drawerMoved',
  'drawerKeyUnusable',
  'wrongDrawerKey',
  'fileUnreadable',
  'fileUnwritable',
  'usage',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** What is wrong with one field. `field` is a JSON Pointer, or `line 7` / `row 3` in a file. */
export interface FieldError {
  readonly field: string;
  readonly code: FieldErrorCode;
}

export const FIELD_ERROR_CODES = [
  'required',
  'unknownField',
  'wrongType',
  'tooShort',
  'tooLong',
  'tooSmall',
  'tooLarge',
  'tooMany',
  'notDigits',
  'badFormat',
  'directionSign',
  'notAllowed',
  'equalCodes',
  'oneOf',
  'truncated',
  'malformed',
  'doctype',
  'entity',
  'duplicate',
  'seedTooShort',
  'seedTooLong',
  'unknownAlgorithm',
  'wrongKey',
  'unsupported',
  'breached',
] as const;
export type FieldErrorCode = (typeof FIELD_ERROR_CODES)[number];

export interface FobtwinErrorOptions {
  /** For the log only: never sent, never shown. No seed, code or key even here. */
  readonly detail?: string;
  /** What the person can do next, one sentence. */
  readonly nextStep?: string;
  readonly errors?: readonly FieldError[];
  /** With `tooManyRequests`: whole seconds, from 1. */
  readonly retryAfterSeconds?: number | undefined;
  readonly cause?: unknown;
}

/** The one class of error that edges render. `message` is the public text. */
export class FobtwinError extends Error {
  override readonly name = 'FobtwinError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly nextStep: string | undefined;
  readonly errors: readonly FieldError[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: FobtwinErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
    this.nextStep = options.nextStep;
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Input that names the field at fault (422 over HTTP, exit 2 or 1 on a command line). */
export function invalidInput(
  field: string,
  code: FieldErrorCode,
  message: string,
  options: { readonly nextStep?: string } = {},
): FobtwinError {
  return new FobtwinError('invalidInput', message, { ...options, errors: [{ field, code }] });
}

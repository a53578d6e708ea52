import type Koa from 'koa';
import { type ErrorCode, type FieldError, FobtwinError } from '../../shared/errors.ts';
import type { HttpLog } from './dependencies.ts';

/** The one renderer of errors: RFC 9457, `application/problem+json`. */

interface Problem {
  readonly status: number;
  /** The same for every problem of this type (RFC 9457 section 3.1.3). */
  readonly title: string;
}

const internal: Problem = { status: 500, title: 'Something failed inside fobd' };

/** Codes that belong to a command line end as 500 here: over HTTP they are nobody's input. */
export const PROBLEMS: Readonly<Record<ErrorCode, Problem>> = {
  malformedBody: { status: 400, title: 'The body cannot be read' },
  unauthenticated: { status: 401, title: 'No valid API key' },
  forbidden: { status: 403, title: 'Not allowed' },
  notFound: { status: 404, title: 'Not found' },
  methodNotAllowed: { status: 405, title: 'Method not allowed' },
  alreadyRegistered: { status: 409, title: 'The token is registered already' },
  revoked: { status: 409, title: 'Revoked' },
  notAllowedNow: { status: 409, title: 'Not allowed in this state' },
  exists: { status: 409, title: 'It exists already' },
  bodyTooLarge: { status: 413, title: 'The body is too large' },
  unsupportedMediaType: { status: 415, title: 'Media type not supported' },
  invalidInput: { status: 422, title: 'The input is not valid' },
  licenceKeyUnknown: { status: 404, title: 'No such license key' },
  licenceKeyUsed: { status: 409, title: 'The license key has been used' },
  wrongProduct: { status: 409, title: 'Another product than was bought' },
  orderUnpaid: { status: 409, title: 'The order is not paid' },
  disclaimerRequired: { status: 422, title: 'The disclaimer is not confirmed' },
  renewalNotOffered: { status: 409, title: 'Not in the time of renewal' },
  renewInstead: { status: 409, title: 'A renewal is meant' },
  purchaseInstead: { status: 409, title: 'A new purchase is meant' },
  revokeFirst: { status: 409, title: 'The old token is not revoked' },
  outsideWarranty: { status: 409, title: 'Outside the warranty' },
  confirmationRequired: { status: 422, title: 'Not confirmed' },
  activationRefused: { status: 409, title: 'The activation code is not right' },
  proofingRequired: { status: 409, title: 'Identity proofing comes first' },
  methodNotOffered: { status: 409, title: 'Not offered here' },
  nameMismatch: { status: 409, title: 'The names differ' },
  attemptsSpent: { status: 409, title: 'No attempts are left' },
  phoneUnusable: { status: 422, title: 'The phone number cannot be used' },
  phoneCountryMismatch: { status: 409, title: "Not in the product's countries" },
  phonesFull: { status: 409, title: 'No room for another phone' },
  codeExpired: { status: 409, title: 'The code has expired' },
  strengthTooLow: { status: 403, title: 'A stronger sign-in is needed' },
  callerCheckRequired: { status: 409, title: 'The caller has not been checked' },
  approvalRequired: { status: 409, title: 'A second person must approve' },
  tooManyRequests: { status: 429, title: 'Too many requests' },
  unavailable: { status: 503, title: 'Not available now' },
  internal,
  dataDirectoryExists: internal,
  dataDirectoryMissing: internal,
  dataDirectoryInUse: internal,
  dataDirectoryUnwritable: internal,
  dataDirectoryNewer: internal,
  dataDirectoryOlder: internal,
  dataDirectoryDamaged: internal,
  wrongMasterKey: internal,
  masterKeyUnavailable: internal,
  certificateUnusable: internal,
  backupDamaged: internal,
  deviceNotFound: internal,
  deviceExists: internal,
  deviceBusy: internal,
  deviceDamaged: internal,
  deviceNewer: internal,
  drawerUnusable: internal,
  drawerDamaged: internal,
  drawerNewer: internal,
  drawerMoved: internal,
  drawerKeyUnusable: internal,
  wrongDrawerKey: internal,
  fileUnreadable: internal,
  fileUnwritable: internal,
  usage: internal,
};

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly nextStep?: string | undefined;
  readonly requestId: string;
  readonly errors?: readonly FieldError[];
  readonly retryAfterSeconds?: number | undefined;
}

/** Answers `error`; what is not the caller's doing is logged and leaves no trace in the reply. */
export function renderProblem(
  context: Koa.Context,
  error: unknown,
  { requestId, log }: { readonly requestId: string; readonly log: HttpLog },
): void {
  const known = error instanceof FobtwinError ? error : unreadableTarget(error, context);
  const isOurs = known === undefined || PROBLEMS[known.code].status === internal.status;
  if (isOurs) logInternal(error, requestId, log);
  const shown = isOurs ? new FobtwinError('internal', 'The server failed; try again.') : known;
  if (shown.code === 'unauthenticated') context.set('WWW-Authenticate', 'Bearer realm="fobd"');
  const { retryAfterSeconds } = shown;
  if (retryAfterSeconds !== undefined) context.set('Retry-After', String(retryAfterSeconds));
  const body = problemBody(shown, requestId);
  context.status = body.status;
  context.set('Content-Type', PROBLEM_MEDIA_TYPE);
  context.body = JSON.stringify(body);
}

/** Node's own error quotes the address with its query, where a code may stand (server/compat). */
function unreadableTarget(error: unknown, { req }: Koa.Context): FobtwinError | undefined {
  const isOfTarget =
    req.url?.startsWith('/') === false &&
    error instanceof Error &&
    Reflect.get(error, 'code') === 'ERR_INVALID_URL';
  if (!isOfTarget) return undefined;
  return new FobtwinError('notFound', 'The address in the request line cannot be read.', {
    nextStep: 'Send a path.',
  });
}

function problemBody(error: FobtwinError, requestId: string): ProblemBody {
  const { status, title } = PROBLEMS[error.code];
  return {
    type: `urn:fobtwin:problem:${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    nextStep: error.nextStep,
    requestId,
    retryAfterSeconds: error.retryAfterSeconds,
    ...(error.errors.length === 0 ? {} : { errors: error.errors }),
  };
}

function logInternal(error: unknown, requestId: string, log: HttpLog): void {
  const detail = error instanceof FobtwinError ? { code: error.code, detail: error.detail } : {};
  log.error({ err: error, requestId, ...detail }, 'a request failed');
}

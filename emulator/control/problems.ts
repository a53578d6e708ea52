import { type ErrorCode, FobtwinError } from '../../shared/errors.ts';
import type { ProblemView } from './wire.ts';

/** The one renderer of errors here: RFC 9457, over HTTP and WebSocket alike. */

interface Problem {
  readonly status: number;
  readonly title: string;
}

const internal: Problem = { status: 500, title: 'Something failed inside fob' };
const unusable: Problem = { status: 503, title: 'The drawer cannot be used now' };

/** Codes of the server's own business end as 500 here: nothing here throws them. */
const PROBLEMS: Readonly<Partial<Record<ErrorCode, Problem>>> = {
  malformedBody: { status: 400, title: 'The body cannot be read' },
  forbidden: { status: 403, title: 'Not allowed' },
  notFound: { status: 404, title: 'Not found' },
  deviceNotFound: { status: 404, title: 'No such token' },
  methodNotAllowed: { status: 405, title: 'Method not allowed' },
  notAllowedNow: { status: 409, title: 'Not allowed in this state' },
  bodyTooLarge: { status: 413, title: 'The body is too large' },
  unsupportedMediaType: { status: 415, title: 'Media type not supported' },
  invalidInput: { status: 422, title: 'The input is not valid' },
  tooManyRequests: { status: 429, title: 'Too many requests' },
  deviceBusy: { status: 503, title: 'The token is in use' },
  unavailable: unusable,
  deviceDamaged: unusable,
  deviceNewer: unusable,
  drawerUnusable: unusable,
  drawerDamaged: unusable,
  drawerNewer: unusable,
  drawerMoved: unusable,
  drawerKeyUnusable: unusable,
  fileUnreadable: unusable,
};

/** An unknown error says nothing of itself: its text may hold what nobody should read. */
export function problemOf(error: unknown): ProblemView {
  const known = error instanceof FobtwinError ? error : undefined;
  const problem = (known === undefined ? undefined : PROBLEMS[known.code]) ?? internal;
  const shown =
    known === undefined || problem === internal
      ? new FobtwinError('internal', 'The command failed; try again.')
      : known;
  return {
    type: `urn:fobtwin:problem:${shown.code}`,
    ...problem,
    code: shown.code,
    detail: shown.message,
    ...(shown.nextStep === undefined ? {} : { nextStep: shown.nextStep }),
    ...(shown.errors.length === 0 ? {} : { errors: shown.errors }),
  };
}

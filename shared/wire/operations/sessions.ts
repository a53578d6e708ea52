import * as sessions from '../sessions-schemas.ts';
import type { Operation } from './operation.ts';

/** Operations on sessions. Their tokens stand in bodies, since paths are written into logs. */
export const SESSIONS_OPERATIONS = {
  beginSession: {
    method: 'POST',
    path: '/v1/sessions',
    summary: 'Sign somebody in with a password, and a code unless it is skipped',
    body: sessions.sessionRequest,
    status: 200,
    reply: sessions.sessionBegunReply,
  },
  lookUpSession: {
    method: 'POST',
    path: '/v1/sessions/lookup',
    summary: 'Whose session a token is, and how strong it is just now; this is a use of it',
    body: sessions.sessionLookupRequest,
    status: 200,
    reply: sessions.sessionLookupReply,
  },
  elevateSession: {
    method: 'POST',
    path: '/v1/sessions/elevation',
    summary: "Raise a session's strength by a code; it never falls by it",
    body: sessions.sessionElevationRequest,
    status: 200,
    reply: sessions.sessionElevationReply,
  },
  endSession: {
    method: 'POST',
    path: '/v1/sessions/end',
    summary: 'Sign out; a session that is over already stays so',
    body: sessions.sessionEndRequest,
    status: 200,
    reply: sessions.sessionEndReply,
  },
  listAccountSessions: {
    method: 'GET',
    path: '/v1/accounts/{id}/sessions',
    summary: "An account's sessions, the newest first, never their tokens",
    params: sessions.accountSessionsPath,
    status: 200,
    reply: sessions.accountSessionsReply,
  },
  endAccountSessions: {
    method: 'POST',
    path: '/v1/accounts/{id}/sessions/end',
    summary: "End all of an account's sessions",
    params: sessions.accountSessionsPath,
    body: sessions.accountSessionsEndRequest,
    status: 200,
    reply: sessions.accountSessionsEndReply,
  },
} as const satisfies Record<string, Operation>;

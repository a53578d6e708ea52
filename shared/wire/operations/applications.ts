import * as schemas from '../schemas.ts';
import type { Operation } from './operation.ts';

/** Operations on applications. */
export const APPLICATIONS_OPERATIONS = {
  listApplications: {
    method: 'GET',
    path: '/v1/applications',
    summary: 'Applications, never their keys',
    query: schemas.pageQuery,
    status: 200,
    reply: schemas.applicationPage,
  },
  addApplication: {
    method: 'POST',
    path: '/v1/applications',
    summary: 'Add an application; its API key is shown this once',
    body: schemas.applicationRequest,
    status: 201,
    reply: schemas.applicationCreatedReply,
  },
  revokeApplication: {
    method: 'POST',
    path: '/v1/applications/{id}/revoke',
    summary: 'End an application: its API key is refused from now on',
    params: schemas.applicationPath,
    body: schemas.lifeVerbRequest,
    status: 200,
    reply: schemas.applicationReply,
  },
} as const satisfies Record<string, Operation>;

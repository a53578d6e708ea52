import * as applications from '../applications-schemas.ts';
import { pageQuery } from '../schemas.ts';
import type { Operation } from './operation.ts';

/** Operations on applications. */
export const APPLICATIONS_OPERATIONS = {
  listApplications: {
    method: 'GET',
    path: '/v1/applications',
    summary: 'Applications and what each may do, never their keys',
    query: pageQuery,
    status: 200,
    reply: applications.applicationPage,
  },
  getApplication: {
    method: 'GET',
    path: '/v1/applications/{id}',
    summary: 'One application, never its keys',
    params: applications.applicationPath,
    status: 200,
    reply: applications.applicationReply,
  },
  addApplication: {
    method: 'POST',
    path: '/v1/applications',
    summary: 'Add an application; its API key is shown this once',
    body: applications.applicationRequest,
    status: 201,
    reply: applications.applicationCreatedReply,
  },
  rotateApplication: {
    method: 'POST',
    path: '/v1/applications/{id}/rotate',
    summary: 'Give a second API key, shown this once; the first works until the overlap ends',
    params: applications.applicationPath,
    body: applications.applicationRotateRequest,
    status: 200,
    reply: applications.applicationRotatedReply,
  },
  allowApplication: {
    method: 'POST',
    path: '/v1/applications/{id}/allow',
    summary: 'Say anew from where an application may be called; an empty list: from anywhere',
    params: applications.applicationPath,
    body: applications.applicationAllowRequest,
    status: 200,
    reply: applications.applicationReply,
  },
  demandOfApplication: {
    method: 'POST',
    path: '/v1/applications/{id}/strength',
    summary: 'Say anew what a code must prove for an application; null: any strength will do',
    params: applications.applicationPath,
    body: applications.applicationDemandRequest,
    status: 200,
    reply: applications.applicationReply,
  },
  revokeApplication: {
    method: 'POST',
    path: '/v1/applications/{id}/revoke',
    summary: 'End an application or one of its keys: refused from now on',
    params: applications.applicationPath,
    body: applications.applicationRevokeRequest,
    status: 200,
    reply: applications.applicationReply,
  },
} as const satisfies Record<string, Operation>;

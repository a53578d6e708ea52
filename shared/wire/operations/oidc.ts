import * as oidc from '../oidc-schemas.ts';
import { pageQuery } from '../schemas.ts';
import type { Operation } from './operation.ts';

/** Operations on the OpenID Connect provider's clients and keys. */
export const OIDC_OPERATIONS = {
  listOidcClients: {
    method: 'GET',
    path: '/v1/oidc/clients',
    summary: 'OpenID Connect clients, never their secrets',
    query: pageQuery,
    status: 200,
    reply: oidc.oidcClientPage,
  },
  getOidcClient: {
    method: 'GET',
    path: '/v1/oidc/clients/{id}',
    summary: 'One OpenID Connect client, never its secret',
    params: oidc.oidcClientPath,
    status: 200,
    reply: oidc.oidcClientReply,
  },
  addOidcClient: {
    method: 'POST',
    path: '/v1/oidc/clients',
    summary: 'Add an OpenID Connect client; its secret is shown this once',
    body: oidc.oidcClientRequest,
    status: 201,
    reply: oidc.oidcClientAddedReply,
  },
  changeOidcClient: {
    method: 'POST',
    path: '/v1/oidc/clients/{id}/change',
    summary: 'Change what an OpenID Connect client was added with',
    params: oidc.oidcClientPath,
    body: oidc.oidcClientChangeRequest,
    status: 200,
    reply: oidc.oidcClientReply,
  },
  rotateOidcClientSecret: {
    method: 'POST',
    path: '/v1/oidc/clients/{id}/rotate-secret',
    summary: 'Give another secret, shown this once; the old one works until the overlap ends',
    params: oidc.oidcClientPath,
    body: oidc.oidcSecretRotateRequest,
    status: 200,
    reply: oidc.oidcSecretRotatedReply,
  },
  removeOidcClient: {
    method: 'POST',
    path: '/v1/oidc/clients/{id}/remove',
    summary: 'Remove an OpenID Connect client: nobody signs in to it, and its tokens are refused',
    params: oidc.oidcClientPath,
    status: 200,
    reply: oidc.oidcClientReply,
  },
  listOidcKeys: {
    method: 'GET',
    path: '/v1/oidc/keys',
    summary: 'The keys that ID tokens are signed with, and how each is used',
    status: 200,
    reply: oidc.oidcKeysReply,
  },
  rotateOidcKeys: {
    method: 'POST',
    path: '/v1/oidc/keys/rotate',
    summary: 'Make new signing keys, published before they are used',
    body: oidc.oidcKeysRotateRequest,
    status: 200,
    reply: oidc.oidcKeysReply,
  },
} as const satisfies Record<string, Operation>;

import type { IncomingMessage } from 'node:http';
import { LOCAL_OWNER, type Principal } from '../access/scopes.ts';
import type { ApplicationService } from '../applications/port.ts';

/** Who sends this request; `undefined` for a stranger. */
export type Authenticate = (
  request: IncomingMessage,
) => Principal | undefined | Promise<Principal | undefined>;

/** RFC 6750 section 2.1; the scheme's name is case-insensitive (RFC 9110 section 11.1). */
const BEARER = /^bearer +([A-Za-z0-9._~+/=-]{1,256})$/i;

/** Everybody on the owner's own socket is the owner: only he can open it. */
export const authenticateLocalOwner: Authenticate = () => LOCAL_OWNER;

/** `Authorization: Bearer API-KEY`; an absent, wrong and revoked key are one. */
export const bearerAuthentication =
  (applications: Pick<ApplicationService, 'authenticate'>): Authenticate =>
  ({ headers }) => {
    const apiKey = BEARER.exec(headers.authorization ?? '')?.[1];
    return apiKey === undefined ? undefined : applications.authenticate(apiKey);
  };

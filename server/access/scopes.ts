import type { ApplicationId, UnixMillis } from '../../shared/types.ts';

/** What an API key may be allowed. Each endpoint names the scopes it needs in `matrix.ts`. */
export const SCOPES = [
  /** Ask whether a code is good; sees `accepted`, `wrongCode` and `throttled`. */
  'verify',
  /** Sees every outcome. */
  'verify:detail',
  'tokens:read',
  'tokens:register',
  'tokens:resync',
  'tokens:unlock',
  'tokens:admin',
  'seed-files:import',
  'accounts:read',
  'accounts:admin',
  'applications:admin',
  'audit:read',
  'lab',
] as const;
export type Scope = (typeof SCOPES)[number];

/** The scope itself, or `undefined` when there is none of that name. */
export const parseScope = (text: string): Scope | undefined =>
  SCOPES.find((scope) => scope === text);

/** Who asks. Made by authentication, read by authorisation and written into the audit log. */
export interface Principal {
  /** As the audit log names it: `application:ID`, or `localOwner` on the owner's own socket. */
  readonly actor: string;
  readonly application?: ApplicationId;
  readonly scopes: ReadonlySet<Scope>;
}

/** Who asks, and when: every service call carries both. */
export interface Caller {
  readonly principal: Principal;
  readonly now: UnixMillis;
}

/** The owner of the data directory, over a socket that only he can open. */
export const LOCAL_OWNER: Principal = { actor: 'localOwner', scopes: new Set(SCOPES) };

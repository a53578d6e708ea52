import type { ApplicationId, Strength, UnixMillis } from '../../shared/types.ts';

/** What an API key may be allowed. Each endpoint names the scopes it needs in `matrix.ts`. */
export const SCOPES = [
  /** Ask whether a code is good; sees `accepted`, `wrongCode` and `throttled`. */
  'verify',
  /** Likewise, and sees `nextCodeRequired` where the policy has next-code mode. */
  'verify:nextCode',
  /** Sees every outcome. */
  'verify:detail',
  'tokens:read',
  'tokens:register',
  'tokens:resync',
  'tokens:unlock',
  'tokens:admin',
  'seed-files:import',
  /** Take seeds out again: whoever has a seed has the token. No role but the administrator's. */
  'seed-files:export',
  'accounts:read',
  'accounts:admin',
  /** Sign people in with their password, and begin, elevate, look at and end their sessions. */
  'sessions',
  /** See applications, what each may do and when each key was last used: an access review. */
  'applications:read',
  'applications:admin',
  /** Manage the OpenID Connect provider's clients, their secrets and its signing keys. */
  'oidc:admin',
  'audit:read',
  /** Remove old entries of the audit log, and make its index again. */
  'audit:admin',
  /** Exchange data keys and see what is sealed with each; the master key is the owner's alone. */
  'vault:admin',
  /** Take everything that is stored, its seeds sealed: what a backup is made of. */
  'backup:create',
  /** Read the metrics, and why fobd is not ready; they tell what `verify` does not. */
  'metrics:read',
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
  /** A code that proves less is answered `strengthTooLow`. Absent: any will do. */
  readonly requiredStrength?: Strength;
}

/** Who asks, and when: every service call carries both. */
export interface Caller {
  readonly principal: Principal;
  readonly now: UnixMillis;
}

/** The owner of the data directory, over a socket that only he can open. */
export const LOCAL_OWNER: Principal = { actor: 'localOwner', scopes: new Set(SCOPES) };

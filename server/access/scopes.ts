import type {
  AccountId,
  ApplicationId,
  CredentialId,
  PhoneId,
  Serial,
  Strength,
  UnixMillis,
} from '../../shared/types.ts';

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
  /** See credentials and subscriptions, what each is worth and when it is to be renewed. */
  'credentials:read',
  /** Redeem, activate, register, renew and revoke credentials for any account. */
  'credentials:admin',
  'orders:read',
  /** Place orders for any account, and ship what was ordered. */
  'orders:admin',
  /** Say that an order was paid. */
  'payments',
  /** Hold proofing sessions, record their verdicts and hand over activation codes. */
  'proofing:agent',
  /** See, add and remove phone numbers for any account, and have codes sent. */
  'phones:admin',
  /** Check callers, and do for them what needs such a check. */
  'helpdesk',
  /** Approve what a colleague of the helpdesk has asked for. */
  'helpdesk:approve',
  /** See what was written to people, without what is secret in it. */
  'notices:read',
  /** Have it sent again. */
  'notices:admin',
  'webhooks:admin',
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

/** The authenticator whose code a person has given: one of the account's own. */
export interface ProvedBy {
  /** A token. */
  readonly serial?: Serial;
  /** Or a code that fobd gave out, under a credential. */
  readonly issued?: {
    readonly by: 'phone' | 'temporary';
    /** That it was sent to. */
    readonly phone?: PhoneId;
    readonly credential?: CredentialId;
    /** To a number that somebody who was known to that credential has called the own. */
    readonly vouched?: true;
  };
  /** Whether its credential was proofed; absent where it has none: nobody bought it. */
  readonly proofed?: boolean;
}

/** Who asks. Made by authentication, read by authorisation and written into the audit log. */
export interface Principal {
  /** As the audit log has it: `application:ID`, `account:ID`, or `localOwner` on his socket. */
  readonly actor: string;
  readonly application?: ApplicationId;
  readonly scopes: ReadonlySet<Scope>;
  /** The person who has signed in; absent for applications. */
  readonly account?: AccountId;
  /** Likewise: what the session has reached just now. */
  readonly strength?: Strength;
  /** Likewise: the session's id. */
  readonly session?: string;
  /** Likewise: by what it was reached, beyond the password. Absent: nothing is known of it. */
  readonly proved?: ProvedBy;
  /** Likewise: what staff would have if they had signed in at `STAFF_STRENGTH` or above. */
  readonly heldBack?: ReadonlySet<Scope>;
  /** A code that proves less is answered `strengthTooLow`. Absent: any will do. */
  readonly requiredStrength?: Strength;
  /** A code of a credential that was not proofed is answered `strengthTooLow`. Default false. */
  readonly requiresProofing?: boolean;
}

/** What staff must have signed in with before their roles count. */
export const STAFF_STRENGTH: Strength = 'mobileId';

/** Who asks, and when: every service call carries both. */
export interface Caller {
  readonly principal: Principal;
  readonly now: UnixMillis;
}

/** The owner of the data directory, over a socket that only he can open. */
export const LOCAL_OWNER: Principal = { actor: 'localOwner', scopes: new Set(SCOPES) };

/** What time brings about, or what follows from another decision: nobody has asked for it. */
export const SYSTEM: Principal = { actor: 'system', scopes: new Set() };

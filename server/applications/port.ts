import type { ApplicationId, Strength, UnixMillis } from '../../shared/types.ts';
import type { Role } from '../access/roles.ts';
import type { Caller, Principal, Scope } from '../access/scopes.ts';
import type { ApplicationRecord } from './record.ts';

/** An application to be added: it may do what its scopes and its roles allow together. */
export interface NewApplication {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly roles?: readonly Role[] | undefined;
  /** Ranges it may be called from, at most `ALLOWED_RANGES_MAX`; default anywhere. */
  readonly allow?: readonly string[] | undefined;
  /** What a code must prove for it; default whatever it proves. */
  readonly requiredStrength?: Strength | undefined;
  /** Whether the code's credential must have been proofed; default false. */
  readonly requiresProofing?: boolean | undefined;
  /** When its key expires; default never. */
  readonly expiresAt?: UnixMillis | undefined;
}

export interface Rotation {
  /** How long the old key works beside the new one; default `OVERLAP_MILLIS`. */
  readonly overlapMillis?: number | undefined;
  /** When the new key expires; default: as long a life as the old one was given. */
  readonly expiresAt?: UnixMillis | undefined;
}

export interface Revocation {
  /** One key, by its number; default the whole application. */
  readonly key?: number | undefined;
  /** For the audit log. */
  readonly reason?: string | undefined;
}

export interface Allowance {
  /** Takes the place of the list there is; empty: from anywhere. At most `ALLOWED_RANGES_MAX`. */
  readonly allow: readonly string[];
  /** For the audit log. */
  readonly reason?: string | undefined;
}

export interface Demand {
  /** Takes the place of the one there is; undefined: any strength will do. */
  readonly requiredStrength: Strength | undefined;
  /** Likewise, whether a proofed credential is needed; undefined: that stays as it is. */
  readonly requiresProofing?: boolean | undefined;
  /** For the audit log. */
  readonly reason?: string | undefined;
}

/** How an API key came in. */
export interface KeyUse {
  readonly now: UnixMillis;
  /** The caller's address; an application with an allow list needs one. */
  readonly address?: string | undefined;
}

/**
 * `wrong` is every key that stands for nobody: malformed, unknown, revoked, spoilt, or right and
 * used from an address that it is not allowed from.
 */
export type Authentication =
  | { readonly result: 'known'; readonly principal: Principal }
  | { readonly result: 'expired' }
  | { readonly result: 'wrong' };

/** What an operator should hear of a right key, without its text. */
export interface KeyNotice {
  readonly notice: 'expiring' | 'expired' | 'addressRefused';
  readonly application: ApplicationId;
  readonly name: string;
  readonly key: number;
  readonly expiresAt?: UnixMillis;
  readonly address?: string;
}

export interface ApplicationService {
  /** The API key is `fobd_ID_SECRET`, the secret 256 bits in base64url; shown this once. */
  add(application: NewApplication, caller: Caller): Promise<{ id: ApplicationId; apiKey: string }>;
  /**
   * Gives a second key, shown this once; the first works on until the overlap ends.
   *
   * @throws FobtwinError `notFound`, `revoked`, `notAllowedNow` when two keys work already, and
   * `forbidden` when the caller lacks a scope of the application: the new key would give it to him
   */
  rotate(
    id: ApplicationId,
    rotation: Rotation,
    caller: Caller,
  ): Promise<{ apiKey: string; application: ApplicationRecord }>;
  /**
   * Says anew from where it may be called; its keys stay as they are.
   *
   * @throws FobtwinError `invalidInput`, `notFound`, `revoked`, and `forbidden` when the caller
   * lacks a scope of the application: a wider list may let in whoever holds a key of it
   */
  allow(id: ApplicationId, allowance: Allowance, caller: Caller): Promise<ApplicationRecord>;
  /**
   * Says anew what a code must prove for it.
   *
   * @throws FobtwinError `notFound`, `revoked`, and `forbidden` when the caller lacks a scope of
   * the application: a smaller demand lets in whom it kept out
   */
  demand(id: ApplicationId, demand: Demand, caller: Caller): Promise<ApplicationRecord>;
  /** @throws FobtwinError `notFound`, or `revoked` when it already is */
  revoke(id: ApplicationId, revocation: Revocation, caller: Caller): Promise<ApplicationRecord>;
  /** @throws FobtwinError `notFound` */
  get(id: ApplicationId): Promise<ApplicationRecord>;
  list(query: { after?: string | undefined; limit: number }): Promise<{
    items: readonly ApplicationRecord[];
    next: string | null;
  }>;
  /** Whom an API key stands for; the same work for every wrong key. */
  authenticate(apiKey: string, use: KeyUse): Authentication | Promise<Authentication>;
  /** False for a key that cannot be right, told without hashing it: no application has its id. */
  mayBeRight(apiKey: string): boolean;
}

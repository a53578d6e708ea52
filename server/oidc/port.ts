import type { Strength, UnixMillis } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { IdTokenAlgorithm, OidcClientRecord } from './record.ts';

export interface NewOidcClient {
  readonly name: string;
  /** It can keep no secret: a program on a person's own machine. Default false. */
  readonly isPublic?: boolean | undefined;
  /** At least one, at most 20. */
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris?: readonly string[] | undefined;
  readonly requiredStrength?: Strength | undefined;
  /** Every sign-in to it needs a proofed credential. Default false. */
  readonly requiresProofing?: boolean | undefined;
  readonly idTokenAlgorithm?: IdTokenAlgorithm | undefined;
}

/** What is absent stays; `requiredStrength: null` takes the demand away. */
export interface OidcClientChange {
  readonly name?: string | undefined;
  readonly redirectUris?: readonly string[] | undefined;
  readonly postLogoutRedirectUris?: readonly string[] | undefined;
  readonly requiredStrength?: Strength | null | undefined;
  readonly requiresProofing?: boolean | undefined;
  readonly idTokenAlgorithm?: IdTokenAlgorithm | undefined;
}

/** Applications that have people signed in by OpenID Connect. */
export interface OidcClientService {
  /**
   * @returns the secret too, 256 bits as base64url, kept nowhere; none for a public client
   * @throws FobtwinError `invalidInput` naming the address that is not allowed, `notAllowedNow`
   * when there are `OIDC_CLIENTS_MAX`
   */
  add(
    client: NewOidcClient,
    caller: Caller,
  ): Promise<{ readonly client: OidcClientRecord; readonly secret?: string }>;
  /** @throws FobtwinError `notFound` */
  get(id: string): Promise<OidcClientRecord>;
  list(query: { after?: string | undefined; limit: number }): Promise<{
    items: readonly OidcClientRecord[];
    next: string | null;
  }>;
  /** @throws FobtwinError `notFound`, `invalidInput` */
  change(id: string, change: OidcClientChange, caller: Caller): Promise<OidcClientRecord>;
  /**
   * Another secret; the old one works on for `overlapMillis`, default `SECRET_OVERLAP_MILLIS`.
   *
   * @throws FobtwinError `notFound`, `notAllowedNow` for a public client
   */
  rotateSecret(
    id: string,
    rotation: { readonly overlapMillis?: number | undefined },
    caller: Caller,
  ): Promise<{ readonly client: OidcClientRecord; readonly secret: string }>;
  /**
   * From now on nobody signs in to it, and its tokens are refused.
   *
   * @throws FobtwinError `notFound`
   */
  remove(id: string, caller: Caller): Promise<OidcClientRecord>;
}

export const OIDC_CLIENTS_MAX = 1000;
export const SECRET_OVERLAP_MILLIS = 86_400_000;
export const SECRET_OVERLAP_MILLIS_MAX = 90 * 86_400_000;

/** A signing key as others see it. */
export interface SigningKeyState {
  readonly keyId: string;
  readonly algorithm: IdTokenAlgorithm;
  /** `next`: published, so that applications know it before it is used. */
  readonly use: 'next' | 'signs' | 'published';
  readonly createdAt: UnixMillis;
  readonly usedFrom: UnixMillis;
  readonly publishedUntil?: UnixMillis;
}

export interface SigningKeyRotation {
  /** How long the new keys are published before they are used. Default `KEY_DELAY_MILLIS`. */
  readonly delayMillis?: number | undefined;
  /** The old ones are known to others: the new ones are used, and the old ones gone, at once. */
  readonly dropsOld?: boolean | undefined;
  /** For the audit log. */
  readonly reason?: string | undefined;
}

/** Applications read the published keys again within hours. */
export const KEY_DELAY_MILLIS = 24 * 3_600_000;
export const KEY_DELAY_MILLIS_MAX = 30 * 86_400_000;

export interface SigningKeyService {
  /** Oldest first; made when there are none yet. */
  list(now: UnixMillis): Promise<readonly SigningKeyState[]>;
  /** @throws FobtwinError `notAllowedNow` while the last rotation's keys wait to be used */
  rotate(rotation: SigningKeyRotation, caller: Caller): Promise<readonly SigningKeyState[]>;
}

/** What is managed of the provider, whether it is on or not. */
export interface OidcAdministration {
  readonly clients: OidcClientService;
  readonly keys: SigningKeyService;
}

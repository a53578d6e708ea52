import type { AccountId, Serial, Strength, UnixMillis } from '../../shared/types.ts';
import type { ID_TOKEN_ALGORITHMS } from '../../shared/wire/oidc-schemas.ts';
import type { IssuedProof } from '../accounts/issued-codes.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';

/** What the OpenID Connect provider keeps in the store. */

/** The secret of a confidential client; its text is shown once and kept nowhere. */
export interface ClientSecret {
  /** SHA-256 of its text, lower-case hexadecimal. */
  readonly hash: string;
  /** From this moment on it is refused: another took its place. */
  readonly until?: UnixMillis;
}

export type IdTokenAlgorithm = (typeof ID_TOKEN_ALGORITHMS)[number];

/** An application that has people signed in: a relying party. */
export interface OidcClientRecord {
  readonly version: 1;
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** None: a public client, which can keep no secret. The newest last. */
  readonly secrets: readonly ClientSecret[];
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  /** Every authorization needs it. */
  readonly requiredStrength?: Strength;
  /** Likewise a credential that was proofed. */
  readonly requiresProofing?: true;
  /** Default RS256. */
  readonly idTokenAlgorithm?: IdTokenAlgorithm;
  readonly createdAt: UnixMillis;
}

export const OIDC_CLIENTS: Kind<OidcClientRecord> = {
  name: 'oidcClient',
  indexes: [],
  indexValues: () => [],
};
export const oidcClientKey = (id: string): Key<OidcClientRecord> => keyOf(OIDC_CLIENTS, id);

/** What a grant rests on: with any of it, the grant and its tokens end. */
export interface GrantBasis {
  readonly account: AccountId;
  /** The session that it was given in. */
  readonly session: string;
  /** It outlives its session: `offline_access` was asked for. */
  readonly offline: boolean;
  readonly strength: Strength;
  /** The token whose code was given, or what fobd had given out; above `password`. */
  readonly serial?: Serial;
  readonly issued?: IssuedProof;
  /** Whether its credential was proofed; absent where none stands behind it. */
  readonly proofed?: boolean;
  /** Tells the account's password from every later one; absent where it has none of its own. */
  readonly passwordSetAt?: UnixMillis;
}

/**
 * A code, a token, a grant, a session or an interaction of the provider. It is stored under the
 * SHA-256 of its id, and its id stands nowhere in it.
 */
export interface OidcArtifactRecord {
  readonly version: 1;
  /** Its own key: `MODEL:HASH`. */
  readonly id: string;
  /** As the provider makes it, less its id. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** By the computer's clock, as the provider counts. */
  readonly expiresAt: number;
  /** Seconds; of what works once, when it was used. */
  readonly consumed?: number;
  /** Of tokens and codes: `MODEL:HASH` of their grant's id. */
  readonly grant?: string;
  /** Of sessions: the hash of what they are called elsewhere. */
  readonly uid?: string;
  /** Of grants. */
  readonly basis?: GrantBasis;
}

export const OIDC_ARTIFACTS: Kind<OidcArtifactRecord> = {
  name: 'oidcArtifact',
  indexes: ['grant', 'uid'],
  indexValues(index, { grant, uid }) {
    const value = index === 'grant' ? grant : uid;
    return value === undefined ? [] : [value];
  },
};
export const oidcArtifactKey = (id: string): Key<OidcArtifactRecord> => keyOf(OIDC_ARTIFACTS, id);

/** A key that ID tokens are signed with. */
export interface SigningKeyRecord {
  readonly keyId: string;
  readonly algorithm: IdTokenAlgorithm;
  /** The private key as a JWK, sealed under a key derived from the root key. */
  readonly sealed: string;
  readonly createdAt: UnixMillis;
  /** It is published before, and used from then on. */
  readonly usedFrom: UnixMillis;
  /** Another took its place; from then on it is published no more. */
  readonly publishedUntil?: UnixMillis;
}

/** All signing keys, oldest first; one record, so that they change together. */
export interface SigningKeysRecord {
  readonly version: 1;
  readonly keys: readonly SigningKeyRecord[];
}

const SIGNING_KEYS: Kind<SigningKeysRecord> = {
  name: 'oidcSigningKeys',
  indexes: [],
  indexValues: () => [],
};
export const SIGNING_KEYS_KEY: Key<SigningKeysRecord> = keyOf(SIGNING_KEYS, 'keys');

export const OIDC_KINDS = [OIDC_CLIENTS, OIDC_ARTIFACTS, SIGNING_KEYS] as readonly Kind<unknown>[];

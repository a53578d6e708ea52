import type {
  AccountId,
  CredentialId,
  CredentialType,
  ReplacementReason,
  Serial,
  SubscriptionId,
  UnixMillis,
} from '../../shared/types.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';

/**
 * How far a credential has come (seeds 001, 003): the licence key is redeemed, then proofing where
 * it was bought, activation, and the registration of its authenticator. What time ends is judged
 * by its subscription and is no stage.
 */
export const STAGES = ['proofing', 'activation', 'registration', 'active', 'revoked'] as const;
export type Stage = (typeof STAGES)[number];

export const PROOFING_METHODS = ['questions', 'video'] as const;
export type ProofingMethod = (typeof PROOFING_METHODS)[number];

/** When and how somebody's identity was proofed. */
export interface PassedProofing {
  readonly at: UnixMillis;
  readonly method: ProofingMethod;
}

/** Absent where no proofing was bought. */
export type CredentialProofing =
  | { readonly state: 'due' }
  | ({ readonly state: 'passed' } & PassedProofing);

/** A code of a live session's agent that activation needs: what is kept of it. */
export interface ActivationCode {
  /** Keyed hash, lower-case hexadecimal. */
  readonly mac: string;
  readonly expiresAt: UnixMillis;
  readonly attemptsLeft: number;
}

export interface Replacement {
  readonly grantedAt: UnixMillis;
  readonly reason: ReplacementReason;
  /** The person must be proofed before the new token is registered. */
  readonly proofAnew?: true;
  /** With `proofAnew`: what had been passed, and counts again once the person is known. */
  readonly proofed?: PassedProofing;
}

/** What a subscription entitles an account to: one of each of its types. */
export interface CredentialRecord {
  readonly version: 1;
  readonly id: CredentialId;
  readonly subscription: SubscriptionId;
  readonly type: CredentialType;
  readonly account: AccountId;
  readonly stage: Stage;
  readonly proofing?: CredentialProofing;
  /** The session in which its person answered the questions, or gave the agent's code. */
  readonly proofedIn?: string;
  readonly activation?: ActivationCode;
  /** The registered token, or the Mobile ID's: one at a time. */
  readonly serial?: Serial;
  /** Another token may be registered once the present one is revoked. */
  readonly replacement?: Replacement;
  readonly createdAt: UnixMillis;
  readonly activatedAt?: UnixMillis;
  readonly registeredAt?: UnixMillis;
  readonly revokedAt?: UnixMillis;
}

export const CREDENTIALS: Kind<CredentialRecord> = {
  name: 'credential',
  indexes: ['account'],
  indexValues: (_index, { account }) => [account],
};

export const credentialKey = (id: CredentialId): Key<CredentialRecord> => keyOf(CREDENTIALS, id);

export const credentialIdOf = (subscription: SubscriptionId, type: CredentialType): CredentialId =>
  `${subscription}.${type}` as CredentialId;

/** The other way: every credential's id says which subscription it is of. */
export const subscriptionIdOf = (credential: CredentialId): SubscriptionId =>
  credential.slice(0, credential.lastIndexOf('.')) as SubscriptionId;

export const isProofed = ({ proofing }: Pick<CredentialRecord, 'proofing'>): boolean =>
  proofing?.state === 'passed';

/**
 * Whether it was proofed, and another authenticator was granted to somebody who had shown no more
 * than the password: nothing is wrong with the proofing but that nobody knows who asked.
 */
export const isInDoubt = ({
  proofing,
  replacement,
}: Pick<CredentialRecord, 'proofing' | 'replacement'>): boolean =>
  proofing?.state === 'due' && replacement?.proofed !== undefined;

/** Proofed, or would be so again for a person who is known. */
export const lendsProofing = (
  credential: Pick<CredentialRecord, 'proofing' | 'replacement'>,
): boolean => isProofed(credential) || isInDoubt(credential);

/**
 * What a token's record knows of the credential that it is the authenticator of, so that a code is
 * judged by the token alone. Written by whatever changes the credential or its subscription.
 */
export interface Entitlement {
  readonly credential: CredentialId;
  /** The subscription's expiry: from then on `suspended`, a year later `revoked`. */
  readonly until: UnixMillis;
  readonly proofed: boolean;
}

import type {
  AccountId,
  Code,
  CredentialId,
  CredentialType,
  Outcome,
  ReplacementReason,
  Serial,
  UnixMillis,
} from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { LicenceKey } from '../orders/licence-key.ts';
import type { SubscriptionRecord } from '../subscriptions/record.ts';
import type { CredentialRecord } from './record.ts';

/** A credential with the subscription that it rests on. */
export interface CredentialDetail {
  readonly credential: CredentialRecord;
  readonly subscription: SubscriptionRecord;
}

export interface RegisterTokenCommand {
  readonly account: AccountId;
  readonly credential: CredentialId;
  readonly serial: Serial;
  readonly code1: Code;
  readonly code2: Code;
}

export interface RegisterTokenAnswer {
  readonly outcome: Outcome;
  readonly retryAfterSeconds?: number;
  /** With `accepted`. */
  readonly credential?: CredentialRecord;
  /** What is unusual about it, though it was done. */
  readonly warnings: readonly RegistrationWarning[];
}

/** `beforeDelivery`: the token cannot have arrived yet by the order's shipment. */
export const REGISTRATION_WARNINGS = ['beforeDelivery'] as const;
export type RegistrationWarning = (typeof REGISTRATION_WARNINGS)[number];

export interface ReplacementCommand {
  readonly account: AccountId;
  readonly credential: CredentialId;
  readonly reason: ReplacementReason;
}

export interface RevokeCredentialCommand {
  readonly account: AccountId;
  readonly credential: CredentialId;
  /** Whoever asks has been told that it is final. */
  readonly confirmed: boolean;
}

/** Every command names the account: a credential of another reads `notFound`. */
export interface CredentialService {
  /**
   * Redeems a licence key: the subscription becomes the account's, with a credential of each type.
   *
   * @throws FobtwinError `licenceKeyUnknown`, `licenceKeyUsed`, `notFound`, `revoked` (its year and
   * the year after are over)
   */
  redeem(account: AccountId, key: LicenceKey, caller: Caller): Promise<readonly CredentialDetail[]>;
  /** The account's, the oldest first, revoked ones included. */
  list(account: AccountId): Promise<readonly CredentialDetail[]>;
  /** @throws FobtwinError `notFound` */
  get(account: AccountId, id: CredentialId): Promise<CredentialDetail>;
  /**
   * @param code the agent's activation code, where one is asked for
   * @throws FobtwinError `proofingRequired`, `activationRefused` (missing, wrong, expired or of
   * another account: which of these is not told), `attemptsSpent`, `notAllowedNow`, `revoked`
   */
  activate(
    account: AccountId,
    id: CredentialId,
    code: string | undefined,
    caller: Caller,
  ): Promise<CredentialDetail>;
  /**
   * Registers a hardware token under the credential, by serial and two codes.
   *
   * @throws FobtwinError `wrongProduct`, `revokeFirst`, `proofingRequired`, `notAllowedNow`,
   * `revoked`; what `TokenService.register` throws
   */
  registerToken(command: RegisterTokenCommand, caller: Caller): Promise<RegisterTokenAnswer>;
  /**
   * Grants another token for one that broke within the warranty, and for any other where a caller
   * with `credentials:admin` says so. A proofed credential whose person is not known (`isKnownAs`)
   * is proofed anew. Granted already, it stays as it was granted, but for what `recognise` does.
   *
   * @throws FobtwinError `outsideWarranty`, `wrongProduct`, `notAllowedNow`, `revoked`
   */
  grantReplacement(command: ReplacementCommand, caller: Caller): Promise<CredentialDetail>;
  /**
   * Takes back that a proofed credential is to be proofed anew, where its person has signed in as
   * one who is known since another authenticator was granted; else changes nothing. Granting,
   * revoking, registering and the set-up of a Mobile ID do so by themselves.
   *
   * @throws FobtwinError `notFound`, `revoked`
   */
  recognise(account: AccountId, id: CredentialId, caller: Caller): Promise<CredentialDetail>;
  /**
   * Revokes the credential's token, or the credential itself where it has none: final.
   *
   * @throws FobtwinError `confirmationRequired` without `confirmed`, `notAllowedNow`, `revoked`
   */
  revoke(command: RevokeCredentialCommand, caller: Caller): Promise<CredentialDetail>;
  /**
   * What entitles the account to a type at `now`: an active credential whose subscription is
   * neither suspended nor revoked, proofed before unproofed, then the one that lasts longest. A
   * hardware token's owner has phones with it, also while the token is lost (seed 002's bonus).
   */
  entitlement(
    account: AccountId,
    type: CredentialType,
    now: UnixMillis,
  ): Promise<CredentialDetail | undefined>;
}

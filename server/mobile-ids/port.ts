import type { AccountId, Code, CredentialId, Outcome, Serial } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { TokenDetail } from '../tokens/port.ts';

/** Shown once: whoever reads it has the Mobile ID. */
export interface NewMobileId {
  readonly serial: Serial;
  /** Key URI of authenticator apps. */
  readonly uri: string;
  /** Its QR code, as SVG. */
  readonly qrCode: string;
}

/** A time token in any authenticator app. Once confirmed it is a token like others. */
export interface MobileIdService {
  /**
   * Makes one for the credential, or (for staff) without any; one that was never confirmed is
   * revoked by it.
   *
   * @throws FobtwinError `wrongProduct`, `proofingRequired`, `notAllowedNow`, `revokeFirst`,
   * `notFound`, `revoked`
   */
  create(
    command: { readonly account: AccountId; readonly credential?: CredentialId | undefined },
    caller: Caller,
  ): Promise<NewMobileId>;
  /** Two codes of the app prove that it was taken up. */
  confirm(
    command: {
      readonly account: AccountId;
      readonly serial: Serial;
      readonly code1: Code;
      readonly code2: Code;
    },
    caller: Caller,
  ): Promise<{
    readonly outcome: Outcome;
    readonly retryAfterSeconds?: number;
    readonly detail?: TokenDetail;
  }>;
}

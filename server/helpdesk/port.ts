import type {
  AccountId,
  Code,
  CredentialId,
  Outcome,
  ReplacementReason,
  Serial,
  Strength,
  UnixMillis,
} from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { CredentialDetail } from '../credentials/port.ts';
import type { TokenDetail } from '../tokens/port.ts';
import type { ApprovalRecord, CallerCheckRecord } from './record.ts';
import type { Intent } from './terms.ts';

/** What every action of the helpdesk rests on. */
export interface Grounds {
  /** The id of a caller check that was used for nothing yet. */
  readonly check: string;
  /** Kept in the audit log, and told to the account. */
  readonly reason: string;
  /** The id of a colleague's approval, where the policy wants one. */
  readonly approval?: string | undefined;
}

export interface CodeCheckAnswer {
  readonly outcome: Outcome;
  readonly retryAfterSeconds?: number;
  /** With `accepted`. */
  readonly check?: CallerCheckRecord;
}

/** A number that may be called back. */
export interface CallBackNumber {
  /** E.164. */
  readonly number: string;
  /** Since when it has been proved to be the account's. */
  readonly since: UnixMillis;
  /** Present when it is the account's no more. */
  readonly until?: UnixMillis;
}

export interface TemporaryCodeCommand extends Grounds {
  readonly account: AccountId;
  readonly lifeMillis: number;
  readonly strength: Strength;
  /** How often it may be used. */
  readonly uses: number;
}

export interface TemporaryCodeGiven {
  readonly expiresAt: UnixMillis;
  readonly strength: Strength;
  readonly uses: number;
  readonly mailed: boolean;
  /** Only where the account has no address that it could be mailed to. */
  readonly code?: Code;
}

/**
 * What the helpdesk does for somebody who calls. Every action needs a check of the caller and a
 * reason, by policy a colleague's approval, leaves an audit entry that names them, and is told to
 * every address that the account has had. Nobody helps himself: `forbidden`.
 */
export interface HelpdeskService {
  /** The numbers that the caller may be called back at, the longest held first. */
  callBackNumbers(account: AccountId, caller: Caller): Promise<readonly CallBackNumber[]>;
  /**
   * The caller reads out a code, which is spent by it. One that the helpdesk gave out itself is no
   * proof of who calls.
   *
   * @throws FobtwinError `forbidden`, `callerCheckRequired`
   */
  checkByCode(
    command: { readonly account: AccountId; readonly code: Code },
    caller: Caller,
  ): Promise<CodeCheckAnswer>;
  /**
   * The agent states that he has called the number back, and that the account's person answered.
   *
   * @throws FobtwinError `forbidden`, `notAllowedNow` for a number that may not be called back
   */
  checkByCallBack(
    command: { readonly account: AccountId; readonly phone: string },
    caller: Caller,
  ): Promise<CallerCheckRecord>;
  /**
   * For a forgotten token: a code that proves no more than what was forgotten, and lives no longer.
   *
   * @throws FobtwinError `callerCheckRequired`, `approvalRequired`, `forbidden`, `notFound`,
   * `notAllowedNow`
   */
  giveTemporaryCode(command: TemporaryCodeCommand, caller: Caller): Promise<TemporaryCodeGiven>;
  /** @throws FobtwinError likewise, and what `CredentialService.grantReplacement` throws */
  grantReplacement(
    command: Grounds & {
      readonly account: AccountId;
      readonly credential: CredentialId;
      readonly why: ReplacementReason;
    },
    caller: Caller,
  ): Promise<CredentialDetail>;
  /** @throws FobtwinError likewise, and what `TokenService.changeLife` throws */
  unlock(command: Grounds & { readonly serial: Serial }, caller: Caller): Promise<TokenDetail>;
  /** @throws FobtwinError `callerCheckRequired`, `forbidden`, `attemptsSpent` */
  askApproval(
    command: {
      readonly account: AccountId;
      readonly intent: Intent;
      readonly check: string;
      readonly reason: string;
    },
    caller: Caller,
  ): Promise<ApprovalRecord>;
  /** @throws FobtwinError `notFound`, `forbidden` for who asked or checked, `notAllowedNow` */
  approve(id: string, caller: Caller): Promise<ApprovalRecord>;
  /** Those of one account, or all that there are. */
  approvals(query: {
    readonly account?: AccountId | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  }): Promise<{ readonly items: readonly ApprovalRecord[]; readonly next: string | null }>;
}

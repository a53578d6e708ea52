import type { FieldError, FieldErrorCode } from '../../shared/errors.ts';
import type { RefusedRow, SeedFileEntry } from '../../shared/seed-files/entry.ts';
import type {
  AccountId,
  Code,
  CodeType,
  CredentialId,
  Hold,
  Life,
  LifeVerb,
  Outcome,
  Serial,
  Strength,
  UnixMillis,
} from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { IssuedProof } from '../accounts/issued-codes.ts';
import type { FactorRecord } from '../verification/types.ts';
import type { TokenRecord } from './record.ts';

export type VerifyCommand = {
  readonly code: Code;
  /** As `shared/wire/idempotency.ts` has it: see `idempotency.ts`. */
  readonly idempotencyKey?: string | undefined;
  /** What the code is spent for, in the audit log: there its action. Default `verify`. */
  readonly purpose?: VerifyPurpose | undefined;
} & (
  | { readonly serial: Serial; readonly account?: undefined; readonly credentialType?: undefined }
  | {
      readonly account: AccountId;
      readonly serial?: undefined;
      /** What the code is tested against alone. Default: one credential of each type. */
      readonly credentialType?: CodeType | undefined;
    }
);

/** `callerCheck`: somebody at the helpdesk's telephone proves who he is. */
export type VerifyPurpose = 'callerCheck';

/**
 * What the caller's scopes may see (`access/visible.ts`): edges render it as it is. The whole truth
 * stands in the audit entry.
 */
export interface VerifyAnswer {
  readonly outcome: Outcome;
  /** Only with `accepted`, where the code was a token's. */
  readonly serial?: Serial;
  /** Only with `accepted`, where fobd had given the code out itself: what it rests on. */
  readonly issued?: IssuedProof;
  /** With `accepted`, and with `strengthTooLow`: what the code has proved. */
  readonly strength?: Strength;
  /** Likewise: whether its credential was proofed; absent where there is no credential. */
  readonly proofed?: boolean;
  /** Only with `strengthTooLow`: what would suffice. */
  readonly requiredStrength?: Strength;
  /** Likewise: a proofed credential would. */
  readonly requiredProofing?: true;
  /** Only with `throttled`. */
  readonly retryAfterSeconds?: number;
}

export interface TokenDetail {
  readonly token: TokenRecord;
  readonly factor: FactorRecord;
}

/** A time token's clock as predicted for one moment (see `verification/drift.ts`). */
export interface TokenClock {
  /** Token's clock less the server's. */
  readonly offsetSeconds: number;
  readonly ppm: number;
  /** One standard deviation. */
  readonly uncertaintySeconds: number;
  readonly learntAt: UnixMillis;
  /** The acceptance window: so many steps before the predicted one, and after it. */
  readonly stepsBefore: number;
  readonly stepsAfter: number;
}

/** Likewise what the caller may see; edges render it as it is. */
export interface TwoCodesAnswer {
  readonly outcome: Outcome;
  readonly retryAfterSeconds?: number;
  /** Only for a caller with `tokens:read`. */
  readonly detail?: TokenDetail;
}

export interface RegistrationCommand {
  readonly serial: Serial;
  readonly account: AccountId;
  /** The account's, at `registration`: the token becomes its authenticator. Default: none's. */
  readonly credential?: CredentialId | undefined;
  readonly code1: Code;
  readonly code2: Code;
}

export interface ResyncCommand {
  readonly serial: Serial;
  readonly code1: Code;
  readonly code2: Code;
}

/** The new token takes the old one's place, by two codes of the new one. */
export interface ReplaceCommand {
  /** The token that goes. */
  readonly serial: Serial;
  /** The one that comes: stocked. */
  readonly newSerial: Serial;
  readonly code1: Code;
  readonly code2: Code;
  readonly reason?: string;
}

/** The new token, registered with `accepted`, else as it was. */
export interface ReplaceAnswer {
  readonly outcome: Outcome;
  readonly retryAfterSeconds?: number;
  readonly detail: TokenDetail;
}

export interface LifeCommand {
  readonly serial: Serial;
  readonly verb: LifeVerb;
  /** Whose it must be: anybody else's reads `notFound`. Default: anybody's, or nobody's. */
  readonly account?: AccountId | undefined;
  readonly reason?: string;
}

export interface TokenListQuery {
  readonly life?: Life;
  readonly hold?: Hold;
  readonly account?: AccountId;
  readonly after?: string;
  readonly limit: number;
}

export interface TokenPage {
  readonly items: readonly TokenDetail[];
  readonly next: string | null;
}

export interface ImportOptions {
  /** Only say what would be imported, and what would be refused. */
  readonly dryRun: boolean;
  /** Import the rows that can be, and report the others. Default: all of the file or nothing. */
  readonly partial?: boolean;
  /** Let tokens that an emulator made reach `hardwareToken`; is audited. Default false. */
  readonly acceptEmulated?: boolean;
}

/** A row that its reader could not make an entry of. */
export interface RefusedEntry {
  readonly refused: RefusedRow;
  readonly error: FieldError;
}

/** A row of a seed file, in the order of the file. */
export type ImportItem = SeedFileEntry | RefusedEntry;

export interface ImportRow {
  /** Absent when not even that could be read. */
  readonly serial?: Serial;
  readonly result: 'imported' | 'skipped' | 'refused';
  /**
   * Why it was not imported. In a dry run `dryRun` says that it would be, and `fileRefused` that it
   * would be if no other row were refused.
   */
  readonly reason?: 'exists' | 'dryRun' | 'fileRefused' | FieldErrorCode;
  /** Of a refused row: what is wrong there, as `line 7/seed`. */
  readonly field?: string;
}

export interface ImportReport {
  readonly imported: number;
  readonly skipped: number;
  readonly refused: number;
  /** One a row of the file, in its order. */
  readonly rows: readonly ImportRow[];
}

/** Which tokens are exported: those named, or all in one state, or all that are not revoked. */
export interface ExportCommand {
  readonly serials?: readonly Serial[];
  readonly life?: Life;
  /** For the audit log. */
  readonly format: string;
  /** How the seeds leave. */
  readonly protection: 'key' | 'passphrase' | 'plain';
}

export interface SeedExport {
  readonly count: number;
  /** In order of serial, a few at a time; their seeds are wiped when the next are asked for. */
  readonly slices: AsyncIterable<readonly SeedFileEntry[]>;
}

export interface TokenService {
  verify(command: VerifyCommand, caller: Caller): Promise<VerifyAnswer>;
  /**
   * @throws FobtwinError for a caller with `tokens:read`: `notFound` (unknown serial or account),
   * `alreadyRegistered`, `revoked`, `wrongProduct`. Everybody else reads outcome `wrongCode` for
   * the same. With `credential`, for everybody: `notFound`, `revokeFirst`, `proofingRequired`,
   * `notAllowedNow`, `suspended`, `revoked`
   */
  register(command: RegistrationCommand, caller: Caller): Promise<TwoCodesAnswer>;
  resync(command: ResyncCommand, caller: Caller): Promise<TwoCodesAnswer>;
  /**
   * The old token is revoked and the new one registered to its account in one decision, or neither.
   *
   * @throws FobtwinError `notFound`, `revoked`, `alreadyRegistered`, `notAllowedNow`,
   * `invalidInput`
   */
  replace(command: ReplaceCommand, caller: Caller): Promise<ReplaceAnswer>;
  /**
   * A person says `lost` and `found` of the own token, by `account`: see `own-word.ts`.
   *
   * @throws FobtwinError `notFound`, or `notAllowedNow` when the table has no such row; for a
   * person also `strengthTooLow`, `tooManyRequests`
   */
  changeLife(command: LifeCommand, caller: Caller): Promise<TokenDetail>;
  /** @throws FobtwinError `notFound` */
  get(serial: Serial): Promise<TokenDetail>;
  list(query: TokenListQuery): Promise<TokenPage>;
  /** `undefined` for an event token, and for one that has accepted nothing yet. */
  clock(detail: TokenDetail, now: UnixMillis): TokenClock | undefined;
  /**
   * The rows of a seed file, as stocked tokens: all or none, unless `partial`. A serial already
   * present is skipped, never overwritten. The plain seeds are wiped as they are sealed.
   *
   * @throws FobtwinError `invalidInput` for a row that is refused, `notAllowedNow` while another
   * import is under way; what `rows` throws
   */
  importEntries(
    rows: AsyncIterable<ImportItem>,
    options: ImportOptions,
    caller: Caller,
  ): Promise<ImportReport>;
  /**
   * Seeds, in the clear, for an edge to write a seed file of. The audit entry is durable before
   * the first one is opened.
   *
   * @throws FobtwinError `notFound` for an unknown serial, and when there is nothing to export
   */
  exportEntries(command: ExportCommand, caller: Caller): Promise<SeedExport>;
}

import type { SeedFileEntry } from '../../shared/seed-files/entry.ts';
import type {
  AccountId,
  Code,
  Hold,
  Life,
  LifeVerb,
  Outcome,
  Serial,
  Strength,
  UnixMillis,
} from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { FactorRecord } from '../verification/types.ts';
import type { TokenRecord } from './record.ts';

export type VerifyCommand = { readonly code: Code } & (
  | { readonly serial: Serial; readonly account?: undefined }
  | { readonly account: AccountId; readonly serial?: undefined }
);

/**
 * What the caller's scopes may see (`access/visible.ts`): edges render it as it is. The whole truth
 * stands in the audit entry.
 */
export interface VerifyAnswer {
  readonly outcome: Outcome;
  /** Only with `accepted`. */
  readonly serial?: Serial;
  readonly strength?: Strength;
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
  readonly code1: Code;
  readonly code2: Code;
}

export interface ResyncCommand {
  readonly serial: Serial;
  readonly code1: Code;
  readonly code2: Code;
}

export interface LifeCommand {
  readonly serial: Serial;
  readonly verb: LifeVerb;
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
  /** Only say what would be imported. */
  readonly dryRun: boolean;
  /** Let tokens that an emulator made reach `hardwareToken`; is audited. Default false. */
  readonly acceptEmulated?: boolean;
}

export interface ImportReport {
  readonly imported: number;
  readonly skipped: number;
  readonly rows: readonly {
    readonly serial: Serial;
    readonly result: 'imported' | 'skipped';
    readonly reason?: 'exists' | 'dryRun';
  }[];
}

export interface TokenService {
  verify(command: VerifyCommand, caller: Caller): Promise<VerifyAnswer>;
  /**
   * @throws FobtwinError for a caller with `tokens:read`: `notFound` (unknown serial or account),
   * `alreadyRegistered`, `revoked`. Everybody else reads outcome `wrongCode` for the same.
   */
  register(command: RegistrationCommand, caller: Caller): Promise<TwoCodesAnswer>;
  resync(command: ResyncCommand, caller: Caller): Promise<TwoCodesAnswer>;
  /** @throws FobtwinError `notFound`, or `notAllowedNow` when the table has no such row */
  changeLife(command: LifeCommand, caller: Caller): Promise<TokenDetail>;
  /** @throws FobtwinError `notFound` */
  get(serial: Serial): Promise<TokenDetail>;
  list(query: TokenListQuery): Promise<TokenPage>;
  /** `undefined` for an event token, and for one that has accepted nothing yet. */
  clock(detail: TokenDetail, now: UnixMillis): TokenClock | undefined;
  /**
   * All entries or none, as stocked tokens. A serial already present is skipped, never overwritten.
   *
   * @throws FobtwinError `invalidInput` for a serial twice in the file; what `entries` throws
   */
  importEntries(
    entries: AsyncIterable<SeedFileEntry>,
    options: ImportOptions,
    caller: Caller,
  ): Promise<ImportReport>;
}

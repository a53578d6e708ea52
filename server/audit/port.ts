import type { Caller } from '../access/scopes.ts';
import type { Reindexed } from '../store/audit-port.ts';
import type { Checkpoint } from './checkpoint.ts';

export interface PublicKey {
  readonly keyId: string;
  /** PEM. */
  readonly publicKey: string;
}

export interface ExportRange {
  /** Default: where the log begins. */
  readonly after?: number | undefined;
  /** Default: where it ends. */
  readonly until?: number | undefined;
}

/** What is asked to go: the oldest entries, up to where one of these stops. */
export interface RetentionLimits {
  /** Entries younger than this stay; milliseconds. Default: what the policy keeps. */
  readonly keepMillis?: number | undefined;
  /** This entry and all after it stay. Default: what the policy keeps. */
  readonly before?: number | undefined;
}

/** How far a retention would reach. */
export interface RetentionPlan {
  /** The last entry that was removed before; 0 where none was. */
  readonly base: number;
  /** The last entry that would be removed, and its hash; `base` where none would be. */
  readonly through: number;
  readonly hash: string;
  readonly entries: number;
}

export interface Retention {
  /** As planned. */
  readonly through: number;
  readonly hash: string;
  /** Whether the caller has these entries in exports that he has verified. */
  readonly exported: boolean;
}

export interface AuditService {
  /** A signed statement of where the log ends now. */
  checkpoint(caller: Caller): Promise<Checkpoint>;
  /** The key that checkpoints are signed with; it is made when it is first asked for. */
  publicKey(caller: Caller): Promise<PublicKey>;
  /**
   * The text of an export: see export.ts.
   *
   * @throws FobtwinError `invalidInput` for a range that the log does not have
   */
  export(range: ExportRange, caller: Caller): Promise<AsyncIterable<string>>;
  planRetention(limits: RetentionLimits, caller: Caller): Promise<RetentionPlan>;
  /**
   * Removes entries as planned; resolves when the last of them is gone.
   *
   * @throws FobtwinError `notAllowedNow` where the policy keeps them, or they have not been
   * forwarded; `invalidInput` where `hash` is another entry's
   */
  retain(retention: Retention, caller: Caller): Promise<RetentionPlan>;
  reindex(caller: Caller): Promise<Reindexed>;
}

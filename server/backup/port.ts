import type { Caller } from '../access/scopes.ts';

export interface BackupService {
  /**
   * All of the data directory but its master key as it stands at one moment, as the lines of a
   * backup file; recorded in the audit log, and in the backup itself.
   *
   * @throws FobtwinError `notAllowedNow` while another backup is being made
   */
  create(caller: Caller): Promise<AsyncIterable<string>>;
}

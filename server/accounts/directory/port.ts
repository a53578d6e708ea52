/** Why a directory lets somebody in nowhere; `restricted`: not at this hour, or not from here. */
export const DIRECTORY_REASONS = [
  'disabled',
  'expired',
  'passwordExpired',
  'restricted',
  'locked',
] as const;
export type DirectoryReason = (typeof DIRECTORY_REASONS)[number];

/** A person's entry in a directory (LDAP, Active Directory), as much as an account needs of it. */
export interface DirectoryEntry {
  /** Never changes, also when the person's names do: `objectGUID` or `entryUUID`, as text. */
  readonly id: string;
  /** `sAMAccountName` or `uid`. */
  readonly userName: string;
  /** `userPrincipalName`, where there is one. */
  readonly principalName?: string;
  readonly legalName?: string;
  readonly email?: string;
  readonly organisation?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
  /** Disabled, expired or locked there. */
  readonly disabled: boolean;
  /** Which of them; for the audit log, not for the person. */
  readonly reason?: DirectoryReason;
}

/** What a bind with the person's own password came to. */
export type DirectoryAnswer =
  | { readonly result: 'accepted' | 'disabled'; readonly entry: DirectoryEntry }
  /**
   * The entry where it was found: what its failures are counted by. Locked there it is `disabled`
   * with reason `locked`: a directory says so of any password, so this proves none.
   */
  | { readonly result: 'wrongPassword'; readonly entry: DirectoryEntry }
  | { readonly result: 'unknown' };

export interface Directory {
  /**
   * Finds whoever is named and tries the password by a bind. `DOMAIN\user`, `user@domain` and
   * `user` find one entry; a name that fits several finds none.
   *
   * @throws FobtwinError `unavailable` when the directory cannot be reached or does not answer
   */
  signIn(user: string, password: string): Promise<DirectoryAnswer>;
  /** Finds without a password, for edges that ask for a code alone. */
  find(user: string): Promise<DirectoryEntry | undefined>;
  close(): Promise<void>;
}

import type { ProfileChange } from './port.ts';
import type { AccountProfile, AccountRecord } from './record.ts';

/** What is known of an account's person, field by field. */

const FIELDS: Readonly<Record<keyof AccountProfile, true>> = {
  name: true,
  legalName: true,
  organisation: true,
  email: true,
  country: true,
  roles: true,
};

export const PROFILE_FIELDS = Object.keys(FIELDS) as readonly (keyof AccountProfile)[];

/** The profile's own fields, without those that are undefined. */
export const profileOf = (given: AccountProfile): AccountProfile =>
  Object.fromEntries(
    PROFILE_FIELDS.filter((field) => given[field] !== undefined).map((field) => [
      field,
      given[field],
    ]),
  );

/** The fields that `change` would make other than they are. */
export const changedFields = (
  account: AccountProfile,
  change: ProfileChange,
): readonly (keyof AccountProfile)[] =>
  PROFILE_FIELDS.filter((field) => {
    const wanted = change[field];
    return wanted !== undefined && !isSame(wanted ?? undefined, account[field]);
  });

type Value = AccountProfile[keyof AccountProfile];

const isSame = (a: Value, b: Value): boolean =>
  Array.isArray(a) && Array.isArray(b) ? a.join() === b.join() : a === b;

/** `null` takes a field away; what is absent stays. */
export function withChange(account: AccountRecord, change: ProfileChange): AccountRecord {
  const kept = Object.entries(account).filter(([field]) => Reflect.get(change, field) !== null);
  const given = PROFILE_FIELDS.filter((field) => change[field] != null);
  const set = given.map((field) => [field, change[field]]);
  return { ...Object.fromEntries([...kept, ...set]) } as AccountRecord;
}

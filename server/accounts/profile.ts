import type { UnixMillis } from '../../shared/types.ts';
import type { ProfileChange } from './port.ts';
import {
  type AccountProfile,
  type AccountRecord,
  EARLIER_EMAILS_MAX,
  type EarlierEmail,
} from './record.ts';

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

/**
 * `after` with the address that it had before, where it has another now: once each. Beyond
 * `EARLIER_EMAILS_MAX` the one is forgotten that was held for the shortest time, so that nobody
 * washes a person's address out by quick changes.
 */
export function rememberingEmail(
  before: AccountRecord,
  after: AccountRecord,
  now: UnixMillis,
): AccountRecord {
  const { email: old } = before;
  if (old === undefined || old === after.email) return after;
  const others = (before.earlierEmails ?? []).filter(({ email }) => email !== old);
  const earlierEmails: readonly EarlierEmail[] = [...others, { email: old, until: now }];
  return { ...after, earlierEmails: withoutBriefest(earlierEmails, before.createdAt) };
}

/** The last is the present change's, and stays. */
function withoutBriefest(
  emails: readonly EarlierEmail[],
  createdAt: UnixMillis,
): readonly EarlierEmail[] {
  if (emails.length <= EARLIER_EMAILS_MAX) return emails;
  const held = emails
    .slice(0, -1)
    .map(({ until }, place) => until - (emails[place - 1]?.until ?? createdAt));
  const briefest = held.indexOf(Math.min(...held));
  return emails.filter((_, place) => place !== briefest);
}

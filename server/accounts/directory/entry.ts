import type { Entry } from 'ldapts';
import type { DirectoryOptions } from './options.ts';
import type { DirectoryEntry, DirectoryReason } from './port.ts';

/** What a search found, as an entry of the port. */

/** Longer than any of these ought to be; what is longer is left out. */
const TEXT_CHARACTERS_MAX = 256;
/** MS-ADTS 2.2.16. */
const UAC_ACCOUNT_DISABLE = 0x2;
const UAC_LOCKOUT = 0x10;
const UAC_PASSWORD_EXPIRED = 0x80_0000;
/** MS-ADA1 2.2: both mean that an account does not expire. */
const NEVER = new Set([0n, 0x7fff_ffff_ffff_ffffn]);
/** From 1601 to 1970, in units of 100 ns. */
const FILE_TIME_EPOCH = 116_444_736_000_000_000n;
const DAY_MILLIS = 86_400_000;

/** MS-ADA: userAccountControl without the bits that change by themselves, and with them. */
const ACTIVE_DIRECTORY_STATE = [
  'userAccountControl',
  'msDS-User-Account-Control-Computed',
  'accountExpires',
  'lockoutTime',
];
/** OpenLDAP's and 389's password policies, and RFC 2307's shadow account. */
const LDAP_STATE = ['pwdAccountLockedTime', 'pwdReset', 'nsAccountLock', 'shadowExpire'];

/** Everything that is asked for: operational attributes come only when they are named. */
export const attributesOf = ({ kind, attributes }: DirectoryOptions): string[] => [
  ...Object.values(attributes),
  ...(kind === 'activeDirectory' ? ACTIVE_DIRECTORY_STATE : LDAP_STATE),
];

/** The entry; undefined where it has no id or no name, or none that may be read. */
export function readEntry(
  found: Entry,
  { kind, attributes }: DirectoryOptions,
  now: number,
): DirectoryEntry | undefined {
  const read = reader(found);
  const id = idText(read(attributes.id)[0]);
  const userName = textOf(read(attributes.userName)[0]);
  if (id === undefined || userName === undefined) return undefined;
  const text = (name: string) => textOf(read(name)[0]);
  const country = text(attributes.country)?.toUpperCase();
  const optional = {
    principalName: text(attributes.principalName),
    legalName: text(attributes.legalName),
    email: text(attributes.email),
    organisation: text(attributes.organisation),
    country: country !== undefined && /^[A-Z]{2}$/.test(country) ? country : undefined,
    reason: kind === 'activeDirectory' ? windowsReason(read, now) : ldapReason(read, now),
  };
  const present = Object.entries(optional).filter(([, value]) => value !== undefined);
  return {
    id,
    userName,
    ...Object.fromEntries(present),
    disabled: optional.reason !== undefined,
  };
}

type Value = string | Buffer;
type Read = (name: string) => readonly Value[];

/** Names of attributes have no case (RFC 4512 section 2.5). */
function reader(found: Entry): Read {
  const values = new Map<string, readonly Value[]>();
  for (const [name, value] of Object.entries(found)) {
    values.set(name.toLowerCase(), Array.isArray(value) ? value : [value]);
  }
  return (name) => values.get(name.toLowerCase()) ?? [];
}

function textOf(value: Value | undefined): string | undefined {
  const text = typeof value === 'string' ? value.trim() : '';
  return text === '' || text.length > TEXT_CHARACTERS_MAX ? undefined : text;
}

/**
 * An objectGUID is 16 bytes, the first three fields little-endian (MS-DTYP 2.3.4); Windows prints
 * it as here. What else is binary is printed in hexadecimal.
 */
export function idText(value: Value | undefined): string | undefined {
  if (!Buffer.isBuffer(value)) return textOf(value);
  if (value.length === 0 || value.length * 2 > TEXT_CHARACTERS_MAX) return undefined;
  if (value.length !== 16) return value.toString('hex');
  const part = (from: number, to: number) => value.subarray(from, to).toString('hex');
  const swapped = (from: number, to: number) =>
    Buffer.from(value.subarray(from, to)).reverse().toString('hex');
  return [swapped(0, 4), swapped(4, 6), swapped(6, 8), part(8, 10), part(10, 16)].join('-');
}

function windowsReason(read: Read, now: number): DirectoryReason | undefined {
  const bits = Number(integerOf(read('userAccountControl')) ?? 0n);
  const computed = integerOf(read('msDS-User-Account-Control-Computed'));
  const computedBits = Number(computed ?? 0n);
  const expires = integerOf(read('accountExpires'));
  if ((bits & UAC_ACCOUNT_DISABLE) !== 0) return 'disabled';
  if (expires !== undefined && !NEVER.has(expires) && fileTimeMillis(expires) <= now) {
    return 'expired';
  }
  if ((computedBits & UAC_PASSWORD_EXPIRED) !== 0) return 'passwordExpired';
  // lockoutTime stays when the lock has ended by itself; the computed bits do not.
  const lockedSince = integerOf(read('lockoutTime')) ?? 0n;
  const isLocked = computed === undefined ? lockedSince > 0n : (computedBits & UAC_LOCKOUT) !== 0;
  return isLocked ? 'locked' : undefined;
}

function ldapReason(read: Read, now: number): DirectoryReason | undefined {
  const isTrue = (name: string) => textOf(read(name)[0])?.toUpperCase() === 'TRUE';
  const expiresOn = integerOf(read('shadowExpire'));
  if (isTrue('nsAccountLock')) return 'disabled';
  if (expiresOn !== undefined && expiresOn > 0n && Number(expiresOn) * DAY_MILLIS <= now) {
    return 'expired';
  }
  if (isTrue('pwdReset')) return 'passwordExpired';
  return read('pwdAccountLockedTime').length > 0 ? 'locked' : undefined;
}

const fileTimeMillis = (time: bigint): number => Number((time - FILE_TIME_EPOCH) / 10_000n);

function integerOf([value]: readonly Value[]): bigint | undefined {
  const text = textOf(value);
  return text !== undefined && /^-?\d{1,20}$/.test(text) ? BigInt(text) : undefined;
}

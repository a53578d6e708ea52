import { createHmac } from 'node:crypto';
import type {
  AccountId,
  Code,
  CredentialId,
  PhoneId,
  Serial,
  Strength,
  UnixMillis,
} from '../../shared/types.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';
import { equalText } from '../verification/equal.ts';

/**
 * Codes that fobd itself has given out to an account: one sent to a phone, one that the helpdesk
 * gave for a forgotten token. Each lives for a stated time and proves a stated strength. What is
 * kept of one is a keyed hash, so that a stolen database yields none.
 */
export const ISSUED_BY = ['phone', 'temporary'] as const;
export type IssuedBy = (typeof ISSUED_BY)[number];

export interface IssuedCode {
  /** Lower-case hexadecimal: see `issuedCodeMac`. */
  readonly mac: string;
  readonly issuedAt: UnixMillis;
  /** From this moment on it is no code any more. */
  readonly expiresAt: UnixMillis;
  readonly strength: Strength;
  readonly proofed: boolean;
  /** The credential that entitles to it. */
  readonly credential?: CredentialId;
  readonly phone?: PhoneId;
  /** The hardware token that the phone came with (seed 002), where it was no Phone OTP's. */
  readonly bonusOf?: Serial;
  /** With `credential`: the number was vouched for to it. Absent: who it is, it does not say. */
  readonly vouched?: true;
  /** Wrong codes that may still be tried against it. */
  readonly attemptsLeft: number;
  /** How often it may still be used; it is removed with its last use. */
  readonly usesLeft: number;
}

/** By account; absent where none was given out since. */
export interface IssuedCodesRecord {
  readonly version: 1;
  readonly phone?: IssuedCode;
  readonly temporary?: IssuedCode;
}

export const ISSUED_CODES: Kind<IssuedCodesRecord> = {
  name: 'issuedCodes',
  indexes: [],
  indexValues: () => [],
};

export const issuedCodesKey = (account: AccountId): Key<IssuedCodesRecord> =>
  keyOf(ISSUED_CODES, account);

/** @param key 32 bytes that are not in the store */
export const issuedCodeMac = (account: AccountId, code: Code, key: Uint8Array): string =>
  createHmac('sha256', key).update(`fobd/issuedCode/v1/${account}/${code}`).digest('hex');

export interface IssuedMatch {
  readonly by: IssuedBy;
  readonly issued: IssuedCode;
}

/**
 * What a proof by such a code rests on: it ends with any of it. A phone's ends when the number is
 * removed and with what brings phones along, the helpdesk's with the code's own time, and both with
 * the credential.
 */
export interface IssuedProof {
  readonly by: IssuedBy;
  readonly phone?: PhoneId;
  readonly credential?: CredentialId;
  readonly bonusOf?: Serial;
  readonly vouched?: true;
  readonly until?: UnixMillis;
}

export const issuedProofOf = ({
  by,
  issued: { phone, credential, bonusOf, vouched, expiresAt },
}: IssuedMatch): IssuedProof => ({
  by,
  ...(phone === undefined ? {} : { phone }),
  ...(credential === undefined ? {} : { credential }),
  ...(bonusOf === undefined ? {} : { bonusOf }),
  ...(vouched === undefined ? {} : { vouched }),
  ...(by === 'temporary' ? { until: expiresAt } : {}),
});

/** Which of the codes that still live `mac` is of; each is compared, whatever the first said. */
export function issuedMatch(
  record: IssuedCodesRecord | undefined,
  mac: string,
  now: UnixMillis,
): IssuedMatch | undefined {
  let found: IssuedMatch | undefined;
  for (const by of ISSUED_BY) {
    const issued = record?.[by];
    if (issued === undefined || !isLive(issued, now)) continue;
    if (equalText(issued.mac, mac)) found ??= { by, issued };
  }
  return found;
}

export const isLive = ({ expiresAt, attemptsLeft, usesLeft }: IssuedCode, now: UnixMillis) =>
  now < expiresAt && attemptsLeft > 0 && usesLeft > 0;

/** The record once the code was used: gone with its last use. */
export function afterUse(
  record: IssuedCodesRecord,
  { by, issued }: IssuedMatch,
): IssuedCodesRecord {
  const { [by]: _, ...rest } = record;
  const usesLeft = issued.usesLeft - 1;
  return usesLeft === 0 ? { ...rest, version: 1 } : { ...record, [by]: { ...issued, usesLeft } };
}

/** The record once a wrong code came: each living one has an attempt less. */
export function afterWrong(record: IssuedCodesRecord, now: UnixMillis): IssuedCodesRecord {
  const tried: { [By in IssuedBy]?: IssuedCode } = {};
  for (const by of ISSUED_BY) {
    const issued = record[by];
    if (issued === undefined || !isLive(issued, now)) continue;
    tried[by] = { ...issued, attemptsLeft: issued.attemptsLeft - 1 };
  }
  return { ...record, ...tried };
}

import { createHash } from 'node:crypto';
import { createOtp } from '../../../shared/otp.ts';
import type { SeedFileEntry } from '../../../shared/seed-files/entry.ts';
import {
  type AccountId,
  type Code,
  parseAccountId,
  parseSerial,
  type Seed,
  type Serial,
} from '../../../shared/types.ts';
import { nodeCrypto } from '../../support/node-crypto.ts';

/** Event tokens whose seeds follow from their serials, so that every side can make their codes. */

const EVENT = { type: 'event', algorithm: 'SHA1', digits: 6 } as const;
const otp = createOtp(nodeCrypto);

const seedOf = (serial: Serial): Seed =>
  new Uint8Array(createHash('sha1').update(`crash ${serial}`).digest()) as Seed;

/** @throws Error for what is none */
export function serialOf(text: string): Serial {
  const serial = parseSerial(text);
  if (serial === undefined) throw new Error(`${text} is no serial`);
  return serial;
}

/** @throws Error for what is none */
export function accountOf(text: string): AccountId {
  const account = parseAccountId(text);
  if (account === undefined) throw new Error(`${text} is no account`);
  return account;
}

export const eventEntry = (serial: Serial): SeedFileEntry => ({
  serial,
  seed: seedOf(serial),
  parameters: EVENT,
  nextCounter: 0,
});

export const codeOf = (serial: Serial, counter: number): Code =>
  otp.code(seedOf(serial), counter, EVENT);

/** A registered token as those who use it know it. */
export interface UsedToken {
  readonly serial: Serial;
  readonly account: AccountId;
  nextCounter: number;
  /** The counter last accepted since the load began. */
  lastAccepted: number | undefined;
  failures: number;
  accountFailures: number;
  lastWrong: Code | undefined;
}

export const newlyRegistered = (
  serial: Serial,
  account: AccountId,
  nextCounter: number,
): UsedToken => ({
  serial,
  account,
  nextCounter,
  lastAccepted: undefined,
  failures: 0,
  accountFailures: 0,
  lastWrong: undefined,
});

/** Counters that a code could be taken for: look-ahead and replays, with room to spare. */
const AROUND = 25;

/** Whether the code of no counter near the token's, but for `counter` itself, is `code`. */
export function isUnmistakable(
  { serial, nextCounter }: Pick<UsedToken, 'serial' | 'nextCounter'>,
  code: Code,
  counter?: number,
): boolean {
  for (let near = Math.max(0, nextCounter - AROUND); near < nextCounter + AROUND; near += 1) {
    if (near !== counter && codeOf(serial, near) === code) return false;
  }
  return true;
}

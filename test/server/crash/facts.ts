import { accountFailuresKey, accountKey } from '../../../server/accounts/record.ts';
import { recordKey } from '../../../server/store/keys.ts';
import type { Key } from '../../../server/store/port.ts';
import { factorKey, tokenKey } from '../../../server/tokens/record.ts';
import type { AccountId, Serial } from '../../../shared/types.ts';

/** What an acknowledgement promises of the records, for good: once it holds, it never ceases to. */
export interface Fact {
  readonly text: string;
  readonly keys: readonly Key<unknown>[];
  holds(read: Read): boolean;
}

/** The records at one moment. */
export type Read = <T>(key: Key<T>) => T | undefined;

/** What fobd told a caller. */
export interface Acknowledgement {
  readonly requestId: string;
  /** The audit entry that must be there, as `entryText` writes it; a mere look has none. */
  readonly entry: string | undefined;
  readonly facts: readonly Fact[];
  /** With `accepted`: never again. */
  readonly accepted?: SpentCode;
}

export interface SpentCode {
  readonly serial: Serial;
  readonly counter: number;
}

interface EntryParts {
  readonly action: string;
  readonly outcome?: string;
  readonly serial?: string;
  readonly account?: string;
}

/** An audit entry without what the load cannot know of it. */
export const entryText = ({ action, outcome, serial, account }: EntryParts): string =>
  [action, serial ?? '-', account ?? '-', outcome ?? '-'].join(' ');

/** Records as JSON by their keys in the store. */
export const readFrom =
  (texts: ReadonlyMap<string, string>): Read =>
  <T>({ kind, id }: Key<T>) => {
    const text = texts.get(recordKey(kind.name, id));
    return text === undefined ? undefined : (JSON.parse(text) as T);
  };

const nextCounterOf = (read: Read, serial: Serial): number => {
  const factor = read(factorKey(serial))?.factor;
  return factor?.type === 'event' ? factor.nextCounter : Number.NaN;
};

/** No code up to this counter is accepted any more. */
export const counterPassed = (serial: Serial, counter: number): Fact => ({
  text: `counter ${counter} of ${serial} has passed`,
  keys: [factorKey(serial)],
  holds: (read) => nextCounterOf(read, serial) > counter,
});

/** So many failures in a row while `nextCounter` was the next: a later success may clear them. */
export const failuresCounted = (serial: Serial, nextCounter: number, failures: number): Fact => ({
  text: `${serial} has ${failures} failures at counter ${nextCounter}`,
  keys: [factorKey(serial)],
  holds(read) {
    const inRow = read(factorKey(serial))?.failures.failuresInRow ?? -1;
    return isPast(nextCounterOf(read, serial), nextCounter) || inRow >= failures;
  },
});

/** Likewise by account, whose one token is `serial`. */
export const accountFailuresCounted = (
  account: AccountId,
  serial: Serial,
  nextCounter: number,
  failures: number,
): Fact => ({
  text: `account ${account} has ${failures} failures at counter ${nextCounter} of ${serial}`,
  keys: [accountFailuresKey(account), factorKey(serial)],
  holds(read) {
    const inRow = read(accountFailuresKey(account))?.failures.failuresInRow ?? -1;
    return isPast(nextCounterOf(read, serial), nextCounter) || inRow >= failures;
  },
});

const isPast = (nextCounter: number, before: number): boolean => nextCounter > before;

export const accountAdded = (account: AccountId): Fact => ({
  text: `account ${account} is there`,
  keys: [accountKey(account)],
  holds: (read) => read(accountKey(account)) !== undefined,
});

export const registered = (serial: Serial, account: AccountId): Fact => ({
  text: `${serial} is registered to ${account}`,
  keys: [tokenKey(serial), accountKey(account)],
  holds: (read) =>
    read(tokenKey(serial))?.life === 'registered' &&
    read(tokenKey(serial))?.account === account &&
    (read(accountKey(account))?.serials.includes(serial) ?? false),
});

export const imported = (serial: Serial): Fact => ({
  text: `${serial} is imported`,
  keys: [tokenKey(serial), factorKey(serial)],
  holds: (read) => read(tokenKey(serial)) !== undefined && read(factorKey(serial)) !== undefined,
});

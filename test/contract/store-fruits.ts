import { expect } from 'chai';
import type { AuditDraft } from '../../server/audit/entry.ts';
import {
  type Key,
  type Kind,
  keyOf,
  replyOnly,
  type Store,
  type StoreOptions,
  type Write,
} from '../../server/store/port.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { parseSerial, parseUnixMillis, type Serial, type UnixMillis } from '../../shared/types.ts';

/** What the store's contract stores, and how its tests speak to a store. */

export interface Fruit {
  readonly version: 1;
  readonly colours: readonly string[];
  readonly weight: number;
}

export const FRUITS: Kind<Fruit> = {
  name: 'fruit',
  indexes: ['colour', 'heavy'],
  indexValues: (index, { colours, weight }) =>
    index === 'colour' ? colours : weight >= 1000 ? ['yes'] : [],
};
/** A kind whose name begins as the other's does. */
export const FRUIT_FLIES: Kind<{ readonly version: 1 }> = {
  name: 'fruitFly',
  indexes: [],
  indexValues: () => [],
};

export const CONTRACT_OPTIONS: StoreOptions = {
  kinds: [FRUITS, FRUIT_FLIES],
  writer: 'contract',
  auditKey: new Uint8Array(32).fill(7),
};

export interface StoreUnderTest {
  readonly store: Store;
  /** Closes what is open and opens the same data again. */
  reopen(): Promise<Store>;
  destroy(): Promise<void>;
}

/** A store under test, opened before each test and destroyed after it. */
export type Opened = () => StoreUnderTest;

export type StoreFactory = (options: StoreOptions) => Promise<StoreUnderTest>;

export const fruit = (weight: number, ...colours: string[]): Fruit => ({
  version: 1,
  colours,
  weight,
});
export const fruitKey = (id: string): Key<Fruit> => keyOf(FRUITS, id);
export const AT = parseUnixMillis(1_700_000_000_000) as UnixMillis;
export const serial = (text: string): Serial => parseSerial(text) as Serial;
export const draft = (action: string, about: Partial<AuditDraft> = {}): AuditDraft => ({
  at: AT,
  actor: 'system',
  action,
  ...about,
});

/** Commits writes and drafts without looking. */
export function commit(
  store: Store,
  writes: readonly Write[],
  auditDrafts: readonly AuditDraft[] = [],
): Promise<void> {
  return store.transact(
    writes.map(({ key }) => key),
    () => ({ writes, auditDrafts, reply: undefined }),
  );
}

export const read = (store: Store, id: string): Promise<Fruit | undefined> =>
  store.transact([fruitKey(id)], ([record]) => replyOnly(record));

/** What a promise rejects with; fails when it does not. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(outcome, 'a rejection').to.be.instanceOf(Error);
  return outcome as Error;
}

export async function refusal(promise: Promise<unknown>, code: string): Promise<FobtwinError> {
  const error = await rejection(promise);
  expect(error).to.be.instanceOf(FobtwinError);
  expect((error as FobtwinError).code).to.equal(code);
  return error as FobtwinError;
}

import { randomBytes } from 'node:crypto';
import { LOCAL_OWNER } from '../../../server/access/scopes.ts';
import type { Directory, DirectoryEntry } from '../../../server/accounts/directory/port.ts';
import {
  type Accounts,
  type AccountsOptions,
  openAccounts,
} from '../../../server/accounts/open.ts';
import type { PasswordAnswer } from '../../../server/accounts/passwords-port.ts';
import type { AuditEntry } from '../../../server/audit/entry.ts';
import { KINDS } from '../../../server/kinds.ts';
import { openMemoryStore } from '../../../server/store/memory.ts';
import type { Store } from '../../../server/store/port.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { AccountId, UnixMillis } from '../../../shared/types.ts';

/** The accounts room over a store in memory, with passwords that are hashed quickly. */

export const START = 1_767_225_600_000 as UnixMillis;
export const QUICK = { memoryKibibytes: 8, passes: 1, lanes: 1 };
export const RNG = { bytes: (length: number) => randomBytes(length), uniform: Math.random };
export const idOf = (text: string): AccountId => text as AccountId;
/** No breach has brought it to light. */
export const GOOD = 'seven tame walruses';

export async function errorOf(work: Promise<unknown>): Promise<FobtwinError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof FobtwinError) return error;
  throw error ?? new Error('nothing was refused');
}

export class Room {
  readonly store: Store;
  readonly accounts: Accounts['accounts'];
  readonly passwords: Accounts['passwords'];
  now: UnixMillis = START;

  constructor(store: Store, options: Partial<AccountsOptions> = {}) {
    this.store = store;
    const { accounts, passwords } = openAccounts({
      ...{ store, rng: RNG, rootKey: new Uint8Array(32).fill(1) },
      hashing: { parameters: QUICK },
      ...options,
    });
    this.accounts = accounts;
    this.passwords = passwords;
  }

  get caller() {
    return { principal: LOCAL_OWNER, now: this.now };
  }

  wait(seconds: number): void {
    this.now = (this.now + seconds * 1000) as UnixMillis;
  }

  /** An account with a password. */
  async add(id: string, password = GOOD): Promise<void> {
    await this.accounts.add({ id: idOf(id) }, this.caller);
    await this.passwords.set(idOf(id), password, this.caller);
  }

  check(user: string, password: string, source?: string): Promise<PasswordAnswer> {
    return this.passwords.check({ user, password, source }, this.caller);
  }

  /** Outcomes of as many wrong passwords, each another one, with the waits between them. */
  async fail(user: string, times: number): Promise<readonly string[]> {
    const outcomes: string[] = [];
    for (let time = 0; time < times; time += 1) {
      const answer = await this.check(user, `wrong ${this.now} ${time}`);
      outcomes.push(answer.outcome);
      this.wait(300);
    }
    return outcomes;
  }

  async log(): Promise<readonly AuditEntry[]> {
    const { items } = await this.store.auditPage({ after: 0, limit: 500 });
    return items;
  }

  async signIns(): Promise<readonly AuditEntry[]> {
    return (await this.log()).filter(({ action }) => action === 'signIn');
  }
}

export async function openRoom(options: Partial<AccountsOptions> = {}): Promise<Room> {
  const store = await openMemoryStore({
    kinds: KINDS,
    writer: 'test',
    auditKey: new Uint8Array(32),
  });
  return new Room(store, options);
}

interface Person {
  readonly entry: DirectoryEntry;
  readonly password: string;
}

/** A directory in memory, of the domain CORP: it locks people out as a real one does. */
export class MemoryDirectory implements Directory {
  readonly people: Person[] = [];
  /** Passwords that were asked about, wrong or right. */
  asked = 0;
  /** Wrong passwords in a row, by entry. */
  readonly wrong = new Map<string, number>();
  isReachable = true;

  put(entry: Partial<DirectoryEntry> & { id: string; userName: string }, password: string): void {
    const index = this.people.findIndex((person) => person.entry.id === entry.id);
    const person = { entry: { disabled: false, ...entry }, password };
    if (index >= 0) this.people.splice(index, 1);
    this.people.push(person);
  }

  #named(user: string): Person | undefined {
    const wanted = user.toLowerCase();
    const found = this.people.filter(({ entry: { userName, principalName } }) =>
      [userName, `corp\\${userName}`, principalName].some((name) => name?.toLowerCase() === wanted),
    );
    return found.length === 1 ? found[0] : undefined;
  }

  #reach(): void {
    if (this.isReachable) return;
    throw new FobtwinError('unavailable', 'The directory cannot be reached.');
  }

  async find(user: string): Promise<DirectoryEntry | undefined> {
    await Promise.resolve();
    this.#reach();
    return this.#named(user)?.entry;
  }

  async signIn(user: string, password: string) {
    await Promise.resolve();
    this.#reach();
    const person = this.#named(user);
    if (person === undefined) return { result: 'unknown' } as const;
    this.asked += 1;
    const { entry } = person;
    if (person.password !== password) {
      this.wrong.set(entry.id, (this.wrong.get(entry.id) ?? 0) + 1);
      return { result: 'wrongPassword', entry } as const;
    }
    return { result: entry.disabled ? 'disabled' : 'accepted', entry } as const;
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }
}

import type { AccountId } from '../../../shared/types.ts';
import { type Decision, put, replyOnly } from '../../store/port.ts';
import { directoryIdKey } from '../names.ts';
import { checkOwnPassword } from '../own-password.ts';
import {
  answered,
  type Count,
  countOn,
  type PasswordAttempt,
  type PasswordDeciding,
  repeats,
  standing,
  wrongWrites,
} from '../password-attempt.ts';
import type { PasswordAnswer } from '../passwords-port.ts';
import { accountKey } from '../record.ts';
import { acceptEntry } from './first-sign-in.ts';
import type { Directory, DirectoryEntry } from './port.ts';

/**
 * Whether a password is what a directory knows somebody by. The entry is found first, so that its
 * failures are counted whatever it is called, and the directory is asked by one attempt at a time
 * for each entry: no more than `failuresBeforeWait` wrong passwords reach it before a wait begins.
 */

/** Attempts at one entry that may wait for the one before. */
const WAITING_MAX = 8;

export interface DirectoryDeciding extends PasswordDeciding {
  readonly directory: Directory;
  readonly alone: Alone;
}

/**
 * @param account whom the name as typed stands for here: what counts where the directory knows
 * nobody of that name
 * @throws FobtwinError `unavailable` when the directory cannot be asked; nothing is counted
 */
export async function checkDirectoryPassword(
  account: AccountId | undefined,
  attempt: PasswordAttempt,
  deciding: DirectoryDeciding,
): Promise<PasswordAnswer> {
  const { directory, alone } = deciding;
  const entry = await directory.find(attempt.user);
  if (entry === undefined || !isUsable(entry)) return checkOwnPassword(account, attempt, deciding);
  const answer = await alone(entry.id, () => askAbout(entry, account, attempt, deciding));
  return answer ?? { outcome: 'throttled', retryAfterSeconds: 1 };
}

/** It becomes part of a key of the store; real ones have some forty characters. */
const isUsable = ({ id }: DirectoryEntry): boolean => /^[\x21-\x7e]{1,150}$/.test(id);

async function askAbout(
  entry: DirectoryEntry,
  account: AccountId | undefined,
  attempt: PasswordAttempt,
  deciding: DirectoryDeciding,
): Promise<PasswordAnswer> {
  const count = countOn({ of: 'directory', name: entry.id }, deciding);
  const refused = await refuseUnasked(entry, count, attempt, deciding);
  if (refused !== undefined) return refused;
  // An empty password would be a bind that asks nothing (RFC 4513 section 5.1.2): it is wrong, and
  // counts where every other of this person does.
  if (attempt.prepared === undefined) return countWrong(entry, count, attempt, deciding);
  const answer = await deciding.directory.signIn(attempt.user, attempt.password);
  if (answer.result === 'unknown' || answer.entry.id !== entry.id) {
    // It has just gone, or its name has: nobody was asked about the password.
    return checkOwnPassword(account, attempt, deciding);
  }
  if (answer.result === 'accepted' && !answer.entry.disabled) {
    return acceptEntry(answer.entry, count, attempt, deciding);
  }
  return answer.result === 'wrongPassword'
    ? countWrong(entry, count, attempt, deciding)
    : noteDisabled(entry, attempt, deciding);
}

/** What is refused without asking: while it must wait, and the wrong password of just now. */
function refuseUnasked(
  entry: DirectoryEntry,
  count: Count,
  attempt: PasswordAttempt,
  deciding: DirectoryDeciding,
): Promise<PasswordAnswer | undefined> {
  const keys = [count.key, directoryIdKey(entry.id)] as const;
  return deciding.store.transact(keys, ([stored, known]): Decision<PasswordAnswer | undefined> => {
    const { failures, wait } = standing(stored, count, attempt.caller.now, deciding);
    const about = { account: known?.account };
    if (wait !== undefined) {
      return answered(attempt, { outcome: 'throttled', retryAfterSeconds: wait }, about);
    }
    if (!repeats(failures, count, attempt, deciding)) return replyOnly(undefined);
    return answered(attempt, { outcome: 'wrongPassword' }, about);
  });
}

const countWrong = (
  entry: DirectoryEntry,
  count: Count,
  attempt: PasswordAttempt,
  deciding: DirectoryDeciding,
): Promise<PasswordAnswer> =>
  deciding.store.transact([count.key, directoryIdKey(entry.id)], ([stored, known]) => {
    const { failures } = standing(stored, count, attempt.caller.now, deciding);
    const writes = wrongWrites(failures, count, attempt, deciding);
    return answered(attempt, { outcome: 'wrongPassword' }, { account: known?.account, writes });
  });

/** Disabled there: what rests on the account ends here. Nobody's account is made for it. */
async function noteDisabled(
  entry: DirectoryEntry,
  attempt: PasswordAttempt,
  { store }: DirectoryDeciding,
): Promise<PasswordAnswer> {
  const disabled: PasswordAnswer = { outcome: 'disabled' };
  const known = await store.transact([directoryIdKey(entry.id)], ([record]) => replyOnly(record));
  if (known === undefined) {
    return store.transact([directoryIdKey(entry.id)], () =>
      answered(attempt, disabled, { account: undefined }),
    );
  }
  const key = accountKey(known.account);
  return store.transact([key], ([account]) => {
    const isNoted = account === undefined || account.directoryDisabledAt !== undefined;
    const writes = isNoted
      ? []
      : [put(key, { ...account, directoryDisabledAt: attempt.caller.now })];
    return answered(attempt, disabled, { account: known.account, writes });
  });
}

/** Runs one piece of work at a time for each name; `undefined` when too many wait for it. */
export type Alone = <Result>(
  name: string,
  work: () => Promise<Result>,
) => Promise<Result | undefined>;

export function createAlone(): Alone {
  const queues = new Map<string, { waiting: number; last: Promise<unknown> }>();
  return async (name, work) => {
    const queue = queues.get(name) ?? { waiting: 0, last: Promise.resolve() };
    if (queue.waiting > WAITING_MAX) return undefined;
    queues.set(name, queue);
    queue.waiting += 1;
    const mine = queue.last.then(work);
    queue.last = mine.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await mine;
    } finally {
      queue.waiting -= 1;
      if (queue.waiting === 0) queues.delete(name);
    }
  };
}

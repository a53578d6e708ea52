import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { put, remove, replyOnly, type Store } from '../store/port.ts';
import type { Directory } from './directory/port.ts';
import { checkDirectoryPassword, createAlone } from './directory/sign-in.ts';
import type { Hashing } from './hashing.ts';
import { foldName } from './names.ts';
import { checkOwnPassword } from './own-password.ts';
import type { PasswordAttempt, PasswordDeciding } from './password-attempt.ts';
import { DEFAULT_DIRECTORY_PATIENCE, type DirectoryPatience } from './password-failures.ts';
import type { PasswordLimits } from './password-limits.ts';
import { failuresKey, passwordKey } from './password-record.ts';
import { acceptNewPassword, preparePassword } from './password-rules.ts';
import type { PasswordAnswer, PasswordCommand, PasswordService } from './passwords-port.ts';
import type { AccountService } from './port.ts';
import { accountKey } from './record.ts';
import { unknownAccount } from './service.ts';

export interface PasswordServiceOptions {
  readonly store: Pick<Store, 'transact'>;
  readonly accounts: Pick<AccountService, 'resolve' | 'get'>;
  readonly hashing: Hashing;
  /** 32 bytes: shadows are drawn, and repeats are told, with it. */
  readonly countingKey: Uint8Array;
  /** Default: nobody is asked but fobd itself. */
  readonly directory?: Directory | undefined;
  /** With a directory. Default `DEFAULT_DIRECTORY_PATIENCE`. */
  readonly patience?: DirectoryPatience | undefined;
  /** Default: none, as in a lab. */
  readonly limits?: PasswordLimits | undefined;
}

export function createPasswordService({
  store,
  accounts,
  hashing,
  countingKey,
  directory,
  patience = DEFAULT_DIRECTORY_PATIENCE,
  limits,
}: PasswordServiceOptions): PasswordService {
  const deciding: PasswordDeciding = {
    ...{ store, hashing, countingKey },
    patience: directory && patience,
  };
  const alone = createAlone();
  const decide = async (attempt: PasswordAttempt): Promise<PasswordAnswer> => {
    const account = await accounts.resolve(attempt.user);
    const isAskedThere = directory !== undefined && (await isOfDirectory(account, store));
    return isAskedThere
      ? checkDirectoryPassword(account, attempt, { ...deciding, directory, alone })
      : checkOwnPassword(account, attempt, deciding);
  };
  return {
    check: (command, caller) => limited(attemptOf(command, caller), limits, decide),
    async set(id, text, caller) {
      const account = await accounts.get(id);
      refuseDirectorys(account.directoryId);
      const password = await acceptNewPassword(text, account);
      const hash = await hashing.hash(password);
      const failures = failuresKey({ of: 'account', name: id }, countingKey);
      await store.transact([accountKey(id), passwordKey(id), failures], ([now]) => {
        refuseDirectorys(now?.directoryId);
        return {
          writes: [put(passwordKey(id), { version: 1, hash, setAt: caller.now }), remove(failures)],
          auditDrafts: [draftOf(caller, 'setPassword', { account: id })],
          reply: undefined,
        };
      });
    },
    remove: (id, caller) =>
      store.transact([accountKey(id), passwordKey(id)], ([account, password]) => {
        if (account === undefined) throw unknownAccount();
        refuseDirectorys(account.directoryId);
        if (password?.hash === undefined) throw noPassword();
        return {
          writes: [put(passwordKey(id), { version: 1, setAt: caller.now })],
          auditDrafts: [draftOf(caller, 'removePassword', { account: id })],
          reply: undefined,
        };
      }),
  };
}

const attemptOf = (
  { user, password, source }: PasswordCommand,
  caller: Caller,
): PasswordAttempt => ({ user, password, prepared: preparePassword(password), source, caller });

/** An attempt counts against the limits as it begins, and no longer when it was a good one. */
async function limited(
  attempt: PasswordAttempt,
  limits: PasswordLimits | undefined,
  decide: (attempt: PasswordAttempt) => Promise<PasswordAnswer>,
): Promise<PasswordAnswer> {
  if (limits === undefined) return decide(attempt);
  const { source, user } = attempt;
  const counted = limits.attempt({ source, name: foldName(user) ?? '' });
  if ('retryAfterSeconds' in counted) return { outcome: 'throttled', ...counted };
  try {
    const answer = await decide(attempt);
    if (answer.outcome === 'accepted') counted.takeBack();
    return answer;
  } catch (error) {
    counted.takeBack();
    throw error;
  }
}

/** Whether the directory is asked: not about those who have, or had, a password here. */
const isOfDirectory = (
  id: AccountId | undefined,
  store: Pick<Store, 'transact'>,
): Promise<boolean> | boolean =>
  id === undefined ||
  store.transact([accountKey(id), passwordKey(id)], ([account, password]) =>
    replyOnly(account?.directoryId !== undefined || password === undefined),
  );

function refuseDirectorys(directoryId: string | undefined): void {
  if (directoryId === undefined) return;
  throw new FobtwinError('notAllowedNow', "The account's password is its directory's.", {
    nextStep: 'Change it in the directory.',
  });
}

const noPassword = (): FobtwinError =>
  new FobtwinError('notAllowedNow', 'The account has no password here.', {
    nextStep: 'Nothing is to be done.',
  });

import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId } from '../../shared/types.ts';
import { type Decision, put, type RecordsOf, replyOnly, type Write } from '../store/port.ts';
import { foldName } from './names.ts';
import {
  answered,
  type Count,
  countOn,
  type PasswordAttempt,
  type PasswordDeciding,
  rightWrites,
  standing,
  wrongWrites,
} from './password-attempt.ts';
import { isSpent } from './password-failures.ts';
import { passwordKey } from './password-record.ts';
import type { PasswordAnswer } from './passwords-port.ts';
import { type AccountRecord, accountKey, isDisabled, NO_ACCOUNT } from './record.ts';

/**
 * Whether a password is the account's own. The hash is compared between two decisions: the first
 * refuses what must wait, the second counts, and believes what was compared only if it is still the
 * account's hash and nothing else was counted up to a wait meanwhile. So of many at once no more
 * are judged than one after the other would be.
 */

/** How often a password may be set anew while it is compared. */
const ROUNDS_MAX = 4;

type Step =
  | { readonly done: PasswordAnswer }
  /** What the password is to be compared with, and the hash as it is stored. */
  | { readonly compare: string | undefined; readonly stored: string | undefined };

interface Compared {
  readonly stored: string | undefined;
  readonly isRight: boolean;
  /** With `isRight`, where the hash was made with less than is asked for now. */
  readonly renewed: string | undefined;
}

/** @param account `undefined` for a name that nobody has: the same is done, and never good */
export async function checkOwnPassword(
  account: AccountId | undefined,
  attempt: PasswordAttempt,
  deciding: PasswordDeciding,
): Promise<PasswordAnswer> {
  const name = foldName(attempt.user) ?? '';
  const count = countOn(
    account === undefined ? { of: 'nobody', name } : { of: 'account', name: account },
    deciding,
  );
  const id = account ?? NO_ACCOUNT;
  const keys = [accountKey(id), passwordKey(id), count.key] as const;
  const decide = (compared: Compared | undefined): Promise<Step> =>
    deciding.store.transact(keys, (records) =>
      judge(records, { attempt, count, compared, deciding }),
    );
  let step = await decide(undefined);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    if ('done' in step) return step.done;
    step = await decide(await compare(step, attempt, deciding));
  }
  if ('done' in step) return step.done;
  throw new FobtwinError('unavailable', 'This password is changing just now.', {
    nextStep: 'Try again.',
  });
}

async function compare(
  { compare: hash, stored }: Extract<Step, { readonly stored: unknown }>,
  { prepared }: PasswordAttempt,
  { hashing }: PasswordDeciding,
): Promise<Compared> {
  const isRight = await hashing.verify(prepared === undefined ? undefined : hash, prepared ?? '-');
  const isOld = isRight && stored !== undefined && hashing.isOutdated(stored);
  const renewed = isOld && prepared !== undefined ? await hashing.hash(prepared) : undefined;
  return { stored, isRight, renewed };
}

interface Case {
  readonly attempt: PasswordAttempt;
  readonly count: Count;
  readonly compared: Compared | undefined;
  readonly deciding: PasswordDeciding;
}

type Keys = readonly [ReturnType<typeof accountKey>, ReturnType<typeof passwordKey>, Count['key']];

function judge(
  [account, password, stored]: RecordsOf<Keys>,
  { attempt, count, compared, deciding }: Case,
): Decision<Step> {
  const { now } = attempt.caller;
  const { failures, wait } = standing(stored, count, now, deciding);
  const about = { account: account?.id };
  if (wait !== undefined) {
    return done(answered(attempt, { outcome: 'throttled', retryAfterSeconds: wait }, about));
  }
  const spent = isSpent(failures, count.counted);
  if (compared === undefined || compared.stored !== password?.hash) {
    return replyOnly({ compare: spent ? undefined : password?.hash, stored: password?.hash });
  }
  // Spent meanwhile: what was compared is not believed either.
  if (account === undefined || spent || !compared.isRight) {
    const writes = wrongWrites(failures, count, attempt, deciding);
    const recorded = spent && account !== undefined ? 'locked' : 'wrongPassword';
    return done(answered(attempt, { outcome: 'wrongPassword' }, { ...about, writes, recorded }));
  }
  const writes = [
    ...(isDisabled(account) ? [] : rightWrites(failures, count, now)),
    ...renewals(account, compared, password?.setAt ?? now),
  ];
  const answer: PasswordAnswer = isDisabled(account)
    ? { outcome: 'disabled' }
    : {
        outcome: 'accepted',
        account: account.id,
        ...(password === undefined ? {} : { passwordSetAt: password.setAt }),
      };
  return done(answered(attempt, answer, { ...about, writes }));
}

const renewals = (
  { id }: AccountRecord,
  { renewed }: Compared,
  setAt: AccountRecord['createdAt'],
): readonly Write[] =>
  renewed === undefined ? [] : [put(passwordKey(id), { version: 1, hash: renewed, setAt })];

const done = (decision: Decision<PasswordAnswer>): Decision<Step> => ({
  ...decision,
  reply: { done: decision.reply },
});

import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { type AccountRecord, accountKey, NO_ACCOUNT } from '../accounts/record.ts';
import { type Decision, put, replyOnly, type Write } from '../store/port.ts';
import { changedLife } from './life.ts';
import type { LifeCommand, TokenDetail } from './port.ts';
import { factorKey, tokenKey } from './record.ts';
import { detailOf, tokenWrites, unknownSerial } from './subject.ts';
import type { TokenStore } from './token-store.ts';

/** Done, or the account that must be read with the token first. */
type Step = { readonly done: TokenDetail } | { readonly needs: AccountId };

/**
 * A verb on a token's life. A revoked token leaves its account's list, which is known only from
 * the token; a token has one account in its life, so the second try has what the first lacked.
 *
 * @throws FobtwinError `notFound`, `revoked`, `notAllowedNow`
 */
export async function changeLife(
  command: LifeCommand,
  caller: Caller,
  store: TokenStore,
): Promise<TokenDetail> {
  const first = await changeWith(undefined, command, caller, store);
  if ('done' in first) return first.done;
  const second = await changeWith(first.needs, command, caller, store);
  if ('done' in second) return second.done;
  throw new FobtwinError('internal', 'An internal error occurred.', {
    detail: 'a token has changed its account',
  });
}

function changeWith(
  accountId: AccountId | undefined,
  command: LifeCommand,
  caller: Caller,
  store: TokenStore,
): Promise<Step> {
  const { serial, verb, reason } = command;
  const account = accountKey(accountId ?? NO_ACCOUNT);
  const keys = [tokenKey(serial), factorKey(serial), account] as const;
  return store.transact(keys, ([token, factor, accountRecord]): Decision<Step> => {
    const before = detailOf(token, factor);
    if (before === undefined) throw unknownSerial(serial);
    const { scopes } = caller.principal;
    const after = changedLife(before, verb, { now: caller.now, scopes });
    if (verb === 'enable' && reason === undefined) refuseWithoutWord(before);
    const owner = before.token.account;
    const leaves = after.token.life === 'revoked' && owner !== undefined;
    if (leaves && owner !== accountId) return replyOnly({ needs: owner });
    const writes: Write[] = tokenWrites(before, after);
    if (leaves && accountRecord !== undefined) {
      writes.push(put(account, withoutToken(accountRecord, serial)));
    }
    const draft = draftOf(caller, verb, {
      serial,
      ...(owner === undefined ? {} : { account: owner }),
      ...(reason === undefined ? {} : { details: { reason } }),
    });
    return { writes, auditDrafts: [draft], reply: { done: after } };
  });
}

/**
 * A token that a restore has disabled: whoever recorded two codes that were used since the backup
 * could play them back as a pair. That none were is somebody's word, which the audit log keeps.
 */
function refuseWithoutWord({ token: { serial }, factor: { restoredAt } }: TokenDetail): void {
  if (restoredAt === undefined) return;
  throw new FobtwinError(
    'notAllowedNow',
    `Token ${serial} came back with a backup: codes used since then could be used again.`,
    {
      nextStep:
        'If you know that none was used, say how with --reason; else replace the token by another.',
    },
  );
}

/** The account without a token in its list. */
export const withoutToken = (account: AccountRecord, serial: string): AccountRecord => ({
  ...account,
  serials: account.serials.filter((each) => each !== serial),
});

import { FobtwinError } from '../../shared/errors.ts';
import { CREDENTIAL_TYPES, type Serial, type UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { type AccountRecord, accountKey } from '../accounts/record.ts';
import { withoutCredentials } from '../credentials/last-credential.ts';
import {
  type CredentialRecord,
  credentialIdOf,
  credentialKey,
  subscriptionIdOf,
} from '../credentials/record.ts';
import { withoutAuthenticator } from '../credentials/stages.ts';
import { type Also, type Decision, put, type Write } from '../store/port.ts';
import { type SubscriptionRecord, subscriptionKey } from '../subscriptions/record.ts';
import { changedLife } from './life.ts';
import { isOwnWord, refuseOwnWord, refuseUnvouched, withWord } from './own-word.ts';
import type { LifeCommand, TokenDetail } from './port.ts';
import { factorKey, type TokenRecord, tokenKey } from './record.ts';
import { detailOf, tokenWrites, unknownSerial } from './subject.ts';
import type { TokenStore } from './token-store.ts';

/**
 * A verb on a token's life. A revoked token leaves its account's list and its credential, and with
 * the last credential its subscription ends.
 *
 * @throws FobtwinError `notFound`, `revoked`, `notAllowedNow`; for a person's own word also
 * `strengthTooLow`, `tooManyRequests`
 */
export function changeLife(
  command: LifeCommand,
  caller: Caller,
  store: TokenStore,
): Promise<TokenDetail> {
  const { serial, verb, reason } = command;
  const keys = [tokenKey(serial), factorKey(serial)] as const;
  return store.transact(keys, ([token, factor], also): Decision<TokenDetail> => {
    const before = detailOf(token, factor);
    if (before === undefined || isOfAnother(before.token, command)) throw unknownSerial(serial);
    const { now, principal } = caller;
    const isOwn = isOwnWord(command, caller);
    if (isOwn) refuseOwnWord(before.token, verb, also, caller);
    const changed = changedLife(before, verb, { now, scopes: principal.scopes });
    const after = { ...changed, token: withWord(changed.token, verb, { isOwn, now }) };
    if (verb === 'enable' && reason === undefined) refuseWithoutWord(before);
    if (isOwn && verb === 'found') refuseUnvouched(before.token, also, caller);
    const leaves = after.token.life === 'revoked';
    const { account } = before.token;
    const draft = draftOf(caller, verb, {
      serial,
      ...(account === undefined ? {} : { account }),
      ...(reason === undefined ? {} : { details: { reason } }),
    });
    return {
      writes: [
        ...tokenWrites(before, after),
        ...(leaves ? leavingWrites(before.token, also, now) : []),
      ],
      auditDrafts: [draft],
      reply: after,
    };
  });
}

const isOfAnother = ({ account }: TokenRecord, command: LifeCommand): boolean =>
  command.account !== undefined && command.account !== account;

/** What it was of is without it. */
function leavingWrites(
  { serial, account, entitlement }: TokenRecord,
  also: Also,
  now: UnixMillis,
): readonly Write[] {
  const owner = account && also(accountKey(account));
  const writes: Write[] = owner ? [put(accountKey(owner.id), withoutToken(owner, serial))] : [];
  if (entitlement === undefined) return writes;
  const id = subscriptionIdOf(entitlement.credential);
  const credentials = CREDENTIAL_TYPES.flatMap(
    (type) => also(credentialKey(credentialIdOf(id, type))) ?? [],
  );
  const under = { subscription: also(subscriptionKey(id)), credentials };
  return [...writes, ...credentialWrites(serial, under, now)];
}

/** What was bought. */
interface Under {
  readonly subscription: SubscriptionRecord | undefined;
  readonly credentials: readonly CredentialRecord[];
}

/** Its credential has lost its authenticator: another may come, or that was the credential. */
function credentialWrites(
  serial: Serial,
  { subscription, credentials }: Under,
  now: UnixMillis,
): readonly Write[] {
  const isIts = (each: CredentialRecord) => each.serial === serial && each.stage === 'active';
  const left = credentials.map((each) => (isIts(each) ? withoutAuthenticator(each, now) : each));
  const writes = left
    .filter((each) => !credentials.includes(each))
    .map((each) => put(credentialKey(each.id), each));
  if (subscription === undefined || writes.length === 0) return writes;
  const after = withoutCredentials({ subscription, credentials: left }, now).subscription;
  return after === subscription ? writes : [...writes, put(subscriptionKey(after.id), after)];
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

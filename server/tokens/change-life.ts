import { FobtwinError } from '../../shared/errors.ts';
import {
  type AccountId,
  CREDENTIAL_TYPES,
  type CredentialId,
  type Serial,
  type SubscriptionId,
  type UnixMillis,
} from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { type AccountRecord, accountKey, NO_ACCOUNT } from '../accounts/record.ts';
import { withoutCredentials } from '../credentials/last-credential.ts';
import {
  type CredentialRecord,
  credentialIdOf,
  credentialKey,
  isInDoubt,
  isProofed,
  subscriptionIdOf,
} from '../credentials/record.ts';
import { withoutAuthenticator } from '../credentials/stages.ts';
import { hasVouched, notVouched } from '../credentials/vouching.ts';
import { type Decision, put, replyOnly, type Write } from '../store/port.ts';
import { type SubscriptionRecord, subscriptionKey } from '../subscriptions/record.ts';
import { changedLife } from './life.ts';
import { isOwnWord, refuseOwnWord, withWord } from './own-word.ts';
import type { LifeCommand, TokenDetail } from './port.ts';
import { factorKey, type TokenRecord, tokenKey } from './record.ts';
import { detailOf, tokenWrites, unknownSerial } from './subject.ts';
import type { TokenStore } from './token-store.ts';

/** Whose token it is, and what it is the authenticator of. */
export interface Belonging {
  readonly account?: AccountId | undefined;
  readonly credential?: CredentialId | undefined;
}

/** Done, or what must be read with the token first. */
type Step = { readonly done: TokenDetail } | { readonly needs: Belonging };

/** A token gets its account once and for good; its credential may change between two readings. */
const ROUNDS_MAX = 4;

/**
 * A verb on a token's life. A revoked token leaves its account's list and its credential, and with
 * the last credential its subscription ends. They are known only from the token: the second try has
 * what the first lacked.
 *
 * @throws FobtwinError `notFound`, `revoked`, `notAllowedNow`; for a person's own word also
 * `strengthTooLow`, `tooManyRequests`
 */
export async function changeLife(
  command: LifeCommand,
  caller: Caller,
  store: TokenStore,
): Promise<TokenDetail> {
  let known: Belonging = { account: command.account };
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const step = await changeWith(known, command, caller, store);
    if ('done' in step) return step.done;
    known = step.needs;
  }
  throw new FobtwinError('unavailable', `Token ${command.serial} is changing just now.`, {
    nextStep: 'Try again.',
  });
}

function changeWith(
  known: Belonging,
  command: LifeCommand,
  caller: Caller,
  store: TokenStore,
): Promise<Step> {
  const { serial, verb, reason } = command;
  const account = accountKey(known.account ?? NO_ACCOUNT);
  const subscription = known.credential ? subscriptionIdOf(known.credential) : NO_SUBSCRIPTION;
  const under = CREDENTIAL_TYPES.map((type) => credentialKey(credentialIdOf(subscription, type)));
  const keys = [
    tokenKey(serial),
    factorKey(serial),
    account,
    subscriptionKey(subscription),
    ...under,
  ] as const;
  return store.transact(keys, ([token, factor, owner, paid, ...records], also): Decision<Step> => {
    const before = detailOf(token, factor);
    if (before === undefined || isOfAnother(before.token, command)) throw unknownSerial(serial);
    const { now, principal } = caller;
    const isOwn = isOwnWord(command, caller);
    if (isOwn) refuseOwnWord(before, verb, { owner: owner ?? {}, also }, caller);
    const changed = changedLife(before, verb, { now, scopes: principal.scopes });
    const after = { ...changed, token: withWord(changed.token, verb, { isOwn, now }) };
    if (verb === 'enable' && reason === undefined) refuseWithoutWord(before);
    const needs = belongingOf(before.token);
    const isRead = known.account === needs.account && known.credential === needs.credential;
    const leaves = after.token.life === 'revoked';
    const finds = isOwn && verb === 'found';
    if ((leaves || finds) && !isRead) return replyOnly({ needs });
    if (finds) refuseUnvouched(serial, records, caller);
    const writes: Write[] = tokenWrites(before, after);
    if (leaves && owner !== undefined) writes.push(put(account, withoutToken(owner, serial)));
    if (leaves) {
      const credentials = records.filter((record) => record !== undefined);
      writes.push(...credentialWrites(serial, { subscription: paid, credentials }, caller.now));
    }
    const draft = draftOf(caller, verb, {
      serial,
      ...(needs.account === undefined ? {} : { account: needs.account }),
      ...(reason === undefined ? {} : { details: { reason } }),
    });
    return { writes, auditDrafts: [draft], reply: { done: after } };
  });
}

/** A proofed token is not found again by the word of whoever has bought another authenticator. */
function refuseUnvouched(
  serial: Serial,
  records: readonly (CredentialRecord | undefined)[],
  caller: Caller,
): void {
  const under = records.find((each) => each?.serial === serial);
  const lends = under !== undefined && (isProofed(under) || isInDoubt(under));
  if (lends && !hasVouched(under, caller)) throw notVouched();
}

const isOfAnother = ({ account }: TokenRecord, command: LifeCommand): boolean =>
  command.account !== undefined && command.account !== account;

export const belongingOf = ({
  account,
  entitlement,
}: Pick<TokenRecord, 'account' | 'entitlement'>): Belonging => ({
  account,
  credential: entitlement?.credential,
});

/** Read where the token is no credential's; no id is spelled so. */
const NO_SUBSCRIPTION = '-' as SubscriptionId;

/** What was bought, as far as it was: a token of no credential rests on nothing. */
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

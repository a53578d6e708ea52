import type { AccountId, CodeType, CredentialId, Serial, UnixMillis } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { type IssuedCodesRecord, issuedCodesKey } from '../accounts/issued-codes.ts';
import {
  type AccountFailuresRecord,
  type AccountRecord,
  accountFailuresKey,
  accountKey,
  isDisabled,
} from '../accounts/record.ts';
import type { CredentialRecord } from '../credentials/record.ts';
import { type Key, keyOf, replyOnly, type Store } from '../store/port.ts';
import type { SubscriptionRecord } from '../subscriptions/record.ts';
import { refusal } from '../verification/holds.ts';
import type { AccountAttempt } from '../verification/verify-account.ts';
import { credentialsOf, type Entitling, entitlingKeys, type Issued, issuedIn } from './issued.ts';
import type { TokenDetail, VerifyPurpose } from './port.ts';
import { FACTORS, factorKey, TOKENS, tokenKey } from './record.ts';
import type { ShadowRecord } from './shadows.ts';
import { credentialTypeOf, standingAt } from './standing.ts';
import { type Deciding, detailsOf } from './subject.ts';

/** What a decision on a code by account reads, and what of it the code is tested against. */

/** Read in place of a token where an account has none; no serial is spelled so. */
const NO_TOKEN = '-';

/** What tells which records belong to the decision: read first, and compared in it. */
export interface Belongings {
  readonly serials: readonly Serial[];
  /** That entitle to the codes which fobd has given out. */
  readonly credentials: readonly CredentialId[];
}

const belongingsOf = (
  record: AccountRecord | undefined,
  issued: IssuedCodesRecord | undefined,
): Belongings => ({ serials: record?.serials ?? [], credentials: credentialsOf(issued) });

export const readBelongings = (
  account: AccountId,
  store: Pick<Store, 'transact'>,
): Promise<Belongings> =>
  store.transact([accountKey(account), issuedCodesKey(account)], ([record, issued]) =>
    replyOnly(belongingsOf(record, issued)),
  );

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((id, place) => id === b[place]);

/** The records as the decision finds them. */
export interface Situation {
  readonly record: AccountRecord | undefined;
  readonly failures: AccountFailuresRecord | undefined;
  readonly shadow: ShadowRecord | undefined;
  /** The account's tokens, oldest registration first. */
  readonly tokens: readonly TokenDetail[];
  /** What fobd has given out to it, where that is to be tested. */
  readonly issued: Issued | undefined;
}

export interface Asking {
  readonly account: AccountId;
  readonly credentialType: CodeType | undefined;
  /** Of the code, under the key of those that fobd gives out; undefined where it gives out none. */
  readonly mac: string | undefined;
  readonly shadow: Key<ShadowRecord>;
  readonly now: UnixMillis;
}

/** One request, and what every decision about it needs. */
export interface Question extends Asking {
  readonly attempt: AccountAttempt;
  readonly purpose: VerifyPurpose | undefined;
  readonly caller: Caller;
  readonly store: Pick<Store, 'transact'>;
  readonly deciding: Deciding;
}

export function situationKeys(
  { account, shadow }: Asking,
  { serials, credentials }: Belongings,
): readonly Key<unknown>[] {
  const some = serials.length > 0;
  return [
    accountKey(account),
    accountFailuresKey(account),
    shadow,
    issuedCodesKey(account),
    ...credentials.flatMap(entitlingKeys),
    ...(some ? serials.map(tokenKey) : [keyOf(TOKENS, NO_TOKEN)]),
    ...(some ? serials.map(factorKey) : [keyOf(FACTORS, NO_TOKEN)]),
  ];
}

/** In the order of `situationKeys`; undefined where other records belong to it by now. */
export function situationOf(
  records: readonly unknown[],
  known: Belongings,
  asking: Asking,
): Situation | undefined {
  const [record, failures, shadow, codes] = records as readonly [
    AccountRecord | undefined,
    AccountFailuresRecord | undefined,
    ShadowRecord | undefined,
    IssuedCodesRecord | undefined,
  ];
  const found = belongingsOf(record, codes);
  const isOther = !isSame(found.serials, known.serials);
  if (isOther || !isSame(found.credentials, known.credentials)) return undefined;
  const entitling = new Map<CredentialId, Entitling>();
  for (const [place, id] of known.credentials.entries()) {
    entitling.set(id, {
      credential: records[4 + 2 * place] as CredentialRecord | undefined,
      subscription: records[5 + 2 * place] as SubscriptionRecord | undefined,
    });
  }
  const tokens = records.slice(4 + 2 * known.credentials.length) as Parameters<typeof detailsOf>[0];
  // A disabled account's codes are none, and an account that is gone has none.
  const isAble = record !== undefined && !isDisabled(record);
  const issued = isAble ? issuedIn(codes, entitling, asking.mac, asking) : undefined;
  return { record, failures, shadow, tokens: detailsOf(tokens), issued };
}

/** Whether tokens of its type are asked for. */
export const isWanted = ({ token }: TokenDetail, type: CodeType | undefined): boolean =>
  type === undefined || type === credentialTypeOf(token);

/** Of each type the latest registered without a hold; of these the latest first. */
export function freeTokens(
  tokens: readonly TokenDetail[],
  now: UnixMillis,
): readonly TokenDetail[] {
  const free = new Map<string, TokenDetail>();
  for (const detail of tokens.toReversed()) {
    const { life, holds } = standingAt(detail.token, now);
    const type = credentialTypeOf(detail.token);
    if (refusal(life, holds) === undefined && !free.has(type)) free.set(type, detail);
  }
  return [...free.values()];
}

/** Types of tokens, of which each has a test of its own. */
const TOKEN_TYPES = 2;

/**
 * As many tokens' work is done for one code, whatever the account has: of each type that is asked
 * for one, and one where only codes are asked for that fobd gave out.
 */
export const scansFor = (type: CodeType | undefined): number =>
  type === undefined ? TOKEN_TYPES : 1;

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
import type { Also, Key, RecordsOf, Store } from '../store/port.ts';
import { refusal } from '../verification/holds.ts';
import type { TokenAttempt } from './attempt.ts';
import { credentialsOf, type Entitling, entitlingKeys, type Issued, issuedIn } from './issued.ts';
import type { TokenDetail, VerifyPurpose } from './port.ts';
import { factorKey, tokenKey } from './record.ts';
import type { ShadowRecord } from './shadows.ts';
import { credentialTypeOf, standingAt } from './standing.ts';
import { type Deciding, detailOf } from './subject.ts';

/** What a decision on a code by account reads, and what of it the code is tested against. */

/** Read in place of the tokens that an account lacks of two; no serial is spelled so. */
const NO_TOKENS: readonly Serial[] = ['-' as Serial, '--' as Serial];

interface StoredShadow {
  readonly key: Key<ShadowRecord>;
  readonly stored: ShadowRecord | undefined;
}

/** The records as the decision finds them. */
export interface Situation {
  readonly record: AccountRecord | undefined;
  readonly failures: AccountFailuresRecord | undefined;
  /** Read when it is asked for: a token that is tested has no use for it. */
  readonly shadow: () => StoredShadow;
  /** The account's tokens, oldest registration first. */
  readonly tokens: readonly TokenDetail[];
  /** What fobd has given out to it, where that is to be tested. */
  readonly issued: Issued | undefined;
}

export interface Asking {
  readonly account: AccountId;
  readonly credentialType: CodeType | undefined;
  /** Of the code, under the key of those that fobd gives out; undefined where it gives out none. */
  readonly mac: () => string | undefined;
  readonly shadow: () => Key<ShadowRecord>;
  readonly now: UnixMillis;
}

/** One request, and what every decision about it needs. */
export interface Question extends Asking {
  readonly attempt: TokenAttempt;
  readonly purpose: VerifyPurpose | undefined;
  readonly caller: Caller;
  readonly store: Pick<Store, 'transact'>;
  readonly deciding: Deciding;
}

type SituationKeys = readonly [
  Key<AccountRecord>,
  Key<AccountFailuresRecord>,
  Key<IssuedCodesRecord>,
];

export const situationKeys = ({ account }: Asking): SituationKeys => [
  accountKey(account),
  accountFailuresKey(account),
  issuedCodesKey(account),
];

/** What the account has, as the records of `situationKeys` tell, is read along with them. */
export function situationOf(
  [record, failures, codes]: RecordsOf<SituationKeys>,
  also: Also,
  asking: Asking,
): Situation {
  const tokens = tokensOf(record, also);
  const entitling = entitlingOf(codes, also);
  // A disabled account's codes are none, and an account that is gone has none.
  const isAble = codes !== undefined && record !== undefined && !isDisabled(record);
  const issued = isAble ? issuedIn(codes, { entitling, tokens }, asking.mac, asking) : undefined;
  const shadow = once((): StoredShadow => {
    const key = asking.shadow();
    return { key, stored: also(key) };
  });
  return { record, failures, shadow, tokens, issued };
}

/** Made when it is first asked for, and never again. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

const NO_CREDENTIALS: ReadonlyMap<CredentialId, Entitling> = new Map();

function entitlingOf(
  codes: IssuedCodesRecord | undefined,
  also: Also,
): ReadonlyMap<CredentialId, Entitling> {
  // Of most accounts: their code comes from a token.
  if (codes === undefined) return NO_CREDENTIALS;
  const entitling = new Map<CredentialId, Entitling>();
  for (const id of credentialsOf(codes)) {
    const [credential, subscription] = entitlingKeys(id);
    entitling.set(id, { credential: also(credential), subscription: also(subscription) });
  }
  return entitling;
}

function tokensOf(record: AccountRecord | undefined, also: Also): readonly TokenDetail[] {
  const details: TokenDetail[] = [];
  for (const serial of record?.serials ?? []) {
    const detail = detailOf(also(tokenKey(serial)), also(factorKey(serial)));
    if (detail !== undefined) details.push(detail);
  }
  return details;
}

/**
 * What a code that was not accepted has not needed, and others do: so that its time does not tell
 * what there is of the account, all of them read as many records and hash as often.
 */
export function makeUp({ record, shadow, issued }: Situation, also: Also, { mac }: Asking): void {
  shadow();
  for (const serial of NO_TOKENS.slice(record?.serials.length ?? 0)) {
    also(tokenKey(serial));
    also(factorKey(serial));
  }
  // Where codes were given out that are tested, it has been compared with them.
  if (issued === undefined) mac();
}

/** Whether tokens of its type are asked for. */
export const isWanted = ({ token }: TokenDetail, type: CodeType | undefined): boolean =>
  type === undefined || type === credentialTypeOf(token);

/** Of each type the latest registered without a hold; of these the latest first. */
export function freeTokens(
  tokens: readonly TokenDetail[],
  now: UnixMillis,
): readonly TokenDetail[] {
  const free: TokenDetail[] = [];
  for (let place = tokens.length - 1; place >= 0; place -= 1) {
    const detail = tokens[place];
    if (detail === undefined) continue;
    const { life, holds } = standingAt(detail.token, now);
    if (refusal(life, holds) !== undefined) continue;
    const type = credentialTypeOf(detail.token);
    if (!free.some(({ token }) => credentialTypeOf(token) === type)) free.push(detail);
  }
  return free;
}

/**
 * The one that a code by account is asked of in place of this: registered later, and of its type.
 * Undefined where this is asked of itself, or held.
 *
 * @param tokens the account's, oldest registration first
 */
export function askedInstead(
  { token: { serial } }: TokenDetail,
  tokens: readonly TokenDetail[],
  now: UnixMillis,
): TokenDetail | undefined {
  const detail = tokens.find((each) => each.token.serial === serial);
  if (detail === undefined) return undefined;
  const { life, holds } = standingAt(detail.token, now);
  if (refusal(life, holds) !== undefined) return undefined;
  const type = credentialTypeOf(detail.token);
  const asked = freeTokens(tokens, now).find(({ token }) => credentialTypeOf(token) === type);
  return asked === detail ? undefined : asked;
}

/** Types of tokens, of which each has a test of its own. */
const TOKEN_TYPES = 2;

/**
 * As many tokens' work is done for one code, whatever the account has: of each type that is asked
 * for one, and one where only codes are asked for that fobd gave out.
 */
export const scansFor = (type: CodeType | undefined): number =>
  type === undefined ? TOKEN_TYPES : 1;

import type { AccountId, CodeType, CredentialId, UnixMillis } from '../../shared/types.ts';
import {
  afterUse,
  afterWrong,
  ISSUED_BY,
  type IssuedBy,
  type IssuedCode,
  type IssuedCodesRecord,
  type IssuedMatch,
  isLive,
  issuedCodesKey,
  issuedMatch,
} from '../accounts/issued-codes.ts';
import { type CredentialRecord, credentialKey, subscriptionIdOf } from '../credentials/record.ts';
import { type Key, put, type Write } from '../store/port.ts';
import { type SubscriptionRecord, subscriptionKey } from '../subscriptions/record.ts';
import { statusAt } from '../subscriptions/terms.ts';
import type { TokenDetail } from './port.ts';
import type { TokenRecord } from './record.ts';

/**
 * The codes that fobd has given out to an account, as a decision on a code by account sees them:
 * those that still live, whose credential entitles to them at that moment, and that are asked for.
 */

/** What entitles to a code: read with it, and judged in the same decision. */
export interface Entitling {
  readonly credential: CredentialRecord | undefined;
  readonly subscription: SubscriptionRecord | undefined;
}

/** Of each code that is there, the credential that it names. */
export const credentialsOf = (record: IssuedCodesRecord): readonly CredentialId[] => [
  ...new Set(ISSUED_BY.flatMap((by) => record[by]?.credential ?? [])),
];

export const entitlingKeys = (
  credential: CredentialId,
): readonly [Key<CredentialRecord>, Key<SubscriptionRecord>] => [
  credentialKey(credential),
  subscriptionKey(subscriptionIdOf(credential)),
];

/** Why a credential entitles to nothing more. */
export type Unentitled = 'credentialGone' | 'otherAccount' | 'revoked' | 'expired';

/** Undefined while the credential entitles to codes: neither revoked, nor its subscription over. */
export function unentitled(
  { credential, subscription }: Entitling,
  account: AccountId,
  now: UnixMillis,
): Unentitled | undefined {
  if (credential === undefined || subscription === undefined) return 'credentialGone';
  if (credential.account !== account) return 'otherAccount';
  if (credential.stage === 'revoked') return 'revoked';
  return statusAt(subscription, now) === 'active' ? undefined : 'expired';
}

/** What is read of a token to know whether phones come with it. */
type Bringing = Pick<TokenRecord, 'life' | 'account' | 'holds' | 'mobileId' | 'emulated'>;

/**
 * Whether phones come with a token as a bonus (seed 002), also while it is lost: that is what the
 * phone is recommended for. Failures and loss say nothing of its owner; what an administrator
 * holds, he means to hold.
 */
export const bringsPhones = (token: Bringing): boolean =>
  token.mobileId === undefined && token.emulated !== 'marked' && heldBack(token) === undefined;

const heldBack = ({ holds }: Pick<TokenRecord, 'holds'>) =>
  (['suspended', 'adminLocked'] as const).find((hold) => holds.includes(hold));

/** Why a token brings the account's phones no more. */
export type BonusEnd = 'tokenGone' | 'otherAccount' | 'revoked' | 'suspended' | 'adminLocked';

/**
 * Undefined while the token still brings phones, be it lost. One that was bought and is revoked
 * says nothing by itself: its credential goes on while another token is awaited, or ends.
 *
 * @param hasCredential whether a credential entitles to the phones too, which is judged apart
 */
export function bonusEnd(
  token: Bringing | undefined,
  account: AccountId,
  hasCredential: boolean,
): BonusEnd | undefined {
  if (token?.life !== 'registered') {
    if (hasCredential) return undefined;
    return token === undefined ? 'tokenGone' : 'revoked';
  }
  return token.account === account ? heldBack(token) : 'otherAccount';
}

/** What kind of code it is that fobd gave out. */
export const codeTypeOf = ({ by }: { readonly by: IssuedBy }): 'phoneOtp' | 'temporary' =>
  by === 'phone' ? 'phoneOtp' : 'temporary';

const isAskedFor = (by: IssuedBy, type: CodeType | undefined): boolean =>
  type === undefined || type === codeTypeOf({ by });

export interface Asked {
  readonly account: AccountId;
  readonly credentialType: CodeType | undefined;
  readonly now: UnixMillis;
}

/** What the codes may rest on, as the decision finds it. */
export interface Beneath {
  readonly entitling: ReadonlyMap<CredentialId, Entitling>;
  /** The account's; a revoked one is none of them any more. */
  readonly tokens: readonly TokenDetail[];
}

/** What can be tested of the record; undefined where that is nothing. */
function testable(
  record: IssuedCodesRecord,
  beneath: Beneath,
  { account, credentialType, now }: Asked,
): IssuedCodesRecord | undefined {
  const found: { [By in IssuedBy]?: IssuedCode } = {};
  for (const by of ISSUED_BY) {
    const issued = record[by];
    if (issued === undefined || !isAskedFor(by, credentialType) || !isLive(issued, now)) continue;
    if (isBorne(issued, beneath, account, now)) found[by] = issued;
  }
  return Object.keys(found).length === 0 ? undefined : { version: 1, ...found };
}

/** Whether what entitled to the code still does: its credential, and the token of a bonus. */
function isBorne(
  { credential, bonusOf }: IssuedCode,
  { entitling, tokens }: Beneath,
  account: AccountId,
  now: UnixMillis,
): boolean {
  if (credential !== undefined) {
    const found = entitling.get(credential);
    if (found === undefined || unentitled(found, account, now) !== undefined) return false;
  }
  if (bonusOf === undefined) return true;
  const token = tokens.find((each) => each.token.serial === bonusOf)?.token;
  return bonusEnd(token, account, credential !== undefined) === undefined;
}

/** An account's codes in one decision. */
export interface Issued {
  readonly stored: IssuedCodesRecord;
  /** Those of them that are tested. */
  readonly tested: IssuedCodesRecord;
  /** Which of them the code is. */
  readonly match: IssuedMatch | undefined;
}

export function issuedIn(
  stored: IssuedCodesRecord,
  beneath: Beneath,
  macOf: () => string | undefined,
  asked: Asked,
): Issued | undefined {
  const tested = testable(stored, beneath, asked);
  const mac = tested && macOf();
  if (tested === undefined || mac === undefined) return undefined;
  return { stored, tested, match: issuedMatch(tested, mac, asked.now) };
}

/** The write once its code was used: gone with its last use. */
export const useWrites = (account: AccountId, { stored, match }: Issued): readonly Write[] =>
  match === undefined ? [] : [put(issuedCodesKey(account), afterUse(stored, match))];

/** The write once a wrong code was counted: what was tested has an attempt less. */
export const wrongWrites = (
  account: AccountId,
  issued: Issued | undefined,
  now: UnixMillis,
): readonly Write[] =>
  issued === undefined
    ? []
    : [put(issuedCodesKey(account), { ...issued.stored, ...afterWrong(issued.tested, now) })];

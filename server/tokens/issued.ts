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
export const credentialsOf = (record: IssuedCodesRecord | undefined): readonly CredentialId[] => [
  ...new Set(ISSUED_BY.flatMap((by) => record?.[by]?.credential ?? [])),
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

/** What can be tested of the record; undefined where that is nothing. */
function testable(
  record: IssuedCodesRecord | undefined,
  entitling: ReadonlyMap<CredentialId, Entitling>,
  { account, credentialType, now }: Asked,
): IssuedCodesRecord | undefined {
  const found: { [By in IssuedBy]?: IssuedCode } = {};
  for (const by of ISSUED_BY) {
    const issued = record?.[by];
    if (issued === undefined || !isAskedFor(by, credentialType) || !isLive(issued, now)) continue;
    const { credential } = issued;
    const beneath = credential === undefined ? undefined : entitling.get(credential);
    const isEntitled = beneath !== undefined && unentitled(beneath, account, now) === undefined;
    if (credential !== undefined && !isEntitled) continue;
    found[by] = issued;
  }
  return Object.keys(found).length === 0 ? undefined : { version: 1, ...found };
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
  stored: IssuedCodesRecord | undefined,
  entitling: ReadonlyMap<CredentialId, Entitling>,
  mac: string | undefined,
  asked: Asked,
): Issued | undefined {
  const tested = testable(stored, entitling, asked);
  if (stored === undefined || tested === undefined || mac === undefined) return undefined;
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

import type { AccountId, CredentialId, Serial, UnixMillis } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { ACCOUNT_TOKENS_MAX } from '../accounts/record.ts';
import type { CredentialDetail, CredentialService } from '../credentials/port.ts';
import { isProofed, lendsProofing } from '../credentials/record.ts';
import { hasVouched, isProofedIn } from '../credentials/vouching.ts';
import { credentialProduct, type PhoneRegion } from '../orders/catalogue.ts';
import { statusAt } from '../subscriptions/terms.ts';
import { bringsPhones } from '../tokens/issued.ts';
import type { TokenService } from '../tokens/port.ts';
import type { TokenRecord } from '../tokens/record.ts';
import { regionOf } from './number.ts';

/**
 * What entitles an account to phones: a Phone OTP that waits for its first number or has one, or a
 * hardware token, which has them as a bonus (seed 002).
 */
export interface PhoneRight {
  readonly state: 'waiting' | 'active' | 'bonus';
  /** Which numbers; undefined: a hardware token's owner may have any country's. */
  readonly region: PhoneRegion | undefined;
  /** Absent for a token that no subscription is of. */
  readonly credential?: CredentialId;
  /** Of a bonus: the token that brings it, unless that is revoked and another one awaited. */
  readonly token?: Serial;
  readonly proofed: boolean;
  /** Proofed, or would be so again for whoever signs in by phone. */
  readonly lendsProofing: boolean;
  /** The session in which its person was proofed. */
  readonly proofedIn?: string;
  /** Undefined: it does not expire. */
  readonly until: UnixMillis | undefined;
}

/**
 * The account's at `now`, the best first: proofed, then what would be so again (its codes make the
 * person known to it), then what lasts longest.
 *
 * @param tokens that are registered to the account
 */
function phoneRights(
  details: readonly CredentialDetail[],
  tokens: readonly TokenRecord[],
  now: UnixMillis,
): readonly PhoneRight[] {
  const ofCredentials = details
    .filter(({ subscription }) => statusAt(subscription, now) === 'active')
    .flatMap((detail) => rightOf(detail, tokens) ?? []);
  return [...ofCredentials, ...ofOwnTokens(tokens)].toSorted(byWorth);
}

/** Of a token that was given out without a subscription: one that is at hand before a lost one. */
function ofOwnTokens(tokens: readonly TokenRecord[]): readonly PhoneRight[] {
  const own = tokens.filter((token) => token.entitlement === undefined && bringsPhones(token));
  const token = own.find(({ holds }) => !holds.includes('lost')) ?? own[0];
  if (token === undefined) return [];
  const { serial } = token;
  const unproofed = { proofed: false, lendsProofing: false };
  return [{ state: 'bonus', region: undefined, token: serial, ...unproofed, until: undefined }];
}

function rightOf(
  { credential, subscription }: CredentialDetail,
  tokens: readonly TokenRecord[],
): PhoneRight | undefined {
  const token = tokens.find(({ serial }) => serial === credential.serial);
  const state =
    credential.type === 'phoneOtp'
      ? stateOfPhones(credential)
      : credential.type === 'hardwareToken' && hasBonus(credential, token)
        ? 'bonus'
        : undefined;
  if (state === undefined) return undefined;
  return {
    state,
    region: state === 'bonus' ? undefined : credentialProduct(subscription.product).phones,
    credential: credential.id,
    ...(state === 'bonus' && token !== undefined ? { token: token.serial } : {}),
    proofed: isProofed(credential),
    lendsProofing: lendsProofing(credential),
    ...(credential.proofedIn === undefined ? {} : { proofedIn: credential.proofedIn }),
    until: subscription.expiresAt,
  };
}

type Credential = CredentialDetail['credential'];

function stateOfPhones({ stage }: Credential): PhoneRight['state'] | undefined {
  if (stage === 'registration') return 'waiting';
  return stage === 'active' ? 'active' : undefined;
}

/**
 * From the first registration on, also while the token is lost, and while another is awaited after
 * the lost one was revoked (seed 002): that is what the phone is recommended for.
 */
function hasBonus({ stage, registeredAt }: Credential, token: TokenRecord | undefined): boolean {
  if (registeredAt === undefined || stage === 'revoked') return false;
  return token === undefined || bringsPhones(token);
}

function byWorth(a: PhoneRight, b: PhoneRight): number {
  if (a.proofed !== b.proofed) return a.proofed ? -1 : 1;
  if (a.lendsProofing !== b.lendsProofing) return a.lendsProofing ? -1 : 1;
  return (b.until ?? Number.MAX_SAFE_INTEGER) - (a.until ?? Number.MAX_SAFE_INTEGER);
}

export const admits = ({ region }: PhoneRight, country: string): boolean =>
  region === undefined || region === regionOf(country);

/** Whether codes to sign in with come with it, and not only the one that proves a first number. */
export const signsIn = ({ state }: PhoneRight): boolean => state !== 'waiting';

/** Whether the sign-in says that it is the person of its credential. */
export const isKnownTo = (right: PhoneRight, caller: Caller): boolean =>
  right.credential !== undefined &&
  (isProofedIn(right, caller) || hasVouched({ id: right.credential, serial: right.token }, caller));

export interface RightsParts {
  readonly credentials: Pick<CredentialService, 'list'>;
  readonly tokens: Pick<TokenService, 'list'>;
}

export async function readRights(
  account: AccountId,
  now: UnixMillis,
  { credentials, tokens }: RightsParts,
): Promise<readonly PhoneRight[]> {
  const [details, page] = await Promise.all([
    credentials.list(account),
    tokens.list({ account, life: 'registered', limit: ACCOUNT_TOKENS_MAX }),
  ]);
  return phoneRights(
    details,
    page.items.map(({ token }) => token),
    now,
  );
}

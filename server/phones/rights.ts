import type { AccountId, CredentialId, SubscriptionId, UnixMillis } from '../../shared/types.ts';
import { ACCOUNT_TOKENS_MAX } from '../accounts/record.ts';
import type { CredentialDetail, CredentialService } from '../credentials/port.ts';
import { isProofed } from '../credentials/record.ts';
import { credentialProduct, type PhoneRegion } from '../orders/catalogue.ts';
import { statusAt } from '../subscriptions/terms.ts';
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
  readonly subscription?: SubscriptionId;
  readonly proofed: boolean;
  /** Undefined: it does not expire. */
  readonly until: UnixMillis | undefined;
}

/**
 * The account's at `now`, the best first: proofed before unproofed, then what lasts longest.
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
  const hasOwnToken = tokens.some((token) => token.entitlement === undefined && isBonus(token));
  const all = hasOwnToken ? [...ofCredentials, OWN_TOKENS] : ofCredentials;
  return all.toSorted(byWorth);
}

/** Of a token that was given out without a subscription. */
const OWN_TOKENS: PhoneRight = {
  state: 'bonus',
  region: undefined,
  proofed: false,
  until: undefined,
};

function rightOf(
  { credential, subscription }: CredentialDetail,
  tokens: readonly TokenRecord[],
): PhoneRight | undefined {
  const state =
    credential.type === 'phoneOtp'
      ? stateOfPhones(credential)
      : credential.type === 'hardwareToken' && hasBonus(credential, tokens)
        ? 'bonus'
        : undefined;
  if (state === undefined) return undefined;
  return {
    state,
    region: state === 'bonus' ? undefined : credentialProduct(subscription.product).phones,
    credential: credential.id,
    subscription: subscription.id,
    proofed: isProofed(credential),
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
function hasBonus({ stage, registeredAt, serial }: Credential, tokens: readonly TokenRecord[]) {
  if (registeredAt === undefined || stage === 'revoked') return false;
  const token = tokens.find((each) => each.serial === serial);
  return token === undefined || isBonus(token);
}

/** Failures and loss say nothing of its owner; what an administrator holds, he means to hold. */
const isBonus = ({ holds, mobileId, emulated }: TokenRecord): boolean =>
  mobileId === undefined &&
  emulated !== 'marked' &&
  !holds.includes('suspended') &&
  !holds.includes('adminLocked');

function byWorth(a: PhoneRight, b: PhoneRight): number {
  if (a.proofed !== b.proofed) return a.proofed ? -1 : 1;
  return (b.until ?? Number.MAX_SAFE_INTEGER) - (a.until ?? Number.MAX_SAFE_INTEGER);
}

export const admits = ({ region }: PhoneRight, country: string): boolean =>
  region === undefined || region === regionOf(country);

/** Whether codes to sign in with come with it, and not only the one that proves a first number. */
export const signsIn = ({ state }: PhoneRight): boolean => state !== 'waiting';

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

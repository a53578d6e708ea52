import { FobtwinError } from '../../shared/errors.ts';
import { isAtLeast, type LifeVerb, type Strength, type UnixMillis } from '../../shared/types.ts';
import { tooWeak } from '../access/authorise.ts';
import { type Caller, type Principal, STAFF_STRENGTH } from '../access/scopes.ts';
import { isStaff, type RoleHolder } from '../access/staff.ts';
import { accountKey } from '../accounts/record.ts';
import { credentialKey, lendsProofing } from '../credentials/record.ts';
import { hasVouched, notVouched } from '../credentials/vouching.ts';
import { phonesKey } from '../phones/record.ts';
import type { Also } from '../store/port.ts';
import type { LifeCommand } from './port.ts';
import { type OwnWord, type TokenRecord, tokenKey } from './record.ts';

/**
 * What a person says of the own token: lost, and found again.
 *
 * `lost` needs the password alone, for whoever has lost the token has nothing more; at worst
 * somebody with the password stops a token that its person can start again. `found` must be more
 * than a thief with token and password can say, so it needs a code of something else: `phoneOtp` is
 * what seed 002 knows a person by who has lost the token. Where a phone's code proves less than
 * what would come back, it needs a Mobile ID or a token: for a Mobile ID, since that lies in the
 * very phone that codes are sent to, and for staff, whose roles a phone does not make count. What
 * was set up since does not count: whoever has the password can buy a phone's codes or a Mobile ID,
 * and a temporary code rests on the helpdesk's word. A proofed token asks for more still
 * (`../credentials/vouching.ts`). And nobody takes back what somebody else has said.
 */

/** How often a person finds the same token again in a day; afterwards it is for staff. */
export const FINDS_A_DAY_MAX = 3;
const DAY_MILLIS = 86_400_000;

/** What a session must have reached for the person to say that the token is found. */
export const strengthToFind = (
  { mobileId }: Pick<TokenRecord, 'mobileId'>,
  owner: Pick<RoleHolder, 'roles'>,
): Strength => {
  const least: Strength = mobileId === true ? 'mobileId' : 'phoneOtp';
  return isStaff(owner) && !isAtLeast(least, STAFF_STRENGTH) ? STAFF_STRENGTH : least;
};

/** Whether the command is the person's own word, and not that of somebody who has the scope. */
export const isOwnWord = ({ account }: LifeCommand, { principal }: Caller): boolean =>
  account !== undefined && principal.account === account && !principal.scopes.has('tokens:admin');

/**
 * Whether it is lost at all is for the table of lives to say.
 *
 * @throws FobtwinError `strengthTooLow`, `notAllowedNow`, `tooManyRequests`
 */
export function refuseOwnWord(
  token: TokenRecord,
  verb: LifeVerb,
  also: Also,
  { principal, now }: Caller,
): void {
  if (verb === 'lost') return;
  // No other verb is a person's to say.
  if (verb !== 'found') throw new FobtwinError('forbidden', 'This is for staff to do.');
  const owner = principal.account && also(accountKey(principal.account));
  const least = strengthToFind(token, owner ?? {});
  if (!isAtLeast(principal.strength ?? 'password', least)) throw tooWeak(least);
  if (!token.holds.includes('lost')) return;
  const lostAt = token.ownWord?.lostAt;
  if (lostAt === undefined) {
    throw new FobtwinError('notAllowedNow', 'Somebody else has reported this token lost.', {
      nextStep: 'Contact customer support.',
    });
  }
  const heldSince = setUpAt(principal, also);
  if (heldSince === undefined || heldSince > lostAt) {
    throw new FobtwinError(
      'notAllowedNow',
      'This needs a code of something that was yours before the token was lost.',
      { nextStep: 'Elevate by that, or contact customer support.' },
    );
  }
  const finds = recentFinds(token, now);
  const [oldest = now] = finds;
  if (finds.length < FINDS_A_DAY_MAX) return;
  throw new FobtwinError('tooManyRequests', `It was found ${finds.length} times in a day.`, {
    nextStep: 'Wait, or contact customer support.',
    retryAfterSeconds: Math.max(1, Math.ceil((oldest + DAY_MILLIS - now) / 1000)),
  });
}

/** When that was set up whose code the person has given; undefined for nothing of the own. */
function setUpAt({ account, proved }: Principal, also: Also): UnixMillis | undefined {
  if (proved?.serial !== undefined) return also(tokenKey(proved.serial))?.registeredAt;
  const phone = proved?.issued?.phone;
  if (account === undefined || phone === undefined) return undefined;
  return also(phonesKey(account))?.phones.find(({ id }) => id === phone)?.verifiedAt;
}

/**
 * A proofed token is not found again by the word of whoever has bought another authenticator.
 *
 * @throws FobtwinError `strengthTooLow`
 */
export function refuseUnvouched(
  { serial, entitlement }: TokenRecord,
  also: Also,
  caller: Caller,
): void {
  const under = entitlement && also(credentialKey(entitlement.credential));
  if (under?.serial !== serial || !lendsProofing(under)) return;
  if (!hasVouched(under, caller)) throw notVouched();
}

/** The token with whose word it is lost by. The very record where nothing is to be kept. */
export function withWord(
  token: TokenRecord,
  verb: LifeVerb,
  { isOwn, now }: { readonly isOwn: boolean; readonly now: UnixMillis },
): TokenRecord {
  if (verb !== 'lost' && verb !== 'found') return token;
  const finds = recentFinds(token, now);
  const ownWord: OwnWord = {
    ...(isOwn && verb === 'lost' ? { lostAt: now } : {}),
    foundAt: isOwn && verb === 'found' ? [...finds, now] : finds,
  };
  if (ownWord.lostAt !== undefined || ownWord.foundAt.length > 0) return { ...token, ownWord };
  const { ownWord: _, ...rest } = token;
  return rest;
}

/** What a clock that was set back has still before it is not counted. */
const recentFinds = ({ ownWord }: TokenRecord, now: UnixMillis): readonly UnixMillis[] =>
  (ownWord?.foundAt ?? []).filter((at) => at > now - DAY_MILLIS && at <= now);

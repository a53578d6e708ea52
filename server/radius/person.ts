import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId, Digits, UnixMillis } from '../../shared/types.ts';
import type { AccountService } from '../accounts/port.ts';
import { type AccountRecord, isDisabled } from '../accounts/record.ts';
import type { PhoneService } from '../phones/port.ts';
import { phoneToSendTo } from '../phones/sign-in-code.ts';
import type { TokenService } from '../tokens/port.ts';
import { standingAt } from '../tokens/standing.ts';
import type { ClientPolicy, SignInPolicy } from './port.ts';

/** Whoever signs in, as far as it is known, and what is asked of him. */
export interface Person {
  /** Undefined for an unknown one; a disabled one is refused by whoever tests what it gives. */
  readonly account: AccountRecord | undefined;
  readonly policy: SignInPolicy;
  /** The group of the client that the policy is of. */
  readonly group?: string | undefined;
}

/** The account, or undefined where it has gone meanwhile. */
export async function readAccount(
  id: AccountId,
  accounts: Pick<AccountService, 'get'>,
): Promise<AccountRecord | undefined> {
  try {
    return await accounts.get(id);
  } catch (error) {
    if (error instanceof FobtwinError && error.code === 'notFound') return undefined;
    throw error;
  }
}

/** The first group that the account is of has its policy; an unknown one is of none. */
export function personOf(account: AccountRecord | undefined, policy: ClientPolicy): Person {
  if (account === undefined || policy.groups === undefined) return { account, policy };
  const group = policy.groups.find(
    ({ organisation, role }) =>
      (organisation === undefined || organisation === account.organisation) &&
      (role === undefined || (account.roles ?? ['user']).includes(role)),
  );
  return group === undefined ? { account, policy } : { account, policy: group, group: group.name };
}

export const hasToken = ({ account }: Person): boolean => (account?.serials.length ?? 0) > 0;

/** Whether a code can come of him: of a token, or by a phone that is enough here. */
async function hasCodes(
  person: Person,
  now: UnixMillis,
  phones: Pick<PhoneService, 'usable'>,
): Promise<boolean> {
  if (hasToken(person)) return true;
  const { account, policy } = person;
  if (account === undefined) return false;
  const { requiredStrength } = policy;
  return (await phoneToSendTo(account.id, { now, requiredStrength }, phones)) !== undefined;
}

/** Whoever has no token or phone here, unless he has been disabled here. */
export const isStillElsewhere = async (
  person: Person,
  now: UnixMillis,
  phones: Pick<PhoneService, 'usable'>,
): Promise<boolean> =>
  !(person.account !== undefined && isDisabled(person.account)) &&
  !(await hasCodes(person, now, phones));

/** During a roll-out, for whoever has no token or phone yet. */
export const passwordSuffices = async (
  person: Person,
  now: UnixMillis,
  phones: Pick<PhoneService, 'usable'>,
): Promise<boolean> =>
  now < (person.policy.passwordOnlyUntil ?? 0) && !(await hasCodes(person, now, phones));

const USUAL_DIGITS: Digits = 6;

/** How many digits the code has that is asked for: those of the token that would be tested. */
export async function codeDigits(
  { account }: Person,
  now: UnixMillis,
  tokens: Pick<TokenService, 'get'>,
): Promise<Digits> {
  let latest: Digits | undefined;
  for (const serial of account?.serials.toReversed() ?? []) {
    const detail = await tokens.get(serial).catch(() => undefined);
    if (detail === undefined) continue;
    const { parameters } = detail.token;
    if (standingAt(detail.token, now).holds.length === 0) return parameters.digits;
    latest ??= parameters.digits;
  }
  return latest ?? USUAL_DIGITS;
}

import { type AccountId, parseSerial, type Serial, type UnixMillis } from '../../shared/types.ts';
import { standInFor } from '../accounts/names.ts';
import type { AccountService } from '../accounts/port.ts';
import type { TokenDetail, TokenService } from '../tokens/port.ts';
import { standingAt } from '../tokens/standing.ts';
import { CompatError } from './errors.ts';
import { type Parameters, required } from './parameters.ts';

/** Whom a request is about. */
export interface Subject {
  /** Undefined for somebody whom nobody knows. */
  readonly account: AccountId | undefined;
  /** Where the request named one: only its codes count. */
  readonly serial?: Serial;
  /** As typed. */
  readonly user: string;
}

/** @throws CompatError 905 */
export async function subjectOf(
  parameters: Parameters,
  {
    accounts,
    tokens,
  }: {
    readonly accounts: Pick<AccountService, 'resolve'>;
    readonly tokens: Pick<TokenService, 'get'>;
  },
): Promise<Subject> {
  const named = parameters.get('serial') ?? '';
  if (named === '') {
    const user = required(parameters, 'user');
    return { account: await accounts.resolve(user), user };
  }
  const serial = parseSerial(named);
  if (serial === undefined) throw new CompatError(905, "Malformed parameter: 'serial'");
  const known = await tokens.get(serial).catch(() => undefined);
  const account = known?.token.account;
  const user = parameters.get('user') ?? '';
  // The caller believes it is asking about `user`: somebody else's token is nobody's for it.
  if (user !== '' && (account === undefined || (await accounts.resolve(user)) !== account)) {
    return { account: undefined, user: standInFor(`${user} ${serial}`) };
  }
  return { account, serial, user: account ?? named };
}

/** The token whose code is asked for: the one registered last of those that may be used. */
export async function tokenOf(
  { account, serial }: Pick<Subject, 'account' | 'serial'>,
  tokens: Pick<TokenService, 'list'>,
  now: UnixMillis,
): Promise<TokenDetail | undefined> {
  if (account === undefined) return undefined;
  const { items } = await tokens.list({ account, life: 'registered', limit: 50 });
  const named = items.find(({ token }) => token.serial === serial);
  const usable = items.filter(({ token }) => standingAt(token, now).holds.length === 0);
  const latest = [...(usable.length > 0 ? usable : items)].sort(
    (a, b) => (a.token.registeredAt ?? 0) - (b.token.registeredAt ?? 0),
  );
  return named ?? latest.at(-1);
}

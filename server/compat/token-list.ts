import { parseSerial } from '../../shared/types.ts';
import type { AccountService } from '../accounts/port.ts';
import type { TokenDetail, TokenListQuery, TokenService } from '../tokens/port.ts';
import type { Policy } from '../verification/policy.ts';
import { CompatError } from './errors.ts';
import type { Parameters } from './parameters.ts';
import { typeOf } from './replies.ts';

/** `GET /token/`: tokens as privacyIDEA lists them. */

export interface TokenListParts {
  readonly tokens: Pick<TokenService, 'get' | 'list'>;
  readonly accounts: Pick<AccountService, 'resolve'>;
  readonly policy: Pick<Policy, 'lockAfterFailures' | 'lookAhead' | 'resyncCounters'>;
}

const PAGE_SIZE = 15;
const PAGE_SIZE_MAX = 500;
/** Further in, the list is for /v1: every page here reads all that come before it. */
const TOKENS_MAX = 10_000;

export async function listTokens(parameters: Parameters, parts: TokenListParts): Promise<object> {
  const page = numberOf(parameters, 'page', { least: 1, greatest: TOKENS_MAX, or: 1 });
  const size = numberOf(parameters, 'pagesize', {
    least: 1,
    greatest: PAGE_SIZE_MAX,
    or: PAGE_SIZE,
  });
  const wanted = await wantedTokens(parameters, parts);
  const from = (page - 1) * size;
  const count = wanted.length;
  return {
    count,
    current: page,
    next: from + size < count ? page + 1 : null,
    prev: page > 1 ? page - 1 : null,
    tokens: wanted
      .slice(from, from + size)
      .map((detail, place) => view(detail, from + place + 1, parts)),
  };
}

async function wantedTokens(
  parameters: Parameters,
  { tokens, accounts }: TokenListParts,
): Promise<readonly TokenDetail[]> {
  const serialText = parameters.get('serial');
  if (serialText) {
    const serial = parseSerial(serialText);
    const known = serial && (await tokens.get(serial).catch(() => undefined));
    return known ? [known] : [];
  }
  const user = parameters.get('user');
  if (!user) return everyToken({}, tokens);
  const account = await accounts.resolve(user);
  if (account === undefined) throw new CompatError(904, 'User does not exist.');
  return everyToken({ account }, tokens);
}

async function everyToken(
  query: Pick<TokenListQuery, 'account'>,
  tokens: Pick<TokenService, 'list'>,
): Promise<readonly TokenDetail[]> {
  const found: TokenDetail[] = [];
  let after: string | null = '';
  while (after !== null && found.length < TOKENS_MAX) {
    const range: TokenListQuery = { ...query, after, limit: PAGE_SIZE_MAX };
    const page = await tokens.list(range);
    found.push(...page.items);
    after = page.next;
  }
  return found.slice(0, TOKENS_MAX);
}

/** @throws CompatError 905 */
export function numberOf(
  parameters: Parameters,
  name: string,
  { least, greatest, or }: { readonly least: number; readonly greatest: number; or: number },
): number {
  const text = parameters.get(name);
  if (text === undefined || text === '') return or;
  const number = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= greatest) return number;
  throw new CompatError(905, `Parameter '${name}' is a number from ${least} to ${greatest}.`);
}

const HOLDS_THAT_END_USE = ['disabled', 'suspended', 'lost', 'adminLocked'] as const;

function view(detail: TokenDetail, id: number, { policy }: TokenListParts): object {
  const { token, factor } = detail;
  const { parameters, life, holds } = token;
  const isActive =
    life === 'registered' && !HOLDS_THAT_END_USE.some((hold) => holds.includes(hold));
  return {
    active: isActive,
    count: factor.factor.type === 'event' ? factor.factor.nextCounter : factor.factor.lastStep + 1,
    count_window: policy.lookAhead,
    description: token.model ?? '',
    failcount: factor.failures.failuresInRow,
    id,
    info: {
      hashlib: parameters.algorithm.toLowerCase(),
      ...(parameters.type === 'time' ? { timeStep: String(parameters.stepSeconds) } : {}),
    },
    locked: holds.includes('locked'),
    maxfail: policy.lockAfterFailures,
    otplen: parameters.digits,
    realms: [],
    resolver: '',
    revoked: life === 'revoked',
    rollout_state: life === 'stocked' ? 'verify' : 'enrolled',
    serial: token.serial,
    sync_window: policy.resyncCounters,
    tokentype: typeOf(detail).toUpperCase(),
    user_editable: false,
    user_id: token.account ?? '',
    user_realm: '',
    username: token.account ?? '',
  };
}
